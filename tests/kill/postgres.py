"""A PostgreSQL server that is killed and comes back on what it left behind."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.services.postgres_server import Cluster, cluster
from tests.services.processes import wait_until


class Mortal:
    """One cluster, and the server that serves it now."""

    def __init__(self, of: Cluster, stack: ExitStack) -> None:
        self._cluster = of
        self._stack = stack
        self._server = self._serve()

    @property
    def directory(self) -> Path:
        """Of its socket."""
        return self._cluster.directory

    def die_and_come_back(self) -> None:
        self.die()
        self.come_back()

    def come_back(self) -> None:
        self._server = self._serve()

    def die(self) -> None:
        """Kill -9 all its processes, each of which leads a group of its own."""
        main = self._server.pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for pid in [main, *map(int, children)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._server.wait()
        left = [Path(f"/proc/{child}") for child in children]
        wait_until(lambda: not any(map(Path.exists, left)), what="the end of PostgreSQL")

    def _serve(self) -> "subprocess.Popen[bytes]":
        return self._stack.enter_context(self._cluster.serving())


@contextmanager
def mortal_postgres() -> Iterator[Mortal]:
    with cluster() as made, ExitStack() as stack:
        yield Mortal(made, stack)
