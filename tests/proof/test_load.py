"""The load proof as a process, in its short form."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHORT = ("--contacts", "1000", "--seconds", "20", "--poll", "1", "--quiet-at", "200", "400")


@pytest.mark.processes
@pytest.mark.timeout(600)
def test_the_promises_hold_under_edits_of_both_sides(tmp_path: Path) -> None:
    environ = {n: v for n, v in os.environ.items() if not n.startswith("GUESTLIST_")}
    environ |= {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.proof", "--json", *SHORT],
        cwd=tmp_path,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    told = json.loads(done.stdout or "{}")
    # How many edits the machine lets come between a read and its write is no promise.
    broken = [x for x in told["findings"] if not x["holds"] and x["id"] != "I2 race"]
    assert broken == [], done.stderr
    assert told["edits"] > 400
    assert told["writes"] > 300
    assert list(tmp_path.iterdir()) == []
