"""``python -m benchmarks.stage NAME N``: one workload in a process of its own, rows as JSON."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import limited, workloads
from benchmarks.pure import PURE
from benchmarks.row import Row

STAGES: dict[str, Callable[[Path, int], list[Row]]] = {
    "list-syncs": workloads.list_syncs,
    "postgresql": workloads.on_postgresql,
    "quiet": workloads.quiet_only,
    "list": workloads.list_only,
    "same-moment": workloads.same_moment,
    "limits": limited.limits,
    "meanwhile": limited.meanwhile,
    "latency": workloads.latency,
    "large": workloads.large,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stage", description=__doc__)
    parser.add_argument("name", choices=[*STAGES, *PURE])
    parser.add_argument("contacts", type=int)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guestlist-world-") as folder:
        if asked.name in PURE:
            rows = PURE[asked.name](asked.contacts)
        else:
            rows = STAGES[asked.name](Path(folder) / "world.json", asked.contacts)
    json.dump([row.body() for row in rows], sys.stdout)


if __name__ == "__main__":
    main()
