"""What happens while HubSpot's limits are on: the allowance used, steering, single records."""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.row import ALLOWED, Row
from benchmarks.site import BY, OBJECT, SWEEPS, Site, installed
from benchmarks.workloads import TICK_S, exact, whole
from benchmarks.world import save
from guestlist.engine.launch import cancel, pause, resume, start_list, start_records
from guestlist.store.runs import Run

SAMPLES = 30
"""Single records synced while a long run is under way."""
WELL_UNDER_WAY = 5_000
"""Writes after which a run is steered."""
STILL_S = 15.0
"""No write for so long: none is to come."""


def limits(world: Path, contacts: int) -> list[Row]:
    """HubSpot's limits on: a cold sync of a list of everybody."""
    save(world, contacts, everybody=True)
    seen: list[tuple[float, int]] = []
    with installed(world) as site:
        site.sandbox.limit()
        site.services.hubspot.account()
        row = site.measured("limits on, cold", lambda: whole(site, watch=_calls_to(site, seen)))
        share = _rate(seen) / ALLOWED
        note = f"{share:.1%} of the allowance"
        told = {"share": round(share, 3)}
        return [replace(row, correct=exact(site), more=told, note=note)]


def _calls_to(site: Site, seen: list[tuple[float, int]]) -> Callable[[], object]:
    """Note how many calls HubSpot has got so far, each time it is asked."""

    def note() -> None:
        seen.append((time.monotonic(), _calls(site)))

    return note


def _calls(site: Site) -> int:
    return sum(site.sandbox.control.state()["calls"]["hubspot"].values())


def _rate(seen: list[tuple[float, int]]) -> float:
    """Return calls a second from the first to the last one: then nothing waits for HubSpot."""
    first = max(each for each in seen if each[1] == seen[0][1])
    last = min(each for each in seen if each[1] == seen[-1][1])
    return (last[1] - first[1]) / (last[0] - first[0])


def meanwhile(world: Path, contacts: int) -> list[Row]:
    """HubSpot's limits on: single records while a list of everybody is synced."""
    save(world, contacts, everybody=True)
    with installed(world) as site:
        site.sandbox.limit()
        return [steering(site), interactive(site)]


def interactive(site: Site) -> Row:
    """Sync single records while runs over the whole list follow each other."""
    members = sorted(site.sandbox.control.members(site.sandbox.list_id))
    members = random.Random("interactive").sample(members, SAMPLES)
    waits: list[float] = []
    under_way: list[Run] = []

    def work() -> int:
        for key in members:
            if not under_way or site.finished(under_way[-1].id):
                under_way.append(start_list(site.services, OBJECT, by=BY))
                time.sleep(2)
            began = time.monotonic()
            site.ended(start_records(site.services, OBJECT, [key], by=BY))
            waits.append(time.monotonic() - began)
            time.sleep(0.5)
        cancel(site.services, under_way[-1].id, by=BY)
        time.sleep(TICK_S)  # batches under way end
        return len(members)

    row = site.measured("single record during runs", work)
    told = {
        "p50_s": round(statistics.median(waits), 2),
        "p95_s": round(statistics.quantiles(waits, n=20)[-1], 2),
        "longest_s": round(max(waits), 2),
    }
    return replace(
        row,
        who="Guestlist",
        cpu_seconds=0.0,
        cpu_by={},
        note=f"p50 {told['p50_s']} s, p95 {told['p95_s']} s, longest {told['longest_s']} s",
        more=told,
    )


def steering(site: Site) -> Row:
    """Pause, resume and cancel a run over the list: how long each takes to act.

    A pause or a cancel has acted when the last write was accepted, a resume with the first call.
    """
    took: dict[str, float] = {}

    def work() -> int:
        run = start_list(site.services, OBJECT, by=BY)
        site.wait(lambda: len(site.sandbox.control.journal()) > WELL_UNDER_WAY, beat=SWEEPS)
        took["pause_s"] = _still(site, lambda: pause(site.services, run.id, by=BY))
        began = time.monotonic()
        before = _calls(site)
        resume(site.services, run.id, by=BY)
        site.wait(lambda: _calls(site) > before)
        took["resume_s"] = time.monotonic() - began
        took["cancel_s"] = _still(site, lambda: cancel(site.services, run.id, by=BY))
        return 3

    row = site.measured("pause, resume, cancel", work)
    told = {name: round(seconds, 2) for name, seconds in took.items()}
    note = ", ".join(f"{name[:-2]} {seconds} s" for name, seconds in told.items())
    return replace(row, more=told, note=note)


def _still(site: Site, act: Callable[[], object]) -> float:
    """Return the seconds from an act to the last write that was accepted."""
    began, before = time.monotonic(), len(site.sandbox.control.journal())
    act()
    last = began
    while time.monotonic() < last + STILL_S:
        time.sleep(0.1)
        now = len(site.sandbox.control.journal(since=before))
        if now:
            before, last = before + now, time.monotonic()
    return last - began
