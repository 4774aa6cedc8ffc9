from typing import Any

from guestlist.domain.outcome import Outcome, WorkState
from guestlist.domain.reason import Reason
from guestlist.store import listing, work
from guestlist.store.database import Database
from guestlist.store.listing import Tally
from guestlist.store.work import Finished, Parked
from tests.store.rows import NOW, SECOND, a_queue, claim, created


def a_run_half_done(database: Database) -> None:
    a_queue(database, ["1", "10", "2", "3", "4"])
    held = Finished("2", Outcome.HELD, Reason.NOT_IN_LIST, {"list": "42"})
    with database.begin() as conn:
        claim(conn, ["1", "10", "2", "3"], "mine")
        work.finish(conn, "r_1", "mine", [created("1"), created("10"), held], now=NOW)
        work.park(conn, "r_1", "mine", [Parked("3", NOW + SECOND, Reason.RETRY_AT)])


def test_counts_say_where_every_row_is(database: Database) -> None:
    a_run_half_done(database)
    with database.read() as conn:
        counts = listing.outcomes(conn, "r_1")
    assert counts[0] == Tally(WorkState.DONE, Outcome.CREATED, Reason.SYNCED, 2)
    assert set(counts[1:]) == {
        Tally(WorkState.DONE, Outcome.HELD, Reason.NOT_IN_LIST, 1),
        Tally(WorkState.WAITING, None, Reason.RETRY_AT, 1),
        Tally(WorkState.QUEUED, None, None, 1),
    }


def test_rows_are_paged_by_key_and_filtered(database: Database) -> None:
    a_run_half_done(database)
    with database.read() as conn:

        def page(**filters: Any) -> list[str]:
            return [row.key for row in listing.page(conn, "r_1", **filters)]

        assert page() == ["1", "10", "2", "3", "4"]
        assert page(limit=2, after_key="1") == ["10", "2"]
        assert page(outcome=Outcome.CREATED) == ["1", "10"]
        assert page(reason=Reason.NOT_IN_LIST) == ["2"]
        assert page(state=WorkState.QUEUED) == ["4"]


def test_the_history_of_a_record_begins_with_its_newest_run(database: Database) -> None:
    a_run_half_done(database)
    a_queue(database, ["2", "4"], "r_2", now=NOW + SECOND)
    a_queue(database, ["2"], "r_3", object="companies", now=NOW + 2 * SECOND)
    with database.read() as conn:
        rows = listing.history(conn, "contacts", ["2"])
        assert [row.run_id for row in rows] == ["r_2", "r_1"]
        assert [row.run_id for row in listing.history(conn, "contacts", ["2"], limit=1)] == ["r_2"]
        assert listing.history(conn, "contacts", ["5"]) == []
    assert rows[1].facts == {"list": "42"}
