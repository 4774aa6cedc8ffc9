"""What a poll costs that finds nothing, whatever the size of the portal."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from typing import Any, NamedTuple

from benchmarks.proof.judge import Finding
from benchmarks.proof.settings import toml
from console.demo.stage import Stage, staged
from console.session import Session
from guestlist.engine import changes, follow, joining, leaving, lists
from guestlist.engine.services import Services

OBJECT, BY = "contacts", "proof"
CYCLES = 20
EVERY_S = 1.0
LONG_S = 900.0
"""For so long nobody did anything: longer than any poll looks back."""
POLLS = (changes.poll_hubspot, changes.poll_salesforce, joining.poll_joins)
"""What looks at both sides each minute, as it is set by default."""


class Quiet(NamedTuple):
    """One world in which nobody does anything."""

    contacts: int
    members: int
    calls: frozenset[tuple[int, int]]
    """HubSpot and Salesforce calls of a cycle; every so often the list's definition is one more."""
    seconds: float
    """Of a cycle, on average."""
    enumeration: int
    """HubSpot calls of reading the whole list, as is done each hour to see who left."""
    written: int

    @property
    def words(self) -> str:
        """Return the most calls of a cycle to each CRM."""
        hubspot, salesforce = (max(counted) for counted in zip(*self.calls, strict=True))
        return f"{hubspot} + {salesforce}"


def judge(worlds: Sequence[Quiet]) -> Finding:
    """Hold the worlds against each other: the same calls in all, and nothing written."""
    broken = [f"{each.written} writes at {each.contacts:,}" for each in worlds if each.written]
    costs = {each.words for each in worlds}
    if len(costs) > 1:
        told = ", ".join(f"{each.words} at {each.contacts:,}" for each in worlds)
        broken.append(f"HubSpot + Salesforce calls of a cycle: {told}")
    sizes = " and ".join(f"{each.contacts:,}" for each in worlds)
    promise = f"a quiet poll makes as many calls at {sizes} contacts"
    return Finding("Quiet", promise, " or ".join(sorted(costs)), tuple(broken), len(broken))


def measured(sizes: Sequence[int], *, seed: str) -> list[Quiet]:
    """Measure worlds one after the other, each in a process of its own: Celery keeps its broker."""
    if not sizes:
        return []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        return [*pool.map(measure, sizes, repeat(seed))]


def measure(contacts: int, seed: str) -> Quiet:
    """Let the polls go by in a world of that size."""
    with staged(contacts, seed, toml=toml(poll_s=EVERY_S, settle_s=1)) as stage:
        stage.control.move_clock(LONG_S)
        session = Session({})
        try:
            return _measured(stage, session, contacts)
        finally:
            session.close()


def _measured(stage: Stage, session: Session, contacts: int) -> Quiet:
    session.prepare_database()
    services, list_id = session.connected, str(stage.sandbox["lists"]["inclusion"])
    definition = lists.find_list(services, OBJECT, list_id)
    lists.use(services, OBJECT, definition, by=BY)
    follow.turn_on(services, OBJECT, by=BY)
    for _ in range(3):  # the first look at the joins reads the whole list
        _cycle(stage, services)
    stage.control.reset_calls()
    leaving.poll_leaves(services)
    enumeration = _calls(stage)[0]
    took, counted = 0.0, set()
    for _ in range(CYCLES):
        calls, seconds = _cycle(stage, services)
        counted.add(calls)
        took += seconds
    return Quiet(
        contacts=contacts,
        members=definition.size or 0,
        calls=frozenset(counted),
        seconds=took / CYCLES,
        enumeration=enumeration,
        written=int(stage.control.state()["journal"]),
    )


def _cycle(stage: Stage, services: Services) -> tuple[tuple[int, int], float]:
    """Let each poll look once; return the calls it took, and the seconds."""
    time.sleep(EVERY_S)
    stage.control.reset_calls()
    began = time.monotonic()
    for poll in POLLS:
        poll(services)
    return _calls(stage), time.monotonic() - began


def _calls(stage: Stage) -> tuple[int, int]:
    calls: Mapping[str, Mapping[str, Any]] = stage.control.state()["calls"]
    return sum(calls["hubspot"].values()), sum(calls["salesforce"].values())
