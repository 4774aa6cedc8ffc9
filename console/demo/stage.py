"""Everything the demo runs on: broker, sandbox, workers and beat, as processes of this machine."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from console.demo import broker
from console.demo.broker import Broker
from console.demo.control import Control
from console.demo.installation import (
    TOML,
    entered,
    environ_for,
    folder_for,
    write_addresses,
    write_toml,
)
from console.demo.processes import Part, Processes
from worker.probes import READY

JOURNAL = "journal.jsonl"
SANDBOX = "sandbox"
WORKERS = 2
READY_WITHIN_S = 60.0
SEEDED_WITHIN_S = 60.0
SEED_S_PER_CONTACT = 0.01
"""Patience, far above what is measured."""


class Stage(NamedTuple):
    """What runs, and how to reach it."""

    folder: Path
    processes: Processes
    broker: Broker
    sandbox: dict[str, Any]
    """Addresses, credentials and landmarks: the first line the sandbox prints."""
    control: Control

    def start_workers(self) -> None:
        """Start the workers; they are ready later."""
        for number in range(1, WORKERS + 1):
            self._celery(f"worker{number}", "worker", "-n", f"worker{number}@%h")

    def start_beat(self) -> None:
        """Start Celery's clock, once there is a database for what it sends."""
        self._celery("beat", "beat")

    def wait_for_workers(self) -> None:
        """Return once every worker takes work."""
        probes = self.folder / "probes"
        self.processes.wait_until(
            lambda: len(list(probes.glob(f"worker*.{READY}"))) == WORKERS,
            what="all workers are ready",
            patience=READY_WITHIN_S,
        )

    def rows(self) -> list[tuple[str, str, int]]:
        """Return what runs, how to reach or start it, and its process, for a table."""
        told = {
            SANDBOX: [
                ("HubSpot (sandbox)", self.sandbox["hubspot"]),
                ("Salesforce (sandbox)", self.sandbox["salesforce"]),
            ],
            "broker": [(f"broker: {self.broker.name} {self.broker.version}", self.broker.url)],
            "beat": [("beat", "celery -A worker beat")],
        }
        return [
            (what, where, part.process.pid)
            for name, part in self.processes.parts.items()
            for what, where in told.get(name, [(name, f"celery -A worker worker -n {name}@%h")])
        ]

    def _celery(self, name: str, *arguments: str) -> Part:
        return self.processes.start(
            name, [sys.executable, "-m", "celery", "-A", "worker", *arguments]
        )


@contextmanager
def staged(contacts: int, seed: str, *, toml: str = TOML) -> Iterator[Stage]:
    """Run broker and sandbox in a folder of their own, all of it gone at the end.

    *toml* is what ``guestlist.toml`` says there.
    """
    with folder_for(contacts) as folder:
        environ = environ_for(folder, os.environ)
        with entered(folder, environ):
            processes = Processes(folder, environ)
            try:
                write_toml(folder, toml)
                yield _set(processes, folder, contacts, seed)
            finally:
                processes.stop()


def _set(processes: Processes, folder: Path, contacts: int, seed: str) -> Stage:
    growing = _start_sandbox(processes, folder, contacts, seed)
    running = broker.start(processes, folder / "broker")
    sandbox = growing()
    write_addresses(folder, sandbox, running.url)
    return Stage(folder, processes, running, sandbox, Control(sandbox))


def _start_sandbox(
    processes: Processes, folder: Path, contacts: int, seed: str
) -> Callable[[], dict[str, Any]]:
    """Start the sandbox, and return what waits for its first line."""
    world = ("--contacts", str(contacts), "--seed", seed, "--journal", str(folder / JOURNAL))
    part = processes.start(SANDBOX, [sys.executable, "-m", "sandbox", *world])

    def first_line() -> dict[str, Any]:
        processes.wait_until(
            lambda: b"\n" in part.log.read_bytes(),
            what=f"the sandbox has made up {contacts:,} contacts",
            patience=SEEDED_WITHIN_S + contacts * SEED_S_PER_CONTACT,
        )
        return dict(orjson.loads(part.log.read_bytes().partition(b"\n")[0]))

    return first_line
