"""A proof that runs as a process of its own: what it found, and that it leaves nothing behind."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def proved(module: str, options: Sequence[str], folder: Path, *, timeout_s: float) -> Any:
    """Run ``python -m module`` in *folder* with ``--json``; what it told, once all of it holds."""
    environ = {n: v for n, v in os.environ.items() if not n.startswith("GUESTLIST_")}
    environ |= {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", module, *options, "--json"],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    told = json.loads(done.stdout or "{}")
    # How many edits the machine lets come between a read and its write is no promise.
    broken = [x for x in told["findings"] if not x["holds"] and x["id"] != "I2 race"]
    assert broken == [], done.stderr
    return told
