import pytest

from guestlist.domain.outcome import Outcome, RunKind, RunState
from guestlist.domain.reason import Reason
from guestlist.store import runs
from guestlist.store.database import Database
from guestlist.store.work import finish
from tests.store.rows import NOW, SECOND, a_page, a_queue, a_run, claim, created, the_run


def test_a_run_is_read_back_as_it_was_asked_for(database: Database) -> None:
    with database.begin() as conn:
        a_run(conn, "r_0", kind=RunKind.ERRORS)
        made = a_run(conn, list_id="42", list_version=7, parent="r_0", limit=10, now=NOW + SECOND)
    assert the_run(database) == made
    assert (made.kind, made.state, made.created_at) == (
        RunKind.LIST,
        RunState.RUNNING,
        NOW + SECOND,
    )
    assert (made.list_id, made.list_version, made.parent, made.limit) == ("42", 7, "r_0", 10)


def test_a_run_asked_for_twice_is_one_run(database: Database) -> None:
    with database.begin() as conn:
        first = a_run(conn)
        assert a_run(conn, lane="interactive") == first


def test_a_run_that_is_not_there_is_none(database: Database) -> None:
    with database.begin() as conn:
        assert runs.get(conn, "r_1") is None
        assert runs.recent(conn) == []


def test_the_newest_run_comes_first_by_object_and_state(database: Database) -> None:
    with database.begin() as conn:
        for number in range(4):
            kind = "contacts" if number < 3 else "companies"
            a_run(conn, f"r_{number}", object=kind, now=NOW + number * SECOND)
        runs.set_state(conn, "r_1", RunState.PAUSED, now=NOW)
        assert [run.id for run in runs.recent(conn)] == ["r_3", "r_2", "r_1", "r_0"]
        assert [run.id for run in runs.recent(conn, object="contacts", limit=1)] == ["r_2"]
        assert [run.id for run in runs.recent(conn, states=[RunState.PAUSED])] == ["r_1"]


REACHABLE = {
    RunState.RUNNING: {RunState.PAUSED, RunState.CANCELLED, RunState.STOPPED},
    RunState.PAUSED: {RunState.RUNNING, RunState.CANCELLED, RunState.STOPPED},
    RunState.CANCELLED: set(),
    RunState.STOPPED: set(),
    RunState.COMPLETE: set(),
}


@pytest.mark.parametrize("start", RunState)
@pytest.mark.parametrize("wanted", RunState)
def test_a_run_moves_only_where_its_state_lets_it(
    database: Database, start: RunState, wanted: RunState
) -> None:
    with database.begin() as conn:
        a_run(conn)
        if start is RunState.COMPLETE:
            runs.checkpoint(conn, "r_1", cursor=None, added=0, enumerating=False)
            assert runs.finish_if_done(conn, "r_1", NOW)
        elif start is not RunState.RUNNING:
            assert runs.set_state(conn, "r_1", start, now=NOW)
        moved = runs.set_state(conn, "r_1", wanted, now=NOW)
    assert moved == (wanted in REACHABLE[start])
    assert the_run(database).state is (wanted if moved else start)


def test_a_run_stopped_early_says_why_and_ends_when_nothing_waits(database: Database) -> None:
    a_queue(database, ["1"])
    with database.begin() as conn:
        claim(conn, ["1"], "mine")
        runs.set_state(conn, "r_1", RunState.STOPPED, reason=Reason.LIST_NOT_ACTIVE, now=NOW)
    run = the_run(database)
    assert (run.reason, run.finished_at, run.waiting) == (Reason.LIST_NOT_ACTIVE, None, 1)
    with database.begin() as conn:
        finish(conn, "r_1", "mine", [created("1")], now=NOW)
        assert runs.finish_if_done(conn, "r_1", NOW + SECOND)
    run = the_run(database)
    assert (run.state, run.finished_at) == (RunState.STOPPED, NOW + SECOND)


