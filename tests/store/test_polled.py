from guestlist.domain.membership import Looked
from guestlist.domain.outcome import ASKED_FOR, Outcome, RunKind
from guestlist.domain.reason import Reason
from guestlist.store import linked, links, polled, runs
from guestlist.store.database import Database
from guestlist.store.links import Link
from tests.store.rows import NOW, SECOND, a_queue, a_run, claim, ended

CHANGES = RunKind.CHANGES


def test_what_waits_is_counted_over_the_runs_of_one_kind(database: Database) -> None:
    a_queue(database, ["1", "2"], "c_1", kind=CHANGES)
    a_queue(database, ["2", "3"], "c_2", kind=CHANGES)
    a_queue(database, ["4"], "j_1", kind=RunKind.JOINS)
    a_queue(database, ["5"], "c_3", kind=CHANGES, object="companies")
    ended(database, "c_4", ["6"], kind=CHANGES)
    with database.begin() as conn:
        claim(conn, ["1"], "mine", run_id="c_1")
        assert polled.in_flight(conn, "contacts", CHANGES) == 4
        assert polled.in_flight(conn, "contacts", RunKind.LEAVES) == 0


def test_how_looks_ended_is_told_for_the_records_asked_about(database: Database) -> None:
    ended(database, "c_1", ["1", "2"], kind=CHANGES)
    a_queue(database, ["1", "3"], "r_2")
    with database.read() as conn:
        found = polled.looks(conn, "contacts", ["1", "3"], since=NOW)
        assert found == [Looked("1", Outcome.CREATED, Reason.SYNCED, NOW)]
        assert polled.looks(conn, "contacts", ["1"], since=NOW + SECOND) == []
        assert polled.looks(conn, "companies", ["1"], since=NOW) == []


def test_a_history_can_leave_the_runs_of_polls_out(database: Database) -> None:
    ended(database, "c_1", ["1"], kind=CHANGES)
    a_queue(database, ["1"], "r_1")
    with database.read() as conn:
        assert [run.id for run in runs.recent(conn, kinds=ASKED_FOR)] == ["r_1"]
        assert [run.id for run in runs.recent(conn, kinds=[CHANGES])] == ["c_1"]


def test_what_polls_found_in_a_list_is_no_run_over_it(database: Database) -> None:
    a_queue(database, ["1"], "j_1", kind=RunKind.JOINS, list_id="42")
    with database.begin() as conn:
        assert runs.under_way(conn, "contacts", "42") is None
        a_run(conn, "r_1", list_id="42")
        found = runs.under_way(conn, "contacts", "42")
    assert found is not None
    assert found.id == "r_1"


def test_linked_records_are_paged_by_key_whether_or_not_they_left(database: Database) -> None:
    with database.begin() as conn:
        left = {"2": NOW}
        new = [
            Link(key, "Contact", f"003{key}", {}, NOW, NOW, left.get(key))
            for key in ("3", "1", "2")
        ]
        links.put_many(conn, "contacts", new)
        assert linked.page(conn, "contacts", limit=2) == ["1", "2"]
        assert linked.page(conn, "contacts", after_key="2") == ["3"]
        assert linked.page(conn, "companies") == []
