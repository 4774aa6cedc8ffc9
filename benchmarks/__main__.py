"""Measure Guestlist, and what a user would otherwise run, against the same sandbox."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks import machine, peers
from benchmarks.legs import legs
from benchmarks.row import Row
from benchmarks.table import growth, judged, markdown, met

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("results")
ONE_BY_ONE = 2_000
"""Contacts for a script that needs two milliseconds of CPU, and two calls, for each."""
SLOW = 1_000
"""Contacts where every call takes 80 ms."""
DELAY_S = 0.08
AT_ONCE = 12_000
"""Contacts that change in one millisecond: more than HubSpot's search shows."""
_NAMES = frozenset(field.name for field in fields(Row))


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of ours, run in a process of its own."""

    name: str
    contacts: int


def steps(contacts: int, *, large: int, quiet: list[int]) -> list[Step]:
    """Return what is measured of ours, in order."""
    return [
        Step("limiter", 20_000),
        Step("decision", 5_000),
        Step("list-syncs", contacts // 4),
        Step("list-syncs", contacts),
        Step("postgresql", contacts),
        *(Step("quiet", size) for size in quiet),
        Step("list", 5 * contacts),
        Step("same-moment", AT_ONCE),
        Step("latency", SLOW),
        Step("limits", contacts),
        Step("meanwhile", 5 * contacts),
        *([Step("large", large)] if large else []),
    ]


def ours(step: Step) -> list[Row]:
    """Run a stage, and return its rows."""
    command = [sys.executable, "-m", "benchmarks.stage", step.name, str(step.contacts)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(f"{step.name} with {step.contacts:,} contacts ended with {done.returncode}")
    told: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return [Row(**{name: value for name, value in row.items() if name in _NAMES}) for row in told]


def theirs(contacts: int) -> Iterator[Row]:
    """Let the peers do the same work, as far as they can."""
    yield peers.run(peers.BATCHED, contacts, "cold list sync")
    yield peers.run(peers.ONE_BY_ONE, ONE_BY_ONE, "cold list sync")
    yield peers.run(peers.BATCHED, SLOW, "80 ms a call, cold", delay_s=DELAY_S)
    yield peers.run(peers.ONE_BY_ONE, SLOW // 2, "80 ms a call, cold", delay_s=DELAY_S)
    yield peers.run(peers.ONE_BY_ONE, ONE_BY_ONE, "limits on, cold", limits=True)
    yield peers.run(peers.BATCHED, 2 * contacts, "limits on, cold", limits=True)
    yield from legs(contacts, of_list=5 * contacts, at_once=AT_ONCE)


def measured(asked: argparse.Namespace) -> list[Row]:
    rows: list[Row] = []
    for step in steps(asked.contacts, large=asked.large, quiet=asked.quiet):
        if asked.only and step.name not in asked.only:
            continue
        _say(f"{step.name}, {step.contacts:,}")
        rows += ours(step)
    if asked.peers and (not asked.only or "peers" in asked.only):
        for row in theirs(asked.contacts):
            _say(f"{row.who}: {row.workload}")
            rows.append(row)
    return sorted(rows, key=lambda row: (_first(rows, row.workload), row.who != "Guestlist"))


def _first(rows: list[Row], workload: str) -> int:
    return next(place for place, row in enumerate(rows) if row.workload == workload)


def body(rows: list[Row], *, seconds: float) -> dict[str, Any]:
    """Return what is kept of a run."""
    return {
        "machine": machine.described(),
        "seconds": round(seconds),
        "rows": [row.body() for row in rows],
        "goals": [
            {"goal": goal.what, "measured": round(goal.of(row), 4), "holds": goal.held(row)}
            for goal, row in met(rows)
        ],
    }


def text(rows: list[Row]) -> str:
    """Return both tables as a page."""
    loads, loops = [row.load for row in rows], [row.yardstick_ms for row in rows]
    about = (
        f"{machine.described()}. Meanwhile the load average was {min(loads)} to {max(loads)}, "
        f"and a fixed loop took {min(loops)} to {max(loops)} ms of CPU."
    )
    parts = (about, judged(rows), markdown(rows), "What a record costs as the list grows:")
    return "# Results\n\n" + "\n\n".join([*parts, growth(rows)]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument(
        "--quiet", type=int, nargs="*", default=[1_000], help="more sizes for a quiet poll"
    )
    parser.add_argument("--large", type=int, default=0, help="a list of so many, cold: 1000000")
    stages = {step.name: None for step in steps(0, large=1, quiet=[0])}
    parser.add_argument(
        "--only", nargs="+", metavar="STAGE", choices=[*stages, "peers"], help=", ".join(stages)
    )
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--json", action="store_true", help="one object instead of the tables")
    parser.add_argument("--out", type=Path, help="keep results in this folder")
    asked = parser.parse_args()
    began = time.monotonic()
    rows = measured(asked)
    kept = json.dumps(body(rows, seconds=time.monotonic() - began), indent=2)
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "results.json").write_text(kept + "\n", encoding="utf-8")
        (asked.out / "results.md").write_text(text(rows), encoding="utf-8")
    print(kept if asked.json else text(rows))


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
