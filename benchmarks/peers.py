"""What a user would otherwise run, against the same sandbox, each in a virtual environment."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from benchmarks import machine
from benchmarks.row import Row
from benchmarks.site import Sandbox, sandboxed
from benchmarks.workloads import holds
from benchmarks.world import SALESFORCE, save
from console.demo.installation import environ_for

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = Path(__file__).with_name(".venvs")
"""Made at the first run, and kept."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program, what it needs, and what it leaves out of our work."""

    name: str
    script: str
    packages: Sequence[str]
    whole: bool
    """It syncs a list to Salesforce; else it only reads HubSpot."""
    lacks: str


CLIENTS = ("hubspot-api-client==12.0.0", "simple-salesforce==1.12.10")
NO_STATE = "no state, no gate, no conflicts, no retries"
ONE_BY_ONE = Peer(
    "script, one by one", "benchmarks.peer.one_by_one", CLIENTS, whole=True, lacks=NO_STATE
)
BATCHED = Peer("script, batched", "benchmarks.peer.batched", CLIENTS, whole=True, lacks=NO_STATE)

Let = Callable[[Peer], object]
"""Let a peer run in the same world and folder, uncounted."""
First = Callable[[Sandbox, Let], int]
"""Make the world what it is to be; how many records the leg is about."""


def prepare(peer: Peer) -> Path:
    """Return the Python of the peer's own environment, made if it is not there yet."""
    names = [each.partition("=")[0].partition("[")[0] for each in peer.packages]
    folder = ENVIRONMENTS / "-".join(names)
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *peer.packages]
        subprocess.run(install, check=True, stdout=sys.stderr)
        ready.touch()
    return python


@contextmanager
def served(contacts: int, *, everybody: bool = False) -> Iterator[tuple[Sandbox, Path]]:
    """A fresh world and an empty folder to work in."""
    with tempfile.TemporaryDirectory(prefix="guestlist-peer-") as name:
        folder = Path(name)
        save(folder / "world.json", contacts, everybody=everybody)
        environ = environ_for(folder, os.environ)
        with sandboxed(folder, environ, folder / "world.json") as sandbox:
            yield sandbox, folder


def run(
    peer: Peer,
    contacts: int,
    workload: str,
    *,
    delay_s: float = 0,
    limits: bool = False,
    everybody: bool = False,
    environ: Mapping[str, str] | None = None,
    first: First | None = None,
    warm: bool = True,
) -> Row:
    """Let a peer do its work over *contacts*, half of whom, or *everybody*, are in the list.

    What *first* does is not counted.  Start-up is not in the CPU time, as ours is not: of a
    *warm* peer that of a run over next to nothing is taken off.
    """
    before = start_up(peer) if warm else 0.0
    with served(contacts, everybody=everybody) as (sandbox, folder):
        if delay_s:
            sandbox.delay(delay_s)
        if limits:
            sandbox.limit()

        def let(other: Peer) -> Row:
            return _spent(other, sandbox, folder, environ or {})

        expected = first(sandbox, let) if first else contacts
        with sandbox.counted() as calls:
            row = let(peer)
        members = sandbox.control.members(sandbox.list_id)
        return replace(
            row,
            workload=workload,
            records=len(members) if peer.whole else expected,
            cpu_seconds=round(row.cpu_seconds - before, 3),
            hubspot_calls=calls["hubspot"],
            salesforce_calls=calls["salesforce"],
            refused=calls["refused"],
            correct=_right(sandbox, members) if peer.whole else row.more["said"] == str(expected),
            more={**row.more, "start_up_cpu_seconds": round(before, 2)},
        )


def _right(sandbox: Sandbox, members: frozenset[str]) -> bool:
    contacts = sandbox.control.records("hubspot", "contacts")
    return holds(contacts, sandbox.control.records("salesforce", "Contact"), members)


def _spent(peer: Peer, sandbox: Sandbox, folder: Path, more: Mapping[str, str]) -> Row:
    command = [str(prepare(peer)), "-m", peer.script]
    environ = {
        **environ_for(folder, os.environ),
        **more,
        "PYTHONPATH": str(ROOT),
        "PEER_HUBSPOT": sandbox.told["hubspot"],
        "PEER_TOKEN": sandbox.told["hubspot_token"],
        "PEER_SALESFORCE": sandbox.told["salesforce"],
        "PEER_CLIENT_ID": sandbox.told["salesforce_client_id"],
        "PEER_CLIENT_SECRET": sandbox.told["salesforce_client_secret"],
        "PEER_LIST": sandbox.list_id,
        "PEER_FIELDS": ",".join(f"{name}={field}" for name, field in SALESFORCE.items()),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }
    out, err, began = folder / "out", folder / "err", time.monotonic()
    with out.open("wb") as output, err.open("wb") as errors:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=output, stderr=errors)
        status, used, peak = _watched(process.pid)
    process.returncode = os.waitstatus_to_exitcode(status)
    ended = process.returncode == 0
    last = (err.read_text(errors="replace").strip().splitlines() or [""])[-1]
    return Row(
        workload="",
        who=peer.name,
        records=0,
        seconds=round(time.monotonic() - began, 3),
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_mb=round(peak, 1),
        note=peer.lacks if ended else f"ended with an error: {last[:80]}",
        more={"said": out.read_text().strip()[-40:], "ended": ended},
        load=round(machine.load(), 1),
    )


def _watched(pid: int) -> tuple[int, resource.struct_rusage, float]:
    """Wait for a process; its status, its usage, and its largest size, in megabytes.

    What the kernel says of the size afterwards counts ours, from before it was itself.
    """
    peak = 0.0
    while True:
        ended, status, used = os.wait4(pid, os.WNOHANG)
        if ended:
            return status, used, peak
        peak = max(peak, machine.peak_mb(pid))
        time.sleep(0.02)


@cache
def start_up(peer: Peer) -> float:
    """Return the CPU seconds of a run over next to nothing."""
    return run(peer, 2, "start-up", warm=False).cpu_seconds
