"""A sandbox and an installation of ours, as processes of this machine, and what they spent."""

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import requests

from benchmarks import machine
from benchmarks.row import Row
from console.demo import broker
from console.demo.broker import Broker
from console.demo.control import Control
from console.demo.installation import entered, environ_for, write_addresses, write_toml
from console.demo.processes import Processes
from guestlist.domain.outcome import RunState
from guestlist.engine import lists
from guestlist.engine.services import Services
from guestlist.store import runs
from guestlist.store.runs import Run
from guestlist.store.schema import upgrade
from worker.celery import app
from worker.probes import READY
from worker.publisher import CeleryPublisher
from worker.settings import load
from worker.wiring import build

OBJECT = "contacts"
BY = "benchmark"
PATIENCE_S = 7200.0
SWEEPS = ("tasks.upkeep.sweep",)
UNLIMITED = 10**6
FREE = {"hubspot_burst_per_10s": str(UNLIMITED), "hubspot_search_per_second": "1000"}
"""Settings for a sandbox without limits: then the CPU decides, not the allowance."""
TOML = """\
development = true
environment = "benchmark"

[polls]                 # the benchmark beats itself, so that it knows what a poll cost
hubspot_s = 0.01
salesforce_s = 0.01
joins_s = 0.01

[[objects.contacts.fields]]
hubspot = "jobtitle"    # what HubSpot changes goes to Salesforce
rule = "two_way"
"""


@dataclass(slots=True)
class Sandbox:
    """A served world and how to act on it."""

    told: dict[str, Any]
    control: Control
    pid: int

    @property
    def list_id(self) -> str:
        return str(self.told["lists"]["inclusion"])

    def set(self, crm: str, **options: Any) -> None:
        """Switch options of a CRM."""
        answer = requests.put(self._url(f"options/{crm}"), json=options, timeout=60)
        answer.raise_for_status()

    def limit(self) -> None:
        """Set HubSpot's limits of a private app on Professional."""
        self.set("hubspot", limits_enabled=True, burst_per_10s=190, search_per_second=5)

    def load(self, snapshot: Path) -> None:
        """Start over from a world in a file."""
        self._post("load", {"file": str(snapshot)})
        self._post("calls/reset", {})

    def delay(self, seconds: float) -> None:
        """Let every call of both CRMs take so much longer."""
        self._post(
            "faults",
            [
                {"crm": crm, "kind": "delay", "seconds": seconds, "when": "before"}
                for crm in ("hubspot", "salesforce")
            ],
        )

    def freeze(self) -> None:
        """Let the sandbox's clock stand."""
        self._post("clock", {"freeze": True})

    def move(self, seconds: float) -> None:
        """Let time go by in both CRMs."""
        self._post("clock", {"move_seconds": seconds})

    def thaw(self) -> None:
        self._post("clock", {"thaw": True})

    def change(self, ids: list[str], **properties: str) -> None:
        """Let a person change contacts in HubSpot, a hundred a call."""
        for start in range(0, len(ids), 100):
            inputs = [{"id": id, "properties": properties} for id in ids[start : start + 100]]
            self.ask("POST", "/crm/v3/objects/contacts/batch/update", {"inputs": inputs})

    def change_rows(self, ids: list[str], **fields: str) -> None:
        """Let a person change Salesforce contacts, one at a time."""
        for id in ids:
            self.control.edit("salesforce", "Contact", "update", {"id": id, "fields": fields})

    def accepted(self) -> int:
        """Return how many calls HubSpot counts today, this one among them."""
        spent = self.ask("GET", "/account-info/v3/api-usage/daily/private-apps", None)
        return int(spent["results"][0]["currentUsage"])

    @contextmanager
    def counted(self) -> Iterator[dict[str, int]]:
        """Count calls by CRM, and those that HubSpot refused, until the block ends."""
        before, told = self.accepted(), {"hubspot": 0, "salesforce": 0, "refused": 0}
        self.control.reset_calls()
        yield told
        calls = self.control.state()["calls"]
        told.update({crm: sum(counts.values()) for crm, counts in calls.items()})
        told["refused"] = told["hubspot"] - (self.accepted() - 1 - before)

    def ask(self, method: str, path: str, body: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.told['hubspot_user_token']}"}
        url = self.told["hubspot"] + path
        answer = requests.request(method, url, json=body, headers=bearer, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def _post(self, path: str, body: Any) -> None:
        answer = requests.post(self._url(path), json=body, timeout=600)
        answer.raise_for_status()

    def _url(self, path: str) -> str:
        return f"{self.told['hubspot']}/sandbox/{path}"


@dataclass(slots=True)
class Site:
    """Everything that runs, and our own hands in it."""

    folder: Path
    processes: Processes
    sandbox: Sandbox
    broker: Broker
    services: Services
    send: Callable[[str], None]
    """Publish a task by name, as beat would."""
    workers: list[str] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)
    """More processes whose cost is ours, by name."""

    def pids(self) -> dict[str, list[int]]:
        """Return the processes whose cost is ours."""
        parts = self.processes.parts
        return {
            "workers": [parts[name].process.pid for name in self.workers],
            "broker": [self.broker.part.process.pid],
            **{name: [pid] for name, pid in self.others.items()},
        }

    def start_workers(self, number: int, *options: str) -> None:
        for count in range(1, number + 1):
            name = f"worker{count}"
            command = [sys.executable, "-m", "celery", "-A", "worker", "worker", "-n", f"{name}@%h"]
            self.processes.start(name, [*command, *options])
            self.workers.append(name)
        probes = self.folder / "probes"
        self.processes.wait_until(
            lambda: len(list(probes.glob(f"worker*.{READY}"))) == number,
            what="all workers are ready",
            patience=120,
        )

    def database_bytes(self) -> int:
        """Return the size of the SQLite database, once its log is in it."""
        path = self.folder / "state" / "guestlist.db"
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return path.stat().st_size

    def peak_mb(self) -> float:
        """Return the largest worker."""
        return max(machine.peak_mb(pid) for pid in self.pids()["workers"])

    def ended(self, run: Run, *, watch: Callable[[], object] = lambda: None) -> Run:
        """Wait for a run's end, sweeping now and then, as beat does, and watching."""

        def finished() -> Run | None:
            watch()
            return self.finished(run.id)

        ended: Run = self.wait(finished, beat=SWEEPS)
        return ended

    def wait(self, look: Callable[[], Any], *, beat: Sequence[str] = (), every_s: float = 5) -> Any:
        """Return what *look* finds once it finds something; meanwhile, beat now and then."""
        until, beaten = time.monotonic() + PATIENCE_S, time.monotonic()
        while not (found := look()):
            self.processes.refuse_ended()
            if time.monotonic() > until:
                raise TimeoutError(f"not after {PATIENCE_S:g} s")
            if time.monotonic() - beaten > every_s:
                for task in beat:
                    self.send(task)
                beaten = time.monotonic()
            time.sleep(0.05)
        return found

    def quiet(self) -> bool:
        """Tell whether nothing runs and nothing is queued."""
        with self.services.database.read() as connection:
            running = runs.recent(connection, limit=1, states=[RunState.RUNNING])
        return not running

    def finished(self, run_id: str) -> Run | None:
        with self.services.database.read() as connection:
            run = runs.get(connection, run_id)
        return run if run and run.finished_at else None

    def measured(self, workload: str, work: Callable[[], int], *, note: str = "") -> Row:
        """Do the work, which returns its number of records, and return what it cost."""
        with self.sandbox.counted() as calls:
            before, began = machine.total_cpu(self.pids()), time.monotonic()
            records = work()
            seconds, after = time.monotonic() - began, machine.total_cpu(self.pids())
        spent = {name: round(after[name] - before[name], 3) for name in before}
        return Row(
            workload=workload,
            who="Guestlist",
            records=records,
            seconds=round(seconds, 3),
            cpu_seconds=round(sum(spent.values()), 3),
            hubspot_calls=calls["hubspot"],
            salesforce_calls=calls["salesforce"],
            refused=calls["refused"],
            peak_mb=round(self.peak_mb(), 1),
            cpu_by=spent,
            note=note,
            load=round(machine.load(), 1),
        )


