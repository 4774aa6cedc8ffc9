"""One installation of real processes in which workers die, stop or fail at named steps."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import celery
import requests
from kombu.exceptions import OperationalError
from redis import RedisError
from sqlalchemy import func, select

from guestlist import failpoint
from guestlist.domain.outcome import WorkState
from guestlist.failpoint import Action
from guestlist.store.database import Database
from guestlist.store.tables import runs, work
from schemas.settings import Settings
from tests.kill.stage import Stage, stage
from tests.kill.troupe import Troupe
from worker.options import celery_options
from worker.queues import (
    POLL_AUDIT,
    POLL_HUBSPOT,
    POLL_JOINS,
    POLL_LEAVES,
    POLL_SALESFORCE,
    SWEEP,
)

LEASE_S, PROOF_S = 1.5, 2.0
STOPPED_S = LEASE_S + PROOF_S + 0.5
"""A stop outlasts every lease and every proof, as 60 seconds do with the settings of every day."""
PATIENCE_S = 60.0
EVERY_S = 0.25
STIR_EVERY_S = 2.5
POOL = ("--pool", "prefork", "--concurrency", "3", "--without-gossip", "--without-mingle")
LOOKS = (SWEEP, POLL_HUBSPOT, POLL_SALESFORCE, POLL_JOINS, POLL_LEAVES)
FAULTY = {"crm": "hubspot", "kind": "status", "route": "POST */batch/read", "times": 1}
SESSION_OVER = {"crm": "salesforce", "kind": "unauthorized", "times": 1}

TOML = f"""\
[flow]
lease_s = {LEASE_S}
dispatch_after_s = 1

[retries]
first_s = 0.2
cap_s = 1
attempts = 30

[guards]
settle_s = 0.5
proof_age_s = {PROOF_S}
list_cache_s = 0.5

[polls]
hubspot_s = 0.5
salesforce_s = 0.5
joins_s = 0.5
leaves_s = 1
audit_s = 1

[[objects.contacts.fields]]
hubspot = "jobtitle"
rule = "two_way"

