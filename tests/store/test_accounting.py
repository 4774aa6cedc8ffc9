"""Enumerated = the sum of the outcomes + waiting, whatever happens in whatever order."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count
from random import Random
from threading import Thread
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from guestlist.domain.outcome import Outcome, RunState, WorkState
from guestlist.domain.reason import Reason
from guestlist.store import listing, runs, work
from guestlist.store.database import Database
from guestlist.store.runs import Run
from guestlist.store.work import Finished, Parked
from tests.services.processes import PATIENCE
from tests.store.rows import LEASE, NOW, SECOND, a_page, a_run, claim, the_run

ENDS = [outcome for outcome in Outcome if outcome is not Outcome.CANCELLED]

some_keys = st.lists(st.sampled_from("abcdef"), min_size=1, unique=True)
leases = st.integers(0, 4)
step = st.one_of(
    st.tuples(st.just("add"), some_keys),
    st.tuples(st.just("claim"), some_keys),
    st.tuples(st.just("finish"), leases, some_keys, st.sampled_from(ENDS)),
    st.tuples(st.just("crash"), leases, some_keys),
    st.tuples(st.just("park"), leases, some_keys, st.integers(0, 400)),
    st.tuples(st.just("expire")),
    st.tuples(st.just("turn"), st.sampled_from([RunState.PAUSED, RunState.RUNNING])),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("sweep")),
)


@dataclass
class Row:
    state: WorkState
    due_at: datetime
    lease: int = -1
    outcome: Outcome | None = None


@dataclass
class Model:
    """What the work table promises, in the plainest words, beside the table itself."""

    database: Database
    run_id: str
    now: datetime = NOW
    state: RunState = RunState.RUNNING
    rows: dict[str, Row] = field(default_factory=dict)
    claims: Iterator[int] = field(default_factory=count)

    def ours(self, lease: int, keys: list[str]) -> set[str]:
        rows = {key: self.rows[key] for key in keys if key in self.rows}
        return {
            key
            for key, row in rows.items()
            if row.state is WorkState.CLAIMED and row.lease == lease
        }

    def add(self, keys: list[str]) -> None:
        live = self.state in runs.LIVE
        new = [key for key in keys if live and key not in self.rows]
        with self.database.begin() as conn:
            assert a_page(conn, keys, self.run_id, now=self.now, last=False) == len(new)
        self.rows |= {key: Row(WorkState.QUEUED, self.now) for key in new}

    def claim(self, keys: list[str]) -> None:
        lease = next(self.claims)
        free = {
            key
            for key in keys
            if self.state is RunState.RUNNING
            and (row := self.rows.get(key)) is not None
            and row.state is not WorkState.DONE
            and row.due_at <= self.now
        }
        with self.database.begin() as conn:
            claimed = claim(conn, keys, f"lease {lease}", run_id=self.run_id, now=self.now)
        assert {row.key for row in claimed} == free
        for key in free:
            self.rows[key] = Row(WorkState.CLAIMED, self.now + LEASE, lease)

    def finish(self, lease: int, keys: list[str], outcome: Outcome) -> None:
        results = [Finished(key, outcome, Reason.SYNCED) for key in keys]
        ours = self.ours(lease, keys)
        with self.database.begin() as conn:
            assert work.finish(conn, self.run_id, f"lease {lease}", results, now=self.now) == ours
        for key in ours:
            self.rows[key] = Row(WorkState.DONE, self.now, outcome=outcome)

    def crash(self, lease: int, keys: list[str]) -> None:
        """The process dies, or the connection does, before the commit."""
        results = [Finished(key, Outcome.CREATED, Reason.SYNCED) for key in keys]
        with self.database.engine.connect() as conn:
            conn.begin()
            work.finish(conn, self.run_id, f"lease {lease}", results, now=self.now)
            conn.rollback()

    def park(self, lease: int, keys: list[str], seconds: int) -> None:
        due_at = self.now + seconds * SECOND
        ours = self.ours(lease, keys)
        with self.database.begin() as conn:
            rows = [Parked(key, due_at, Reason.RETRY_AT) for key in keys]
            assert work.park(conn, self.run_id, f"lease {lease}", rows) == ours
        for key in ours:
            self.rows[key] = Row(WorkState.WAITING, due_at)

    def expire(self) -> None:
        self.now += LEASE

    def turn(self, to: RunState) -> None:
        if self._set_state(to):
            self.state = to

    def cancel(self) -> None:
        if self._set_state(RunState.CANCELLED):
            self.state = RunState.CANCELLED

    def sweep(self) -> None:
        """What the upkeep does: end what nobody holds of a cancelled run."""
        free = {
            key
            for key, row in self.rows.items()
            if self.state is RunState.CANCELLED
            and row.state is not WorkState.DONE
            and (row.state is not WorkState.CLAIMED or row.due_at <= self.now)
        }
        with self.database.begin() as conn:
            assert work.cancel_waiting(conn, self.run_id, now=self.now) == len(free)
        for key in free:
            self.rows[key] = Row(WorkState.DONE, self.now, outcome=Outcome.CANCELLED)

    def agrees(self) -> None:
        with self.database.read() as conn:
            run = runs.get(conn, self.run_id)
            stored = listing.page(conn, self.run_id)
        assert run is not None
        adds_up(run, {row.key: row.outcome for row in stored})
        assert {row.key: (row.state, row.outcome) for row in stored} == {
            key: (row.state, row.outcome) for key, row in self.rows.items()
        }
        assert run.state is self.state

    def _set_state(self, to: RunState) -> bool:
        with self.database.begin() as conn:
            return runs.set_state(conn, self.run_id, to, now=self.now)


def adds_up(run: Run, outcomes: dict[str, Outcome | None]) -> None:
    ends = Counter(outcome for outcome in outcomes.values() if outcome is not None)
    assert run.enumerated == len(outcomes)
    assert run.outcomes == dict.fromkeys(Outcome, 0) | ends
    assert run.waiting == len(outcomes) - ends.total()


def test_the_counts_are_exact_after_every_step_of_any_history(database: Database) -> None:
    run_ids = count()

    @settings(max_examples=60, deadline=None)
    @given(st.lists(step, min_size=5, max_size=30))
    def the_law(history: list[tuple[str, ...]]) -> None:
        model = Model(database, f"r_{next(run_ids)}")
        with database.begin() as conn:
            a_run(conn, model.run_id, object=model.run_id)
        for name, *arguments in history:
            getattr(model, name)(*arguments)
            model.agrees()

    the_law()


def test_the_counts_are_exact_whatever_eight_workers_do_at_once(database: Database) -> None:
    keys = [f"{number:03}" for number in range(300)]
    with database.begin() as conn:
        a_run(conn)
        a_page(conn, keys)
    claimed_by: list[tuple[str, int]] = []
    failures: list[BaseException] = []

    def worker(number: int) -> None:
        try:
            _work(database, Random(number), keys, claimed_by)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [Thread(target=worker, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert failures == []
    run = the_run(database)
    with database.read() as conn:
        stored = listing.page(conn, "r_1", limit=1000)
    adds_up(run, {row.key: row.outcome for row in stored})
    assert run.waiting == 0
    assert len(claimed_by) == len(set(claimed_by)), "no two claims got the same try of a row"


def _work(
    database: Database, random: Random, keys: list[str], claimed_by: list[tuple[str, int]]
) -> None:
    """Take overlapping batches, let some leases run out and finish them late, until all is done."""
    now = NOW
    forgotten: list[tuple[str, list[str]]] = []
    while the_run(database).waiting:
        now += LEASE / 3
        lease, batch = uuid4().hex, random.sample(keys, 60)
        claimed = database.run(partial(claim, keys=batch, lease=lease, now=now))
        claimed_by += [(row.key, row.attempts) for row in claimed]
        forgotten.append((lease, [row.key for row in claimed]))
        if random.random() < 0.3:
            continue
        lease, done = forgotten.pop(random.randrange(len(forgotten)))
        results = [Finished(key, random.choice(ENDS), Reason.SYNCED) for key in done]
        database.run(partial(work.finish, run_id="r_1", lease=lease, results=results, now=now))
