from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.write import Agreed, Sides
from guestlist.store import links
from guestlist.store.database import Database
from guestlist.store.links import Link, TwinTaken, decode_agreed, encode_agreed
from tests.services.processes import PATIENCE, wait_until
from tests.store.rows import NOW, SECOND

AGREED: Agreed = {"email": Sides("zoë@example.org", "zoë@example.org"), "phone": Sides("1", None)}

values = st.none() | st.text()
agreed_values = st.dictionaries(st.text(), st.builds(Sides, values, values))


def a_link(key: str, twin_id: str, **changes: Any) -> Link:
    link = Link(key, "Contact", twin_id, AGREED, NOW, NOW)
    return link._replace(**changes)


@given(agreed_values)
def test_agreed_values_survive_storage(agreed: Agreed) -> None:
    assert decode_agreed(encode_agreed(agreed)) == agreed


def test_equal_sides_are_stored_once() -> None:
    assert encode_agreed({"a": Sides("x", "x"), "b": Sides(None, "y"), "c": Sides(None, None)}) == (
        '{"a":"x","b":[null,"y"],"c":null}'
    )


def test_links_are_found_by_either_id(database: Database) -> None:
    mine = a_link("1", "003A", agreed={"bio": Sides("\u0000 'quoted' \\ \N{SNOWMAN}", "")})
    with database.begin() as conn:
        assert links.put_many(conn, "contacts", [mine, a_link("2", "003B")]) == []
        assert links.get_many(conn, "contacts", ["1", "3"]) == {"1": mine}
        assert links.by_twin(conn, "contacts", ["003A", "003Z"]) == {"003A": mine}
        assert links.get_many(conn, "companies", ["1"]) == {}
        assert links.get_many(conn, "contacts", []) == {}


def test_a_link_stored_again_is_replaced_and_remembers_since_when_they_are_twins(
    database: Database,
) -> None:
    later = NOW + SECOND
    renewed = a_link("1", "003A", agreed={}, linked_at=later, agreed_at=later)
    moved = a_link("2", "003C", linked_at=later)
    with database.begin() as conn:
        links.put_many(conn, "contacts", [a_link("1", "003A"), a_link("2", "003B")])
        assert links.put_many(conn, "contacts", [renewed, moved]) == []
        found = links.get_many(conn, "contacts", ["1", "2"])
    assert found == {"1": renewed._replace(linked_at=NOW), "2": moved}


def test_a_twin_that_is_taken_is_reported_and_the_others_are_stored(database: Database) -> None:
    with database.begin() as conn:
        links.put_many(conn, "contacts", [a_link("1", "003A")])
        new = [a_link("2", "003A"), a_link("3", "003C"), a_link("4", "003C"), a_link("5", "003D")]
        taken = links.put_many(conn, "contacts", new)
        stored = links.get_many(conn, "contacts", ["1", "2", "3", "4", "5"])
    assert sorted(taken, key=lambda each: each.key) == [
        TwinTaken("2", "003A", "1"),
        TwinTaken("4", "003C", "3"),
    ]
    assert sorted(stored) == ["1", "3", "5"]


def test_the_same_twin_may_serve_another_object(database: Database) -> None:
    with database.begin() as conn:
        assert links.put_many(conn, "contacts", [a_link("1", "001A")]) == []
        assert links.put_many(conn, "companies", [a_link("1", "001A")]) == []


def test_a_race_for_a_twin_has_one_winner(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("one writer at a time: the second sees the first")
    taken: list[TwinTaken] = []

    def second() -> None:
        with database.begin() as conn:
            taken.extend(links.put_many(conn, "contacts", [a_link("2", "003A")]))

    with database.begin() as conn:
        links.put_many(conn, "contacts", [a_link("1", "003A")])
        racer = Thread(target=second)
        racer.start()
        wait_until(lambda: _somebody_waits(database), what="a wait for the first link")
    racer.join(PATIENCE)
    assert taken == [TwinTaken("2", "003A", "1")]


def _somebody_waits(database: Database) -> bool:
    with database.read() as conn:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool(conn.exec_driver_sql(waiting).scalar_one())


def test_leaving_the_list_keeps_the_link(database: Database) -> None:
    with database.begin() as conn:
        links.put_many(conn, "contacts", [a_link("1", "003A")])
        assert links.mark_left(conn, "contacts", ["1", "2"], left_at=NOW) == 1
        assert links.mark_left(conn, "contacts", ["1"], left_at=NOW + SECOND) == 0
        assert links.get_many(conn, "contacts", ["1"])["1"].left_at == NOW
        links.put_many(conn, "contacts", [a_link("1", "003A")])
        assert links.get_many(conn, "contacts", ["1"]) == {"1": a_link("1", "003A")}


def test_a_removed_link_frees_its_twin(database: Database) -> None:
    with database.begin() as conn:
        links.put_many(conn, "contacts", [a_link("1", "003A")])
        assert links.remove(conn, "contacts", ["1", "2"]) == 1
        assert links.put_many(conn, "contacts", [a_link("2", "003A")]) == []
