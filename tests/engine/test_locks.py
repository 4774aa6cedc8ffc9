"""Who locks what first: no two transactions of ours wait for each other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from guestlist.domain.outcome import Outcome, RunState
from guestlist.domain.reason import Reason
from guestlist.engine.launch import cancel
from guestlist.engine.sweep import sweep
from guestlist.store import runs, work
from guestlist.store.work import Finished, Parked
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.services.processes import wait_until

LEASE = "ours"


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Only PostgreSQL: SQLite has one lock for all writers."""
    return postgres_url


@pytest.fixture
def here(install: Install) -> Installation:
    """A run whose records a worker holds."""
    here = install()
    here.contacts(4)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    until = here.now() + timedelta(seconds=300)
    with here.services.database.begin() as conn:
        assert work.claim(conn, run.id, here.rows(), lease=LEASE, until=until, now=here.now())
    return here


def _someone_waits(here: Installation) -> bool:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with here.services.database.read() as conn:
        return bool(conn.execute(waiting).scalar())


def test_a_batch_that_is_parked_and_a_run_that_is_cancelled(here: Installation) -> None:
    """Parking took rows before their run, cancelling the run before its rows: a deadlock."""
    run = here.latest()
    assert run
    keys, now = sorted(here.rows()), here.now()

    def park() -> None:
        with here.services.database.begin() as conn:
            later = [Parked(key, now, Reason.RETRY_AT) for key in keys]
            assert work.park(conn, run.id, LEASE, later)
            runs.add_calls(conn, run.id, hubspot=1)

    with ThreadPoolExecutor() as threads:
        with here.services.database.begin() as conn:
            runs.set_state(conn, run.id, RunState.CANCELLED, now=now)
            parking = threads.submit(park)
            wait_until(lambda: _someone_waits(here), what="the parking's wait")
            work.cancel_waiting(conn, run.id, now=now + timedelta(seconds=301))
        assert parking.exception() is None or isinstance(parking.exception(), AssertionError)


def test_a_sweep_and_a_worker_that_ends_late(here: Installation) -> None:
    """The sweep took rows whose lease is over before their run, the worker the run before them."""
    run = here.latest()
    assert run
    keys = sorted(here.rows())
    here.move(301)
    ended = [Finished(key, Outcome.UNCHANGED, Reason.UNCHANGED) for key in keys]
    with ThreadPoolExecutor() as threads:
        with here.services.database.begin() as conn:
            runs.lock(conn, run.id)
            sweeping = threads.submit(sweep, here.worker())
            wait_until(lambda: _someone_waits(here), what="the sweep's wait")
            assert work.finish(conn, run.id, LEASE, ended, now=here.now()) == frozenset(keys)
        assert sweeping.exception() is None


def test_a_cancel_that_meets_a_deadlock_is_carried_out_all_the_same(here: Installation) -> None:
    run = here.latest()
    assert run
    here.move(301)
    by_hand = {
        "SET LOCAL deadlock_timeout = '1min'": {},
        "SELECT 1 FROM work WHERE run_id = :run FOR UPDATE": {"run": run.id},
    }
    with ThreadPoolExecutor() as threads:
        with here.services.database.begin() as conn:
            for statement, parameters in by_hand.items():
                conn.execute(text(statement), parameters)
            cancelling = threads.submit(cancel, here.worker(), run.id, by="tester")
            wait_until(lambda: _someone_waits(here), what="the cancelling's wait")
            runs.lock(conn, run.id)
        ended = cancelling.result()
    assert ended.state is RunState.CANCELLED
    assert {row.outcome for row in here.rows().values()} == {Outcome.CANCELLED}
