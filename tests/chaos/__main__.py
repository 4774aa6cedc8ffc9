"""``python -m tests.chaos``: one chaos run, one table, and the exit code it deserves."""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.chaos.order import Order
from tests.chaos.run import Ran, body_of, run


def main() -> int:
    """Run it, print the table; 0 if everything holds, else 1, and all that is known is kept."""
    asked = _parser().parse_args()
    order = Order(
        asked.seconds, asked.records, asked.seed, asked.database, asked.rate, asked.mutant
    )
    folder = Path(tempfile.mkdtemp(prefix="guestlist-chaos-"))
    story = (folder / "story.txt").open("w", buffering=1)

    def tell(line: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {line}", file=story)
        print(line, file=sys.stderr, flush=True)

    try:
        ran = run(order, folder, tell, within_s=asked.within)
    except BaseException:
        print(f"kept: {folder}", file=sys.stderr)
        raise
    if asked.json:
        print(body_of(ran))
    else:
        draw(ran)
    if ran.ok and not asked.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"kept: {folder}", file=sys.stderr)
    return 0 if ran.ok else 1


def draw(ran: Ran) -> None:
    """Print the table."""
    order = ran.order
    blows = ", ".join(
        f"{count} {kind}" for kind, count in Counter(b.kind for b in ran.blows).items()
    )
    faults = ", ".join(f"{count} {kind}" for kind, count in ran.faults.items())
    print(
        f"{order.records:,} contacts, {ran.members:,} members at the end; {order.database}; "
        f"seed {order.seed}; {order.seconds:g} s"
    )
    print(f"{ran.acts:,} acts of people, {ran.writes:,} writes of ours")
    print(f"{len(ran.blows)} blows: {blows}")
    print(f"calls hit: {faults}")
    if ran.died:
        print(f"ended by themselves: {', '.join(ran.died)}")
    for each in ran.findings:
        verdict = f"BROKEN {each.times}" if each.broken else "holds"
        print(f"{each.id:<9} {verdict:<11} {each.measured:<32} {each.promise}")
        for line in each.broken:
            print(f"          {line}")
    print("Everything holds." if ran.ok else "It does NOT hold.")


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--rate", type=float, default=12.0, help="acts of people a second")
    parser.add_argument("--within", type=float, default=60.0, help="seconds to be in step again")
    parser.add_argument("--mutant", help="a seeded bug by its name in tests/model/mutants.py")
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    parser.add_argument("--keep", action="store_true", help="keep logs and journal in any case")
    return parser


if __name__ == "__main__":
    sys.exit(main())
