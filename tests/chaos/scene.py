"""The whole installation as processes, looked after as an init system would, and its enemies."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos.order import Order
from tests.chaos.process import CLOCK
from tests.kill.stage import ROOT, Stage
from tests.services.postgres_server import Cluster, cluster, new_database
from tests.services.processes import free_port, killed, wait_until

WORKERS: Mapping[str, tuple[str, ...]] = {
    "threads": ("--pool", "threads", "--concurrency", "6"),
    "children": ("--pool", "prefork", "--concurrency", "2"),
    "others": ("--pool", "prefork", "--concurrency", "2"),
}
BEAT, WEB = "beat", "web"
LOOKED_AFTER = (*WORKERS, BEAT, WEB)
COMMAND = "from console.cli import main; main()"


class Scene(Stage):
    """An installation that is hurt, and restarted by whoever looks after it."""

    def __init__(
        self, folder: Path, environ: Mapping[str, str], stack: ExitStack, order: Order
    ) -> None:
        super().__init__(folder, environ, stack)
        self.order = order
        self.died: list[str] = []
        """What ended although nobody ended it."""
        self._down: dict[str, float] = {}
        """What somebody killed -> when it may start again."""
        self._server: Cluster | None = None
        self._postmaster: subprocess.Popen[bytes] | None = None
        self._port = free_port()

    # --- starting -----------------------------------------------------------------------------

    def serve_database(self) -> None:
        """Start PostgreSQL if it is asked for; what it acknowledged must survive a kill."""
        if self.order.database == "sqlite":
            self.environ["GUESTLIST_DATABASE_URL"] = f"sqlite:///{self.folder / 'state.db'}"
            return
        self._server = self._stack.enter_context(cluster(synchronous_commit="on"))
        self._start_postgres()
        self.environ["GUESTLIST_DATABASE_URL"] = new_database(self._server.directory, "guestlist")

    def _start_postgres(self) -> None:
        assert self._server
        self._postmaster = self._stack.enter_context(self._server.serving())

    @property
    def database_url(self) -> str:
        return self.environ["GUESTLIST_DATABASE_URL"]

    def start(self, name: str) -> None:
        """Start a worker, beat or the console."""
        (self.folder / name).mkdir(exist_ok=True)
        if name in WORKERS:
            line = ["-A", "worker", "worker", "--hostname", f"{name}@chaos", *WORKERS[name]]
            whose = [str(self.folder / name), self.order.mutant or "-"]
            self._run(name, [sys.executable, "-m", "tests.chaos.process", *whose, *line])
        elif name == BEAT:
            self.celery(BEAT, "beat")
        else:
            command = [sys.executable, "-c", COMMAND, "web", "--port", str(self._port)]
            self._run(WEB, command)

    def look_after(self) -> None:
        """Start again what is down and may come up."""
        now = time.monotonic()
        for name in LOOKED_AFTER:
            process = self._running.get(name)
            if process is None or process.poll() is None:
                continue
            if name not in self._down:
                when = datetime.now(UTC)
                self.died.append(f"{name} with {process.returncode} at {when:%H:%M:%S}")
                self._down[name] = now + 1.0
            elif self._down[name] <= now:
                del self._down[name]
                self.start(name)

    # --- what an agitator does -----------------------------------------------------------------

    def kill_main(self, name: str, *, down_s: float) -> None:
        """Kill -9 a process with all its children."""
        self._down[name] = time.monotonic() + down_s
        with suppress(ProcessLookupError):
            killed(self._running[name])

    def kill_one_child(self, name: str, which: int) -> None:
        """Kill -9 one child of a prefork worker, if it has any just now."""
        if children := _descendants(self._running[name].pid):
            with suppress(ProcessLookupError):
                os.kill(children[which % len(children)], signal.SIGKILL)

    def stop(self, name: str) -> Callable[[], None]:
        """Stop a process with its children; what lets them go on."""
        process = self._running[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGSTOP)

        def go_on() -> None:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGCONT)

        return go_on

    def wipe_redis(self) -> Callable[[], None]:
        """Kill -9 Redis, which keeps nothing; what starts it again."""
        self.kill_redis()
        return self.start_redis

    def kill_database(self) -> Callable[[], None]:
        """Kill -9 PostgreSQL with all its processes, or lock SQLite's file; what ends that."""
        if self._postmaster is None:
            return self._lock()
        postmaster = self._postmaster
        for pid in [postmaster.pid, *_descendants(postmaster.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        postmaster.wait()
        return self._start_postgres

    def _lock(self) -> Callable[[], None]:
        """Hold SQLite's only place to write, as somebody's backup or shell would."""
        file = self.database_url.removeprefix("sqlite:///")
        connection = sqlite3.connect(file, isolation_level=None, timeout=5)
        with suppress(sqlite3.OperationalError):
            connection.execute("BEGIN IMMEDIATE")
        return connection.close

    def fill_disk(self) -> Callable[[], None]:
        """Let nobody who writes the database write to any file; what lets them again.

        The limit on a file's size does it: a write fails at once, as on a disk that is full.
        """
        if self._postmaster:
            roots = [self._postmaster.pid]
        else:
            roots = [self._running[name].pid for name in LOOKED_AFTER]
        pids = [pid for root in roots for pid in (root, *_descendants(root))]
        user = self._server.user if self._server else None
        _limit_files(pids, "0", user)

        def free() -> None:
            grown = [pid for root in roots for pid in _descendants(root)]
            _limit_files([*pids, *grown], "unlimited", user)
            if self._postmaster and self._postmaster.poll() is not None:
                self._start_postgres()

        return free

    def shift_clock(self, name: str, seconds: float) -> Callable[[], None]:
        """Let a worker's wall clock jump; what sets it right."""
        clock = self.folder / name / CLOCK
        clock.write_text(str(seconds))
        return lambda: _remove(clock)

    # --- people at the console ------------------------------------------------------------------

    def command(self, *line: str, patience: float = 90) -> int:
        """Run a command line, whatever comes of it; its exit code."""
        with (self.folder / "commands.log").open("ab") as output:
            try:
                return subprocess.run(
                    [sys.executable, "-c", COMMAND, *line, "--json"],
                    cwd=self.folder,
                    env=self.environ,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    timeout=patience,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                return -1

    def insist(self, *line: str, codes: Sequence[int] = (0,)) -> None:
        """Run a command line until it works."""
        wait_until(lambda: self.command(*line) in codes, what=" ".join(line), patience=180)


@contextmanager
def scene(folder: Path, order: Order, **more: str) -> Iterator[Scene]:
    """Give an installation in *folder*; nothing runs yet."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("GUESTLIST_")
    }
    environ = {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "GUESTLIST_STATE_DIR": str(folder / "state"),
        "GUESTLIST_PROBE_DIR": str(folder / "probes"),
        **more,
    }
    with ExitStack() as stack:
        yield Scene(folder, environ, stack, order)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, tasks.read_text().split()):
                found += [child, *_descendants(child)]
    return sorted(set(found))


def _limit_files(pids: list[int], size: str, user: str | None) -> None:
    """Set how large a file these may write, as whom they belong to."""
    switch = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    for pid in pids:
        limit = ["prlimit", f"--pid={pid}", f"--fsize={size}:unlimited"]
        subprocess.run([*switch, *limit], check=False, capture_output=True)


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