@contextmanager
def sandboxed(folder: Path, environ: Mapping[str, str], world: Path) -> Iterator[Sandbox]:
    """Serve a world without an installation of ours."""
    processes = Processes(folder, environ)
    try:
        yield serve(processes, world)
    finally:
        processes.stop()


def serve(processes: Processes, world: Path) -> Sandbox:
    command = [sys.executable, "-m", "sandbox", "--load", str(world), "--no-limits"]
    part = processes.start("sandbox", command)
    processes.wait_until(
        lambda: b"\n" in part.log.read_bytes(), what="the sandbox serves", patience=600
    )
    told: dict[str, Any] = orjson.loads(part.log.read_bytes().partition(b"\n")[0])
    sandbox = Sandbox(told, Control(told), part.process.pid)
    sandbox.set("hubspot", burst_per_10s=UNLIMITED, search_per_second=UNLIMITED)
    return sandbox


@contextmanager
def installed(
    world: Path, settings: Mapping[str, str] | None = None, *, workers: int = 2
) -> Iterator[Site]:
    """Run a sandbox over *world* and an installation whose inclusion list is that world's.

    One a process: our Celery application knows one broker.
    """
    with tempfile.TemporaryDirectory(prefix="guestlist-bench-") as name:
        folder = Path(name)
        named = {f"GUESTLIST_{key.upper()}": value for key, value in (settings or {}).items()}
        environ = {**environ_for(folder, os.environ), **named}
        with entered(folder, environ):
            processes = Processes(folder, environ)
            try:
                site = _built(folder, processes, world)
                site.start_workers(workers)
                yield site
            finally:
                processes.stop()


def _built(folder: Path, processes: Processes, world: Path) -> Site:
    sandbox = serve(processes, world)
    running = broker.start(processes, folder / "broker")
    write_toml(folder, TOML)
    write_addresses(folder, sandbox.told, running.url)
    loaded = load(os.environ)
    upgrade(loaded.settings.database_url)
    services = build(loaded, CeleryPublisher(app))
    lists.use(services, OBJECT, lists.find_list(services, OBJECT, sandbox.list_id), by=BY)

    def send(task: str) -> None:
        app.send_task(task)

    return Site(folder, processes, sandbox, running, services, send)
