"""One installation of real processes in which workers die, stop or fail at named steps."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import celery
import requests
from sqlalchemy import func, select

from guestlist import failpoint
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
        for name in points:
            (self._points / name).write_text(action)
        self._stir(points)
        hit = self._until_hit(action, points)
        for name in set(points) - hit:
            (self._points / name).unlink(missing_ok=True)
        quiet = self._until_quiet()
        return hit, [*self._complaints(since), *([] if quiet else ["I6: it did not come to rest"])]

    def _until_hit(self, action: Action, points: Sequence[str]) -> set[str]:
        stopped: dict[int, float] = {}
        hit: set[str] = set()
        end, stir_at = time.monotonic() + PATIENCE_S, time.monotonic() + STIR_EVERY_S
        while (len(hit) < len(points) or stopped) and time.monotonic() < end:
            self._tick(POLL_AUDIT, *LOOKS)
            for name in points:
                marked = self._points / f"{name}.hit"
                if name in hit or not marked.exists():
                    continue
                hit.add(name)
                pid = int(marked.read_text())
                marked.unlink()
                if action is Action.STOP:
                    stopped[pid] = time.monotonic() + STOPPED_S
                if action is Action.KILL_MAIN:
                    self.it.kill("worker")
                    self.it.restart("worker")
            for pid in [pid for pid, until in stopped.items() if until <= time.monotonic()]:
                del stopped[pid]
                _let_go_on(pid)
            if len(hit) < len(points) and time.monotonic() > stir_at:
                self._stir(points)
                stir_at = time.monotonic() + STIR_EVERY_S
        for pid in stopped:
            _let_go_on(pid)
        return hit

    def _stir(self, points: Sequence[str]) -> None:
        self.troupe.stir()
        if "settings.read_anew" in points:
            os.utime(self.it.folder / "guestlist.toml")
        if "sweep.stamped" in points:
            self._fault(FAULTY)

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
        """Yield every run that does not add up (I8)."""
        done = func.count(work.c.outcome).label("done")
        ended = (
            select(work.c.run_id, func.count().label("rows"), done)
            .group_by(work.c.run_id)
            .subquery()
        )
        query = select(runs.c.id, runs.c.enumerated, ended.c.rows, ended.c.done).join(
            ended, ended.c.run_id == runs.c.id
        )
        with self._database.read() as connection:
            for id, enumerated, rows, done in connection.execute(query):
                if not enumerated == rows == done:
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

    def _tick(self, *tasks: str) -> None:
        for task in tasks:
            self._beat.send_task(task, expires=5)
        time.sleep(EVERY_S)

    def _fault(self, rule: dict[str, Any]) -> None:
        url = f"{self.it.sandbox['hubspot']}/sandbox/faults"
        assert requests.post(url, json=rule, timeout=30).status_code == 200


def _let_go_on(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


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
            assert made._until_quiet(), "the world is not in step"
            yield made
        finally:
            database.dispose()
