"""``python -m benchmarks.proof``: every promise under load, and what a quiet poll costs."""

import argparse
import json
import os
import platform
import sys

from benchmarks.proof import quiet
from benchmarks.proof.performance import Load, prove
from benchmarks.proof.report import Report, body_of, draw
from console.session import Session


def main() -> int:
    """Run it, print one table or one object, and return 0 if everything holds, else 1."""
    asked = _parser().parse_args()
    load = Load(
        contacts=asked.contacts,
        rate=asked.rate,
        seconds=asked.seconds,
        seed=asked.seed,
        poll_s=asked.poll,
        lag_s=asked.lag,
    )
    machine = _machine()
    worlds = quiet.measured(asked.quiet_at, seed=asked.seed)
    for world in worlds:
        _tell(f"a quiet poll at {world.contacts:,} contacts: {world.words} calls")
    report = Report(machine, load, prove(Session({}), load, tell=_tell), worlds)
    if asked.json:
        print(json.dumps(body_of(report)))
    else:
        draw(report)
    return 0 if report.ok else 1


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proof", description=__doc__)
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=20.0, help="edits a second, on each side")
    parser.add_argument("--seconds", type=float, default=300.0, help="for how long")
    parser.add_argument("--seed", default="1", help="the same seed makes the same world and edits")
    parser.add_argument("--poll", type=float, default=2.0, help="seconds between polls")
    parser.add_argument("--lag", type=float, default=5.0, help="seconds a list takes to follow")
    parser.add_argument(
        "--quiet-at",
        type=int,
        nargs="*",
        default=[1_000, 200_000],
        metavar="N",
        help="contacts at which a quiet poll is measured; none: it is not",
    )
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    return parser


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"load before {load:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
