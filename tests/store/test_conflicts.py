from guestlist.domain.write import Conflict, Sides
from guestlist.store import audit, conflicts
from guestlist.store.database import Database
from schemas.records import Crm
from tests.store.rows import NOW, SECOND

CITY = Conflict(
    "1", "city", Sides("Oslo\x00", "Rome"), Sides("Bern", None), Crm.HUBSPOT, NOW, NOW - SECOND
)
PHONE = Conflict("2", "phone", Sides(None, "47"), None, Crm.SALESFORCE)


def logged(database: Database, *decided: Conflict) -> list[int]:
    with database.begin() as conn:
        conflicts.put_many(conn, "contacts", decided, run_id="c_1", now=NOW)
        return [each.id for each in reversed(conflicts.page(conn, "contacts"))]


def test_a_conflict_survives_storage(database: Database) -> None:
    ids = logged(database, CITY, PHONE)
    with database.read() as conn:
        city, phone = (conflicts.get(conn, id) for id in ids)
        assert conflicts.get(conn, 0) is None
    assert city is not None
    assert phone is not None
    assert (city.conflict, city.lost, city.run_id, city.decided_at) == (CITY, "Rome", "c_1", NOW)
    assert (phone.conflict, phone.lost, phone.restored_at) == (PHONE, None, None)


def test_conflicts_are_paged_newest_first(database: Database) -> None:
    first, second = logged(database, CITY, PHONE)
    with database.read() as conn:
        assert [each.id for each in conflicts.page(conn)] == [second, first]
        assert [each.id for each in conflicts.page(conn, before_id=second)] == [first]
        assert [each.id for each in conflicts.page(conn, limit=1)] == [second]
        assert [each.id for each in conflicts.page(conn, "contacts", key="1")] == [first]
        assert conflicts.page(conn, "companies") == []


def test_no_conflicts_are_no_statement(database: Database) -> None:
    assert logged(database) == []


def test_a_value_asked_for_is_pending_until_it_is_back(database: Database) -> None:
    first, second = logged(database, CITY, PHONE)
    with database.begin() as conn:
        assert conflicts.pending(conn, "contacts", ["1", "2"]) == {}
        assert conflicts.ask_restore(conn, first, by="ann", now=NOW)
        assert conflicts.ask_restore(conn, second, by="ann", now=NOW)
        assert conflicts.pending(conn, "contacts", ["1", "2", "3"]) == {
            "1": {"city": (first, "Rome")},
            "2": {"phone": (second, None)},
        }
        assert conflicts.pending(conn, "companies", ["1"]) == {}
        assert conflicts.restored(conn, [first], now=NOW + SECOND) == 1
        assert conflicts.pending(conn, "contacts", ["1"]) == {}
        back = conflicts.get(conn, first)
    assert back is not None
    assert (back.restore_by, back.restore_asked_at, back.restored_at) == ("ann", NOW, NOW + SECOND)


def test_a_value_is_asked_for_once_and_that_is_audited(database: Database) -> None:
    (only,) = logged(database, CITY)
    with database.begin() as conn:
        assert conflicts.ask_restore(conn, only, by="ann", now=NOW)
        assert not conflicts.ask_restore(conn, only, by="bob", now=NOW)
        assert not conflicts.ask_restore(conn, only + 1, by="bob", now=NOW)
        (entry,) = audit.recent(conn)
    assert (entry.what, entry.who, entry.detail) == ("conflict.restore", "ann", {"conflict": only})


def test_of_two_values_of_one_field_the_latest_asked_for_counts(database: Database) -> None:
    first, second = logged(database, CITY, CITY._replace(values=Sides("Paris", "Kyiv")))
    with database.begin() as conn:
        conflicts.ask_restore(conn, second, by="ann", now=NOW)
        conflicts.ask_restore(conn, first, by="ann", now=NOW + SECOND)
        assert conflicts.pending(conn, "contacts", ["1"]) == {"1": {"city": (first, "Rome")}}
        assert conflicts.restored(conn, [first], now=NOW + SECOND) == 2
        assert conflicts.pending(conn, "contacts", ["1"]) == {}


def test_what_was_asked_for_meanwhile_stays_pending(database: Database) -> None:
    first, second = logged(database, CITY, CITY._replace(values=Sides("Paris", "Kyiv")))
    with database.begin() as conn:
        conflicts.ask_restore(conn, first, by="ann", now=NOW)
        conflicts.ask_restore(conn, second, by="ann", now=NOW + SECOND)
        assert conflicts.restored(conn, [first], now=NOW + SECOND) == 1
        assert conflicts.pending(conn, "contacts", ["1"]) == {"1": {"city": (second, "Kyiv")}}


def test_a_look_takes_back_its_own_entries_alone(database: Database) -> None:
    with database.begin() as conn:
        first = conflicts.foresee(conn, "contacts", [CITY, PHONE], run_id="c_1", now=NOW)
        second = conflicts.foresee(conn, "contacts", [CITY], run_id="c_1", now=NOW)
        conflicts.take_back(conn, [*second.values()])
        assert {each.conflict: each.id for each in conflicts.page(conn)} == first


def test_what_was_carried_out_is_logged_once_though_an_earlier_look_foresaw_it(
    database: Database,
) -> None:
    with database.begin() as conn:
        conflicts.foresee(conn, "contacts", [CITY, PHONE], run_id="c_1", now=NOW)
        other = conflicts.foresee(conn, "contacts", [CITY], run_id="c_2", now=NOW)
        own = conflicts.foresee(conn, "contacts", [CITY], run_id="c_1", now=NOW)
        conflicts.put_many(conn, "contacts", [CITY, PHONE], run_id="c_1", now=NOW, own=own.values())
        left = {each.id: each.conflict for each in conflicts.page(conn)}
    assert [*left.values()].count(PHONE) == 1
    assert {id for id, one in left.items() if one == CITY} == {*own.values(), *other.values()}