[[objects.contacts.fields]]
hubspot = "city"
rule = "two_way"
"""


class Theatre:
    """A world, its workers, and a hand on every failpoint; the test itself plays beat."""

    def __init__(self, it: Stage, database: Database, points: Path) -> None:
        self.it = it
        self.troupe = Troupe(it)
        self._database = database
        self._points = points
        self._beat = celery.Celery("beat", set_as_current=False)
        self._beat.conf.update(
            celery_options(Settings(broker_url=it.environ["GUESTLIST_BROKER_URL"]))
        )

    # --- one act ------------------------------------------------------------------------------

    def play(self, action: Action, points: Sequence[str]) -> tuple[set[str], list[str]]:
        """Let *action* befall the workers once at each of the points, then wait for quiet.

        Return which points were hit, and what is wrong then.
        """
        since = len(self.it.journal())
        hit: set[str] = set()
        # Stopped one after the other, so that others take over what each has in hand.
        for part in [[each] for each in points] if action is Action.STOP else [points]:
            hit |= self._befall(action, part)
        return hit, self.ends_well(since)

    def _befall(self, action: Action, points: Sequence[str]) -> set[str]:
        """Arm these points, and stir until each was hit; which were."""
        for name in points:
            (self._points / name).write_text(action)
        hit: set[str] = set()
        end, stir_at = time.monotonic() + PATIENCE_S, 0.0
        while len(hit) < len(points) and time.monotonic() < end:
            if time.monotonic() > stir_at:
                self.stir(*points)
                stir_at = time.monotonic() + STIR_EVERY_S
            self._tick(POLL_AUDIT, *LOOKS)
            for name in set(points) - hit:
                pid = self._marked(name)
                if pid is not None:
                    hit.add(name)
                    self._after(action, pid)
        for name in set(points) - hit:
            (self._points / name).unlink(missing_ok=True)
        return hit

    def _marked(self, name: str) -> int | None:
        """Return which process acted at a point, and forget it."""
        mark = self._points / f"{name}.hit"
        if not mark.exists():
            return None
        pid = int(mark.read_text())
        mark.unlink()
        return pid

    def _after(self, action: Action, pid: int) -> None:
        match action:
            case Action.STOP:
                until = time.monotonic() + STOPPED_S
                while time.monotonic() < until:
                    self._tick(*LOOKS)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            case Action.KILL_MAIN:
                self.it.kill("worker")
                self.it.restart("worker")
            case _:
                pass

    def stir(self, *points: str) -> None:
        """Let people edit, and see to it that workers come by *points*."""
        self.troupe.stir()
        if "settings.read_anew" in points:
            os.utime(self.it.folder / "guestlist.toml")
        if "sweep.stamped" in points:
            self.fault(FAULTY)
        if any(name.startswith("token.") for name in points):
            self.fault(SESSION_OVER)

    def _until_quiet(self) -> bool:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self._tick(*LOOKS)
            if not self._live() and self.troupe.settled():
                return True
        return False

    # --- what is true then --------------------------------------------------------------------

    def _complaints(self, since: int) -> Iterator[str]:
        yield from self.troupe.complaints(since)
        yield from self._unaccounted()

    def _unaccounted(self) -> Iterator[str]:
        """Yield every run that does not add up (I8); one that a poll has just made may be live."""
        done = func.count(work.c.outcome).label("done")
        ended = (
            select(work.c.run_id, func.count().label("rows"), done)
            .group_by(work.c.run_id)
            .subquery()
        )
        query = select(
            runs.c.id, runs.c.finished_at, runs.c.enumerated, ended.c.rows, ended.c.done
        ).join(ended, ended.c.run_id == runs.c.id)
        with self._database.read() as connection:
            for id, finished_at, enumerated, rows, done in connection.execute(query):
                if enumerated != rows or (finished_at and rows != done):
                    yield f"I8: run {id}: {enumerated} enumerated, {rows} rows, {done} ended"

    def quiet_rounds(self, number: int) -> list[dict[str, Any]]:
        """Look at everything so many times more; what was written meanwhile."""
        before = self.it.journal()
        for _ in range(number):
            self._tick(POLL_AUDIT, *LOOKS)
        self._until_quiet()
        return self.it.journal()[len(before) :]

    def _live(self) -> bool:
        query = select(func.count()).where(runs.c.finished_at.is_(None))
        with self._database.read() as connection:
            return bool(connection.execute(query).scalar_one())

    def send(self, task: str, *arguments: Any, **options: Any) -> None:
        """Publish a task, if the broker is there and takes it."""
        with suppress(OperationalError, RedisError):
            self._beat.send_task(task, arguments, retry=False, **options)

    def under_way(self) -> tuple[str, list[str]] | None:
        """Return a run and those of its records that a worker holds right now."""
        held = select(work.c.run_id, work.c.key).where(work.c.state == WorkState.CLAIMED)
        with self._database.read() as connection:
            rows = connection.execute(held.order_by(work.c.run_id)).all()
        keys = [row.key for row in rows if row.run_id == rows[0].run_id]
        return (rows[0].run_id, keys) if rows else None

    def look_until(self, holds: Callable[[], bool], *, what: str) -> None:
        """Let polls and sweeps go by until it holds."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"{what} did not come true"
            self._tick(*LOOKS)

    def ends_well(self, since: int) -> list[str]:
        """Wait for quiet; return what is wrong then with what was written behind entry *since*."""
        quiet = self._until_quiet()
        return [*self._complaints(since), *([] if quiet else ["I6: it did not come to rest"])]

    def _tick(self, *tasks: str) -> None:
        for task in tasks:
            self.send(task, expires=5)
        time.sleep(EVERY_S)

    def fault(self, rule: Mapping[str, Any]) -> None:
        """Let a CRM go wrong."""
        url = f"{self.it.sandbox['hubspot']}/sandbox/faults"
        assert requests.post(url, json=rule, timeout=30).status_code == 200


@contextmanager
def theatre(folder: Path, database_url: str) -> Iterator[Theatre]:
    """Give a world in step and a worker of three processes, each of which can be armed."""
    points = folder / "failpoints"
    points.mkdir()
    (folder / "guestlist.toml").write_text(TOML)
    with stage(folder, database_url, **{failpoint.ENV: str(points)}) as it:
        it.start_redis()
        it.start_sandbox("--contacts", "0", "--seed", "matrix", "--no-limits")
        it.guestlist("database", "upgrade")
        it.guestlist("list", "use", it.sandbox["lists"]["inclusion"], "--yes")
        it.guestlist("follow", "on", "--yes")
        database = Database(database_url)
        try:
            made = Theatre(it, database, points)
            made.troupe.gather()
            it.worker("worker", *POOL)
            it.guestlist("sync", "start", "--yes")
            wrong = made.ends_well(0)
            assert not wrong, wrong
            yield made
        finally:
            database.dispose()
