"""``python -m benchmarks.proof``: the load proof, or nothing but what a quiet poll costs."""

import argparse
import json
import os
import platform
import sys

from benchmarks.proof.performance import Load, prove
from benchmarks.proof.report import body_of, draw
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
    proved = prove(Session({}), load, tell=lambda line: print(line, file=sys.stderr, flush=True))
    if asked.json:
        print(json.dumps(body_of(proved, load, machine=machine())))
    else:
        draw(proved, load, machine=machine())
    return 0 if proved.ok else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proof", description=__doc__)
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=20.0, help="edits a second, on each side")
    parser.add_argument("--seconds", type=float, default=300.0, help="for how long")
    parser.add_argument("--seed", default="1", help="the same seed makes the same world and edits")
    parser.add_argument("--poll", type=float, default=2.0, help="seconds between polls")
    parser.add_argument("--lag", type=float, default=5.0, help="seconds a list takes to follow")
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    return parser


def machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"load {load:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
