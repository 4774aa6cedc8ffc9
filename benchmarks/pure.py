"""Costs inside one process: a turn of the limiter, and the decision about a record."""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import redis

from benchmarks import machine
from benchmarks.row import Row
from benchmarks.site import OBJECT, UNLIMITED
from benchmarks.world import save
from console.demo import broker
from console.demo.processes import Processes
from guestlist.connectors.allowance import BURST, SEARCH, Allowance, Told, Window, allowances
from guestlist.connectors.http import Transport
from guestlist.connectors.limiter import RedisLimiter
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.turn import Limiter
from guestlist.domain.budget import Day
from guestlist.domain.decide import decide_all
from guestlist.domain.facts import Facts, Look
from guestlist.domain.gate import Inclusion, Proof
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.outcome import RunKind
from guestlist.engine.gather import gather
from guestlist.engine.launch import start_list
from guestlist.engine.looking import look_for
from guestlist.engine.producer import enumerate_run
from guestlist.engine.services import Services
from guestlist.engine.sources import Sources
from guestlist.engine.sync import sync
from guestlist.store.schema import upgrade
from sandbox import inprocess, snapshot
from sandbox.crm import CRM
from sandbox.world import World
from schemas.records import Crm
from schemas.settings import Lane
from worker.settings import load
from worker.wiring import Surroundings, build

ADDRESSES = {CRM.HUBSPOT: "http://hubspot.test", CRM.SALESFORCE: "http://salesforce.test"}
SHARES = {"interactive": 1.0, "changes": 0.98, "bulk": 0.96, "upkeep": 0.96}


def limiter_cost(turns: int) -> list[Row]:
    """Ask for *turns*, hearing after each, in a window that never makes wait."""
    windows = {BURST: Window(float(UNLIMITED), 1.0), SEARCH: Window(float(UNLIMITED), 1.0)}
    accounts = {crm: Allowance("bench", windows, None, SHARES) for crm in Crm}
    with tempfile.TemporaryDirectory(prefix="guestlist-bench-") as name:
        folder = Path(name)
        processes = Processes(folder, {})
        try:
            running = broker.start(processes, folder / "broker")
            with redis.Redis.from_url(running.url) as client:
                shared = RedisLimiter(client, accounts)
                pid = running.part.process.pid
                return [
                    _turns("limiter: a turn through Redis", shared, turns, [pid]),
                    _turns("limiter: a turn in one process", LocalLimiter(accounts), turns, []),
                ]
        finally:
            processes.stop()


def _turns(workload: str, limiter: Limiter, turns: int, others: list[int]) -> Row:
    told = Told(Day(5, UNLIMITED * 1000))
    before = time.process_time(), sum(map(machine.cpu_seconds, others)), time.monotonic()
    for _ in range(turns):
        turn = limiter.acquire(Crm.HUBSPOT, BURST, "bulk")
        while turn.seconds:
            turn = limiter.acquire(Crm.HUBSPOT, BURST, "bulk", queued=True)
        limiter.hear(Crm.HUBSPOT, BURST, told, turn=turn)
    ours, theirs = time.process_time() - before[0], sum(map(machine.cpu_seconds, others))
    spent = {"process": round(ours, 3), "broker": round(theirs - before[1], 3)}
    return Row(
        workload=workload,
        who="Guestlist",
        records=turns,
        seconds=round(time.monotonic() - before[2], 3),
        cpu_seconds=round(sum(spent.values()), 3),
        cpu_by=spent,
        note="a turn and the hearing after it",
        load=round(machine.load(), 1),
    )


class _Post:
    """Keeps what would be published."""

    def __init__(self) -> None:
        self.syncs: list[tuple[str, list[str]]] = []

    def sync(self, run_id: str, keys: Any, *, lane: Lane) -> None:  # noqa: ARG002
        self.syncs.append((run_id, list(keys)))

    def enumerate(self, run_id: str) -> None:
        """Nobody is waiting for it."""

    def emptied(self) -> bool:
        return False


class Alone:
    """An installation in this process, its CRMs too: for what a profiler should see."""

    def __init__(self, folder: Path, contacts: int) -> None:
        save(folder / "world.json", contacts, everybody=True)
        self.world = World("bench")
        snapshot.load(self.world, folder / "world.json")
        self.world.portal.options.burst_per_10s = UNLIMITED
        self.post = _Post()
        held = self.world.credentials
        flags = {
            "development": "true",
            "broker_url": "memory://",
            "state_dir": str(folder / "state"),
            "hubspot.base_url": ADDRESSES[CRM.HUBSPOT],
            "hubspot.token": held.hubspot_token,
            "hubspot.burst_per_10s": str(UNLIMITED),
            "salesforce.login_url": ADDRESSES[CRM.SALESFORCE],
            "salesforce.client_id": held.salesforce_client_id,
            "salesforce.client_secret": held.salesforce_client_secret,
            "objects.contacts.inclusion_list": self.world.landmarks["lists"]["inclusion"],
        }
        loaded = load({}, flags=flags, directory=folder)
        upgrade(loaded.settings.database_url)
        around = Surroundings(
            transport=lambda timeout_s: Transport(timeout_s=timeout_s, sessions=self._session),
            limiter=lambda settings: LocalLimiter(allowances(settings)),
        )
        self.services: Services = build(loaded, self.post, around)

    def enumerated(self) -> list[tuple[str, list[str]]]:
        """Start a run over the list; its batches."""
        self.post.syncs.clear()
        run = start_list(self.services, OBJECT, by="benchmark")
        enumerate_run(self.services, run.id)
        return list(self.post.syncs)

    def _session(self) -> Any:
        return inprocess.session(self.world, ADDRESSES)


def decision_cost(contacts: int) -> list[Row]:
    """Gather once, decide again and again: members to create, and members in step."""
    with tempfile.TemporaryDirectory(prefix="guestlist-bench-") as name:
        alone = Alone(Path(name), contacts)
        batches = alone.enumerated()
        cold = _decided("gate and plan: to create", alone, batches)
        for run_id, keys in batches:
            sync(alone.services, run_id, keys)
        return [cold, _decided("gate and plan: unchanged", alone, batches)]


def _decided(workload: str, alone: Alone, batches: list[tuple[str, list[str]]]) -> Row:
    services = alone.services
    inclusion = services.inclusions.current(services.schemas.object(OBJECT))
    mapping = services.schemas.compiled(OBJECT)
    sources, now = Sources.on(services, Lane.BULK), services.clock()
    look = look_for(services, OBJECT, RunKind.LIST)
    facts: list[Facts] = []
    for _, keys in batches:
        proofs = {key: Proof(member=True, read_at=now) for key in keys}
        age = timedelta(seconds=300)
        facts += gather(sources, keys, proofs, inclusion, mapping, proof_age=age)
    return _timed(workload, facts, inclusion, mapping, look)


def _timed(
    workload: str,
    facts: list[Facts],
    inclusion: Inclusion | None,
    mapping: CompiledMapping,
    look: Look,
) -> Row:
    rounds, began, before = 5, time.monotonic(), time.process_time()
    for _ in range(rounds):
        decide_all(facts, inclusion, mapping, look)
    return Row(
        workload=workload,
        who="Guestlist",
        records=rounds * len(facts),
        seconds=round(time.monotonic() - began, 3),
        cpu_seconds=round(time.process_time() - before, 3),
        note="pure, in one process",
        load=round(machine.load(), 1),
    )


PURE: dict[str, Callable[[int], list[Row]]] = {
    "limiter": limiter_cost,
    "decision": decision_cost,
}