def test_a_run_completes_once_when_all_is_enumerated_and_has_its_outcome(
    database: Database,
) -> None:
    with database.begin() as conn:
        a_run(conn)
        a_page(conn, ["1"], last=False)
        claim(conn, ["1"], "mine")
        finish(conn, "r_1", "mine", [created("1")], now=NOW)
        assert not runs.finish_if_done(conn, "r_1", NOW), "enumerating"
        a_page(conn, ["2"])
        assert not runs.finish_if_done(conn, "r_1", NOW), "one waits"
        claim(conn, ["2"], "mine too")
        finish(conn, "r_1", "mine too", [created("2")], now=NOW)
        assert runs.finish_if_done(conn, "r_1", NOW + SECOND)
        assert not runs.finish_if_done(conn, "r_1", NOW + 2 * SECOND)
    run = the_run(database)
    assert (run.state, run.finished_at) == (RunState.COMPLETE, NOW + SECOND)
    assert run.outcomes == dict.fromkeys(Outcome, 0) | {Outcome.CREATED: 2}


def test_one_producer_enumerates_until_its_lease_is_over(database: Database) -> None:
    until = NOW + 60 * SECOND
    with database.begin() as conn:
        a_run(conn)
        assert runs.idle_producers(conn, now=NOW) == ["r_1"]
        assert runs.take_producer(conn, "r_1", "a", until=until, now=NOW)
        assert runs.take_producer(conn, "r_1", "a", until=until, now=NOW + SECOND), "renewed"
        assert not runs.take_producer(conn, "r_1", "b", until=until, now=NOW + SECOND)
        assert runs.idle_producers(conn, now=NOW) == []
        assert runs.idle_producers(conn, now=until) == ["r_1"]
        assert runs.take_producer(conn, "r_1", "b", until=until + SECOND, now=until)
        assert not runs.take_producer(conn, "r_1", "a", until=until, now=until), "it slept"
        runs.release_producer(conn, "r_1", "a")
        assert runs.idle_producers(conn, now=until) == []
        runs.release_producer(conn, "r_1", "b")
        assert runs.take_producer(conn, "r_1", "c", until=until, now=NOW)
    assert the_run(database).started_at == NOW


@pytest.mark.parametrize("state", [RunState.PAUSED, RunState.CANCELLED, RunState.STOPPED])
def test_nobody_enumerates_a_run_that_is_not_running(database: Database, state: RunState) -> None:
    with database.begin() as conn:
        a_run(conn)
        runs.set_state(conn, "r_1", state, now=NOW)
        assert not runs.take_producer(conn, "r_1", "a", until=NOW + SECOND, now=NOW)
        assert runs.idle_producers(conn, now=NOW) == []


def test_nobody_enumerates_a_list_that_was_read_to_its_end(database: Database) -> None:
    a_queue(database, ["1"])
    with database.begin() as conn:
        assert not runs.take_producer(conn, "r_1", "a", until=NOW + SECOND, now=NOW)


def test_the_cursor_moves_with_the_rows_and_not_after_the_end(database: Database) -> None:
    with database.begin() as conn:
        a_run(conn)
        assert runs.checkpoint(conn, "r_1", cursor="p2", added=3, enumerating=True)
        assert runs.set_state(conn, "r_1", RunState.CANCELLED, now=NOW)
        assert not runs.checkpoint(conn, "r_1", cursor="p3", added=3, enumerating=True)
    run = the_run(database)
    assert (run.cursor, run.enumerated, run.enumerating) == ("p2", 3, False)


def test_calls_add_up(database: Database) -> None:
    with database.begin() as conn:
        a_run(conn)
        runs.add_calls(conn, "r_1", hubspot=11)
        runs.add_calls(conn, "r_1", hubspot=1, salesforce=2)
    run = the_run(database)
    assert (run.hubspot_calls, run.salesforce_calls) == (12, 2)


def test_a_live_run_over_a_list_is_found(database: Database) -> None:
    with database.begin() as conn:
        a_run(conn, list_id="42")
        found = runs.under_way(conn, "contacts", "42")
        assert found is not None
        assert runs.under_way(conn, "contacts", "43") is None
        runs.set_state(conn, "r_1", RunState.CANCELLED, now=NOW)
        assert runs.under_way(conn, "contacts", "42") is None
