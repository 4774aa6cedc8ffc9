"""Measure the whole path, from list to Salesforce, by running the demo at several sizes."""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Measured:
    contacts: int
    members: int
    seconds: float
    cpu_seconds: float
    hubspot_calls_per_1000: float
    salesforce_calls_per_1000: float


def measure(contacts: int, *, seed: str) -> Measured:
    demo = [str(Path(sys.executable).with_name("guestlist")), "demo", "--list-only"]
    began, cpu_before = time.monotonic(), _children_cpu()
    done = subprocess.run(
        [*demo, "--json", "--quiet", "--contacts", str(contacts), "--seed", seed],
        stdout=subprocess.PIPE,
        check=False,
    )
    seconds, cpu = time.monotonic() - began, _children_cpu() - cpu_before
    report: dict[str, Any] = json.loads(done.stdout or b"{}")
    if done.returncode != 0 or not report.get("ok"):
        sys.exit(f"the proof does not hold with {contacts} contacts: {report}")
    calls, thousands = report["api_calls"], report["members"] / 1000
    return Measured(
        contacts=contacts,
        members=report["members"],
        seconds=round(seconds, 1),
        cpu_seconds=round(cpu, 1),
        hubspot_calls_per_1000=round(calls["hubspot"] / thousands, 2),
        salesforce_calls_per_1000=round(calls["salesforce"] / thousands, 2),
    )


def cpu_ms_per_member(measured: Sequence[Measured]) -> float | None:
    """What one more member costs; start-up is in both worlds and cancels out."""
    small = min(measured, key=lambda world: world.members)
    large = max(measured, key=lambda world: world.members)
    if small.members == large.members:
        return None
    more = large.cpu_seconds - small.cpu_seconds
    return round(1000 * more / (large.members - small.members), 3)


def machine() -> str:
    cores = os.cpu_count()
    return f"{platform.platform()}, {cores} cores, Python {platform.python_version()}"


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _print_table(measured: Sequence[Measured]) -> None:
    print(f"machine: {machine()}")
    print(f"{'contacts':>9} {'members':>8} {'seconds':>8} {'CPU s':>7}  calls per 1,000 members")
    for world in measured:
        print(
            f"{world.contacts:>9,} {world.members:>8,} {world.seconds:>8} {world.cpu_seconds:>7}"
            f"  HubSpot {world.hubspot_calls_per_1000}, "
            f"Salesforce {world.salesforce_calls_per_1000}"
        )
    if (cost := cpu_ms_per_member(measured)) is not None:
        print(f"CPU per member, all processes and both sandboxes: {cost} ms")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--contacts", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--seed", default="1", help="the same seed makes the same worlds")
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    asked = parser.parse_args()
    measured = [measure(contacts, seed=asked.seed) for contacts in asked.contacts]
    if asked.json:
        worlds = [asdict(world) for world in measured]
        cost = cpu_ms_per_member(measured)
        print(json.dumps({"machine": machine(), "worlds": worlds, "cpu_ms_per_member": cost}))
    else:
        _print_table(measured)


if __name__ == "__main__":
    main()
