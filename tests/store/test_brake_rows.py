"""The brake in the store: one truth for all workers, and nothing of it is judged twice."""

from typing import Any

import pytest
from sqlalchemy import Connection

from guestlist.domain.brake import Baseline, Cause, Hold
from guestlist.store import audit, inclusion
from guestlist.store.database import Database
from guestlist.store.inclusion import Chosen
from tests.store.rows import NOW, SECOND

AGREED = Baseline(1000, 3, "f1", NOW)
SET = Hold(Cause.FILTER, NOW + SECOND, 10_000, 4)


def choose(conn: Connection, **changes: Any) -> Chosen:
    values: dict[str, Any] = {"list_id": "42", "name": "Customers", "version": 3, "who": "ann"}
    inclusion.choose(conn, "contacts", now=NOW, baseline=AGREED, **values | changes)
    return the_choice(conn)


def the_choice(conn: Connection) -> Chosen:
    found = inclusion.get(conn, "contacts")
    assert found
    return found


def test_what_was_agreed_on_and_what_holds_are_read_back(database: Database) -> None:
    with database.begin() as conn:
        choice = choose(conn)
        assert (choice.baseline, choice.hold) == (AGREED, None)
        assert inclusion.hold(conn, "contacts", choice, SET, now=NOW)
        assert the_choice(conn) == choice._replace(hold=SET)


def test_of_two_who_set_the_brake_one_does_and_the_audit_says_it_once(database: Database) -> None:
    with database.begin() as conn:
        choice = choose(conn)
        assert inclusion.hold(conn, "contacts", choice, SET, now=NOW)
        assert not inclusion.hold(conn, "contacts", choice, SET, now=NOW)
        known = SET._replace(entered=9000, left=0)
        assert inclusion.hold(conn, "contacts", the_choice(conn), known, now=NOW)
        assert the_choice(conn).hold == known
        entries = [each for each in audit.recent(conn) if each.what == "list.held"]
    assert [(each.who, each.detail["cause"]) for each in entries] == [("guestlist", "filter")]


@pytest.mark.parametrize("by", ["bob", None])
def test_a_brake_that_came_off_is_off_with_a_new_baseline(
    database: Database, by: str | None
) -> None:
    new = Baseline(10_000, 4, "f2", None)
    with database.begin() as conn:
        inclusion.hold(conn, "contacts", choose(conn), SET, now=NOW)
        held = the_choice(conn)
        assert inclusion.release(conn, "contacts", held, new, by=by, now=NOW)
        assert not inclusion.release(conn, "contacts", held, new, by=by, now=NOW)
        assert (the_choice(conn).baseline, the_choice(conn).hold) == (new, None)
        last = audit.recent(conn, limit=1)[0]
        assert inclusion.waiting(conn) == [("contacts", SET.at)]
        assert inclusion.take_waiting(conn, "contacts", since=SET.at) == []
        assert inclusion.waiting(conn) == []
    assert last.who == (by or "guestlist")
    assert last.what == ("list.approved" if by else "list.released")


def test_an_answer_to_a_brake_that_is_another_by_now_counts_for_nothing(
    database: Database,
) -> None:
    with database.begin() as conn:
        inclusion.hold(conn, "contacts", choose(conn), SET, now=NOW)
        seen = the_choice(conn)
        assert inclusion.reject(conn, "contacts", seen, who="bob", now=NOW)
        assert not inclusion.reject(conn, "contacts", seen, who="eve", now=NOW)
        assert not inclusion.release(conn, "contacts", seen, AGREED, by="eve", now=NOW)
        held = the_choice(conn).hold
        assert held
        assert (held.rejected_by, held.rejected_at) == ("bob", NOW)


def test_choosing_takes_the_brake_off(database: Database) -> None:
    with database.begin() as conn:
        inclusion.hold(conn, "contacts", choose(conn), SET, now=NOW)
        again = choose(conn, list_id="43")
        assert (again.list_id, again.hold, again.baseline) == ("43", None, AGREED)


def test_a_judgement_of_a_list_that_was_chosen_away_counts_for_nothing(
    database: Database,
) -> None:
    with database.begin() as conn:
        before = choose(conn)
        choose(conn, list_id="43")
        assert not inclusion.hold(conn, "contacts", before, SET, now=NOW)
        assert not inclusion.agree(conn, "contacts", before, Baseline(1))
        assert the_choice(conn).baseline == AGREED
