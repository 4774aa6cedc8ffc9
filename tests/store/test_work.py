from datetime import timedelta

import pytest

from guestlist.domain.outcome import Outcome, RunState, WorkState
from guestlist.domain.reason import Reason
from guestlist.domain.write import Change
from guestlist.store import listing, runs, work
from guestlist.store.database import Database
from guestlist.store.work import Finished, Parked
from tests.store.rows import LEASE, NOW, SECOND, a_page, a_queue, a_run, claim, created, the_run

KEYS = ["11", "2", "3"]


def test_a_key_enumerated_twice_is_one_row_counted_once(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        assert a_page(conn, [*KEYS, "4"]) == 1
    assert the_run(database).enumerated == 4


def test_an_ended_run_takes_no_work(database: Database) -> None:
    with database.begin() as conn:
        a_run(conn)
        runs.set_state(conn, "r_1", RunState.CANCELLED, now=NOW)
        assert a_page(conn, KEYS) == 0
    assert the_run(database).enumerated == 0


def test_an_unknown_run_takes_no_work(database: Database) -> None:
    with database.begin() as conn:
        assert work.add(conn, "r_none", [("1", None)], now=NOW) == 0


def test_a_claim_counts_the_attempt_and_brings_the_age_of_the_proof(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        claimed = claim(conn, ["2", "unheard of"], "mine")
    assert [tuple(row) for row in claimed] == [("2", 1, NOW)]


def test_two_claims_never_share_a_row(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        assert len(claim(conn, KEYS, "mine")) == 3
    with database.begin() as conn:
        assert claim(conn, KEYS, "yours") == []


@pytest.mark.parametrize("state", [RunState.PAUSED, RunState.CANCELLED, RunState.STOPPED])
def test_nothing_is_claimed_of_a_run_that_is_not_running(
    database: Database, state: RunState
) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        assert runs.set_state(conn, "r_1", state, now=NOW)
        assert claim(conn, KEYS, "mine") == []


def test_results_are_stored_and_counted_in_the_same_transaction(database: Database) -> None:
    a_queue(database, KEYS)
    change = Change("salesforce", "LastName", None, 'Zoë "\u0000" \N{SNOWMAN}')
    done = Finished(
        "2",
        Outcome.CREATED,
        Reason.SYNCED,
        {"list": "9"},
        (change,),
        ("Contact", "003AB00000Xq1ZaYAJ"),
    )
    with database.begin() as conn:
        claim(conn, KEYS, "mine")
        assert work.finish(conn, "r_1", "mine", [done], now=NOW + SECOND) == {"2"}
    with database.read() as conn:
        (row,) = listing.page(conn, "r_1", state=WorkState.DONE)
    assert (row.outcome, row.reason, row.facts) == (Outcome.CREATED, Reason.SYNCED, {"list": "9"})
    assert row.changes == (change,)
    assert row.twin == ("Contact", "003AB00000Xq1ZaYAJ")
    assert (row.finished_at, row.due_at, row.attempts) == (NOW + SECOND, None, 1)
    assert (the_run(database).created, the_run(database).waiting) == (1, 2)


def test_a_rolled_back_batch_leaves_rows_and_counters_as_they_were(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        claim(conn, KEYS, "mine")
    with database.engine.connect() as conn:
        conn.begin()
        assert work.finish(conn, "r_1", "mine", [created("2")], now=NOW) == {"2"}
        conn.rollback()
    with database.read() as conn:
        assert listing.page(conn, "r_1", state=WorkState.DONE) == []
    assert the_run(database).created == 0


def test_a_lost_lease_changes_nothing_and_counts_nothing(database: Database) -> None:
    a_queue(database, KEYS)
    later = NOW + LEASE
    with database.begin() as conn:
        claim(conn, KEYS, "slow")
        claim(conn, ["2", "3"], "quick", now=later)
    with database.begin() as conn:
        assert work.finish(conn, "r_1", "slow", [*map(created, KEYS)], now=later) == {"11"}
        assert work.park(conn, "r_1", "slow", [Parked("2", later, Reason.RETRY_AT)]) == frozenset()
        assert work.finish(conn, "r_1", "quick", [created("2")], now=later) == {"2"}
        assert work.finish(conn, "r_1", "quick", [created("2")], now=later) == frozenset()
    assert the_run(database).created == 2


def test_a_result_named_twice_counts_once(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        claim(conn, KEYS, "mine")
        work.finish(conn, "r_1", "mine", [created("2"), created("2")], now=NOW)
    assert the_run(database).created == 1


def test_results_for_keys_of_another_run_count_nothing(database: Database) -> None:
    a_queue(database, KEYS)
    a_queue(database, ["9"], "r_2")
    with database.begin() as conn:
        claim(conn, KEYS, "mine")
        assert work.finish(conn, "r_2", "mine", [created("9"), created("2")], now=NOW) == set()
        assert work.finish(conn, "r_1", "mine", [created("9")], now=NOW) == set()
    assert the_run(database).enumerated == 3


def test_an_expired_lease_is_claimed_anew_and_held_by_one(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        claim(conn, KEYS, "killed")
        assert claim(conn, KEYS, "early", now=NOW + LEASE - SECOND) == []
        again = claim(conn, KEYS, "next", now=NOW + LEASE)
        assert [row.attempts for row in again] == [2, 2, 2]
        until = NOW + 2 * LEASE
        assert not work.renew(conn, "r_1", "killed", KEYS, until=until, now=NOW + LEASE)
        assert work.renew(conn, "r_1", "next", KEYS, until=until, now=NOW + LEASE)


def test_nothing_is_held_once_the_lease_is_over(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        claim(conn, KEYS, "mine")
        assert not work.renew(conn, "r_1", "mine", KEYS, until=NOW + 2 * LEASE, now=NOW + LEASE)


def test_a_parked_row_comes_back_when_it_is_due(database: Database) -> None:
    a_queue(database, KEYS)
    due = NOW + 40 * SECOND
    with database.begin() as conn:
        claim(conn, KEYS, "mine")
        row = Parked("2", due, Reason.LIST_STALE, {"list": "9"}, tried=False)
        assert work.park(conn, "r_1", "mine", [row]) == {"2"}
        assert claim(conn, ["2"], "early", now=due - SECOND) == []
        (waiting,) = listing.page(conn, "r_1", state=WorkState.WAITING)
        assert (waiting.reason, waiting.facts, waiting.due_at) == (row.reason, row.facts, due)
        assert [row.attempts for row in claim(conn, ["2"], "later", now=due)] == [1]


def test_a_failed_try_counts_when_it_is_parked(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        claim(conn, KEYS, "mine")
        work.park(conn, "r_1", "mine", [Parked("2", NOW + SECOND, Reason.RETRY_AT)])
        assert [row.attempts for row in claim(conn, ["2"], "later", now=NOW + SECOND)] == [2]


def sent(database: Database, after_s: float, *, limit: int = 100) -> list[tuple[str, list[str]]]:
    """What a tick that many seconds after the start hands out; a message is given 30 s."""
    now = NOW + timedelta(seconds=after_s)
    with database.begin() as conn:
        found = work.dispatchable(conn, now=now, after=now - 30 * SECOND, limit=limit)
    return [(batch.run_id, batch.keys) for batch in found]


def test_rows_whose_message_was_lost_are_sent_again_after_a_while(database: Database) -> None:
    a_queue(database, KEYS)
    assert sent(database, 29) == []
    assert sent(database, 30) == [("r_1", sorted(KEYS))]
    assert sent(database, 31) == []
    assert sent(database, 60) == [("r_1", sorted(KEYS))]


def test_rows_that_were_not_announced_are_sent_at_the_next_tick(database: Database) -> None:
    with database.begin() as conn:
        a_run(conn)
        a_page(conn, KEYS, dispatched=False)
    assert sent(database, 0) == [("r_1", sorted(KEYS))]


def test_due_and_abandoned_rows_are_sent_and_held_ones_are_not(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        claim(conn, KEYS, "mine")
        work.park(conn, "r_1", "mine", [Parked("2", NOW + 100 * SECOND, Reason.RETRY_AT)])
        work.finish(conn, "r_1", "mine", [created("3")], now=NOW)
    assert sent(database, 99) == []
    assert sent(database, 100) == [("r_1", ["2"])]
    assert sent(database, 300) == [("r_1", ["11", "2"])]


def test_rows_are_handed_out_by_how_often_they_were_tried(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        claim(conn, ["2"], "mine")
        work.park(conn, "r_1", "mine", [Parked("2", NOW + SECOND, Reason.RETRY_AT)])
        now = NOW + 30 * SECOND
        found = work.dispatchable(conn, now=now, after=NOW, limit=9)
    assert [(batch.attempts, batch.keys) for batch in found] == [(0, ["11", "3"]), (1, ["2"])]


def test_a_long_run_does_not_keep_another_waiting(database: Database) -> None:
    a_queue(database, [str(number) for number in range(10, 30)])
    a_queue(database, ["7"], "r_2", lane="interactive")
    assert sent(database, 30, limit=5)[-1] == ("r_2", ["7"])
    assert [len(keys) for _, keys in sent(database, 31, limit=50)] == [15]


def test_no_more_is_sent_of_a_run_than_was_taken(database: Database) -> None:
    """Sweep after sweep sent as many again, of all who were let in at once, whoever took them."""
    with database.begin() as conn:
        a_run(conn)
        a_page(conn, [str(number) for number in range(10, 20)], dispatched=False)
    (first,) = (keys for _, keys in sent(database, 0, limit=4))
    assert len(first) == 4
    assert sent(database, 5, limit=4) == []
    with database.begin() as conn:
        claim(conn, first[:3], "mine", now=NOW + 6 * SECOND)
    (more,) = (keys for _, keys in sent(database, 10, limit=4))
    assert len(more) == 3
    assert not set(more) & set(first)


def test_a_paused_run_is_not_sent_and_comes_back_at_once(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        runs.set_state(conn, "r_1", RunState.PAUSED, now=NOW)
    assert sent(database, 60) == []
    with database.begin() as conn:
        runs.set_state(conn, "r_1", RunState.RUNNING, now=NOW)
        work.undispatch(conn, "r_1")
    assert sent(database, 1) == [("r_1", sorted(KEYS))]


def test_E4_a_retry_whose_message_the_broker_lost_is_sent_again_at_once(database: Database) -> None:
    a_queue(database, ["2"])
    with database.begin() as conn:
        claim(conn, ["2"], "mine")
        work.park(conn, "r_1", "mine", [Parked("2", NOW + SECOND, Reason.RETRY_AT)])
    assert sent(database, 1) == [("r_1", ["2"])]
    assert sent(database, 2) == []
    with database.begin() as conn:
        work.undispatch_all(conn)
    assert sent(database, 2) == [("r_1", ["2"])]


def test_in_flight_are_the_queued_and_the_claimed(database: Database) -> None:
    a_queue(database, KEYS)
    with database.begin() as conn:
        claim(conn, ["11", "2"], "mine")
        work.park(conn, "r_1", "mine", [Parked("2", NOW + SECOND, Reason.RETRY_AT)])
        assert work.in_flight(conn, "r_1") == 2


def test_a_cancelled_run_ends_what_nobody_holds_and_the_rest_as_it_ends(database: Database) -> None:
    a_queue(database, [*KEYS, "4", "5"])
    with database.begin() as conn:
        claim(conn, ["2", "3", "4"], "mine")
        work.park(conn, "r_1", "mine", [Parked("4", NOW + SECOND, Reason.RETRY_AT)])
        assert work.cancel_waiting(conn, "r_1", now=NOW) == 0, "still running"
        runs.set_state(conn, "r_1", RunState.CANCELLED, now=NOW)
        assert work.cancel_waiting(conn, "r_1", now=NOW) == 3
        assert work.finish(conn, "r_1", "mine", [created("2")], now=NOW) == {"2"}
        assert not runs.finish_if_done(conn, "r_1", NOW)
        assert [run.waiting for run in runs.unfinished(conn)] == [1]
        assert work.cancel_waiting(conn, "r_1", now=NOW + LEASE) == 1
        assert runs.finish_if_done(conn, "r_1", NOW + LEASE)
        assert runs.unfinished(conn) == []
        assert work.finish(conn, "r_1", "mine", [created("3")], now=NOW + LEASE) == frozenset()
    run = the_run(database)
    assert (run.state, run.created, run.cancelled, run.waiting) == (RunState.CANCELLED, 1, 4, 0)
