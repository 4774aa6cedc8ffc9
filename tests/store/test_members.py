from collections.abc import Iterable
from datetime import datetime

import pytest
from sqlalchemy.engine import Connection

from guestlist.store import members
from guestlist.store.database import Database
from guestlist.store.members import Shift
from schemas.records import Member
from tests.store.rows import NOW, SECOND

OF = ("contacts", "42")


def people(keys: Iterable[str], joined_at: datetime | None = NOW) -> list[Member]:
    return [Member(key, joined_at) for key in keys]


def enumerated(
    conn: Connection, keys: Iterable[str], *, generation: int, left: Iterable[str] | None = None
) -> Shift:
    """An enumeration from its first page to its end."""
    members.mark(conn, *OF, people(keys), generation=generation)
    absent = members.absent(conn, *OF, generation=generation)
    out = absent if left is None else left
    return members.complete(conn, *OF, generation=generation, left=out, now=NOW)


def test_a_complete_enumeration_tells_who_entered_and_who_left(database: Database) -> None:
    with database.begin() as conn:
        assert enumerated(conn, "123", generation=1) == Shift(people("123"), [])
        assert enumerated(conn, "234", generation=2) == Shift(people("4"), ["1"])
        assert enumerated(conn, "234", generation=3) == Shift([], [])
        assert members.page(conn, *OF) == ["2", "3", "4"]
        assert members.count(conn, *OF) == 3


def test_an_enumeration_that_breaks_off_changes_nothing(database: Database) -> None:
    with database.begin() as conn:
        enumerated(conn, "123", generation=1)
        members.mark(conn, *OF, people("29"), generation=2)
        assert members.page(conn, *OF) == ["1", "2", "3"]
        assert enumerated(conn, "123", generation=3) == Shift([], [])
        assert members.page(conn, *OF) == ["1", "2", "3"]
        assert members.enter(conn, *OF, people("9"), generation=4, now=NOW) == people("9")


def test_only_those_known_to_be_out_are_dropped(database: Database) -> None:
    with database.begin() as conn:
        enumerated(conn, "123", generation=1)
        assert enumerated(conn, "3", generation=2, left=["1"]) == Shift([], ["1"])
        assert members.page(conn, *OF) == ["2", "3"]


def test_whom_the_enumeration_saw_is_not_dropped(database: Database) -> None:
    with database.begin() as conn:
        enumerated(conn, "12", generation=1)
        assert enumerated(conn, "12", generation=2, left=["1"]) == Shift([], [])


def test_who_joins_while_an_enumeration_runs_is_not_absent_from_it(database: Database) -> None:
    with database.begin() as conn:
        enumerated(conn, "1", generation=1)
        members.mark(conn, *OF, people("1"), generation=2)
        assert members.enter(conn, *OF, people("2"), generation=3, now=NOW) == people("2")
        assert members.absent(conn, *OF, generation=2) == []
        assert members.seen_by(conn, *OF, generation=2) == 2
        assert members.complete(conn, *OF, generation=2, left=[], now=NOW) == Shift([], [])
        assert members.page(conn, *OF) == ["1", "2"]


def test_who_joined_before_is_taken_in_without_being_told_of(database: Database) -> None:
    later = people("3", NOW + SECOND)
    with database.begin() as conn:
        found = [*people("12"), *later, *people("4", None)]
        members.mark(conn, *OF, found, generation=1)
        since = NOW + SECOND
        shift = members.complete(conn, *OF, generation=1, left=[], now=NOW, joined_since=since)
        assert shift == Shift(later, [])
        assert members.page(conn, *OF) == ["1", "2", "3", "4"]


def test_joining_is_told_once(database: Database) -> None:
    with database.begin() as conn:
        assert members.enter(conn, *OF, people("21"), generation=1, now=NOW) == people("12")
        assert members.enter(conn, *OF, people("12"), generation=2, now=NOW) == []
        assert members.enter(conn, *OF, [], generation=2, now=NOW) == []


def test_joining_anew_is_told_again(database: Database) -> None:
    later = people("1", NOW + SECOND)
    with database.begin() as conn:
        members.enter(conn, *OF, people("12"), generation=1, now=NOW)
        assert members.enter(conn, *OF, later, generation=2, now=NOW) == later
        assert members.enter(conn, *OF, later, generation=3, now=NOW) == []


def test_joining_anew_that_an_enumeration_saw_first_is_told_by_either(database: Database) -> None:
    later = people("1", NOW + SECOND)
    with database.begin() as conn:
        members.enter(conn, *OF, people("1"), generation=1, now=NOW)
        members.mark(conn, *OF, later, generation=2)
        assert members.enter(conn, *OF, later, generation=2, now=NOW) == later
        assert members.complete(conn, *OF, generation=2, left=[], now=NOW) == Shift([], [])
        latest = people("1", NOW + 2 * SECOND)
        members.mark(conn, *OF, latest, generation=3)
        assert members.complete(conn, *OF, generation=3, left=[], now=NOW) == Shift(latest, [])
        assert members.enter(conn, *OF, latest, generation=4, now=NOW) == []


def test_a_joining_without_a_time_is_one_too(database: Database) -> None:
    unknown = people("1", None)
    with database.begin() as conn:
        assert members.enter(conn, *OF, unknown, generation=1, now=NOW) == unknown
        assert members.enter(conn, *OF, unknown, generation=2, now=NOW) == []


@pytest.mark.parametrize("kept", [None, "42"])
def test_lists_are_apart_and_forgotten_apart(database: Database, kept: str | None) -> None:
    with database.begin() as conn:
        for list_id in ("41", "42"):
            members.enter(conn, "contacts", list_id, people("12"), generation=1, now=NOW)
        members.enter(conn, "companies", "43", people("1"), generation=1, now=NOW)
        assert members.drop(conn, "contacts", but=kept) == (2 if kept else 4)
        assert members.count(conn, "contacts", "41") == 0
        assert members.count(conn, *OF) == (2 if kept else 0)
        assert members.count(conn, "companies", "43") == 1


def test_members_are_paged_by_key(database: Database) -> None:
    keys = [str(n) for n in range(3000)]
    with database.begin() as conn:
        assert len(members.enter(conn, *OF, people(keys), generation=1, now=NOW)) == 3000
        first = members.page(conn, *OF, limit=2000)
        rest = members.page(conn, *OF, after_key=first[-1], limit=2000)
    assert first + rest == sorted(keys)


def test_whom_we_wrote_unseen_can_be_missed(database: Database) -> None:
    with database.begin() as conn:
        enumerated(conn, "1", generation=1)
        members.let_in(conn, *OF, "219", now=NOW)
        assert members.page(conn, *OF) == ["1", "2", "9"]
        assert enumerated(conn, "12", generation=2) == Shift(people("2"), ["9"])


def test_whom_we_wrote_while_a_reading_saw_them_can_be_missed_though_it_broke_off(
    database: Database,
) -> None:
    with database.begin() as conn:
        enumerated(conn, "1", generation=1)
        members.mark(conn, *OF, people("2"), generation=2)
        members.let_in(conn, *OF, "2", now=NOW)
        assert enumerated(conn, "1", generation=3) == Shift([], ["2"])


def test_whom_we_know_already_is_as_before_once_written(database: Database) -> None:
    with database.begin() as conn:
        enumerated(conn, "12", generation=1)
        members.let_in(conn, *OF, "12", now=NOW + SECOND)
        assert enumerated(conn, "12", generation=2) == Shift([], [])
