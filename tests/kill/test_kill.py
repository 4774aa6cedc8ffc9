"""Kill -9 of all that may be killed while a list is synced: the run ends, and it is right."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from guestlist.domain.outcome import RunState
from guestlist.store import listing, runs
from guestlist.store.database import Database
from guestlist.store.listing import WorkRow
from guestlist.store.runs import Run
from tests.kill.stage import CHILDREN, NARROW, QUICK, THREADS, Stage, stage
from tests.services.processes import wait_until

CONTACTS = 2500
CALL_S = 0.3
"""How long a Salesforce call takes until the last kill: the sync outlasts the killing."""

pytestmark = pytest.mark.processes


class State:
    """A run in the database, seen from outside."""

    def __init__(self, database: Database, run_id: str) -> None:
        self._database = database
        self._run_id = run_id

    @property
    def run(self) -> Run:
        with self._database.read() as connection:
            found = runs.get(connection, self._run_id)
        assert found
        return found

    @property
    def rows(self) -> list[WorkRow]:
        with self._database.read() as connection:
            return listing.page(connection, self._run_id, limit=100_000)

    @property
    def ended(self) -> int:
        """How many records have their outcome."""
        run = self.run
        return run.enumerated - run.waiting

    def goes_on(self) -> None:
        """Wait until the workers have got something done again."""
        enough = self.ended + 30
        wait_until(lambda: self.ended >= enough, what="30 more outcomes")


@contextmanager
def _syncing(it: Stage, database_url: str) -> Iterator[State]:
    """Let everything run, and start a list sync."""
    it.start_redis()
    it.start_sandbox("--contacts", str(CONTACTS), "--seed", "kill", "--no-limits")
    it.slow_down("salesforce", CALL_S)
    it.guestlist("database", "upgrade")
    it.guestlist("list", "use", it.sandbox["lists"]["inclusion"], "--yes")
    it.worker("threads", *THREADS)
    it.worker("children", *CHILDREN)
    it.celery("beat", "beat")
    started = it.guestlist("sync", "start", "--yes")
    database = Database(database_url)
    yield State(database, started["id"])
    database.dispose()


def test_a_list_sync_survives_the_death_of_its_workers_and_of_redis(
    database_url: str, tmp_path: Path
) -> None:
    with (
        stage(tmp_path, database_url, **QUICK, **NARROW) as it,
        _syncing(it, database_url) as state,
    ):
        _kill_them_all(it, state)
        it.hurry()
        wait_until(lambda: state.run.state is RunState.COMPLETE, what="the run's end")
        _adds_up(state)
        _is_right(it)


def _kill_them_all(it: Stage, state: State) -> None:
    """One death after the other, each once the run has gone on from the one before."""
    state.goes_on()
    it.kill("threads")
    it.restart("threads")
    state.goes_on()
    it.kill_child("children")
    state.goes_on()
    it.kill_redis()
    it.start_redis()
    state.goes_on()
    it.kill("children")
    it.kill("threads")
    it.restart("children")
    it.restart("threads")
    state.goes_on()
    it.kill("beat")
    it.restart("beat")
    it.kill_child("children")
    assert state.run.waiting, "the run was over before the last kill"


def _adds_up(state: State) -> None:
    run, rows = state.run, state.rows
    assert run.enumerated == len(rows) == sum(run.outcomes.values()) > CONTACTS / 5
    counted = Counter(row.outcome for row in rows)
    assert {outcome: count for outcome, count in run.outcomes.items() if count} == counted


def _is_right(it: Stage) -> None:
    """No duplicate, nobody from outside the list, and nothing left to write."""
    inclusion, journal = it.sandbox["lists"]["inclusion"], it.journal()
    inside = [entry["lists"].get(inclusion) for entry in journal]
    assert inside == [{"by_filter": True, "evaluated": True}] * len(journal)
    created = Counter(e["contact_id"] for e in journal if e["operation"] == "create")
    assert [key for key, count in created.items() if count > 1] == []
    rows = it.records("Contact") + it.records("Lead")
    twins = Counter(row["fields"].get("HubSpot_Contact_Id__c") for row in rows)
    del twins[None]
    assert [key for key, count in twins.items() if count > 1] == []
    it.guestlist("sync", "start", "--wait", "--yes", code=1)
    assert it.journal() == journal
