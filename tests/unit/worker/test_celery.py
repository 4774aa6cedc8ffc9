"""``celery -A worker`` with settings that can not be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.exits import Exit

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("command", ["worker", "beat", "flower"])
def test_problems_are_told_and_nothing_else(command: str, tmp_path: Path) -> None:
    (tmp_path / "guestlist.toml").write_text("[objects.contacts]\nfoo = 1\n")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "GUESTLIST_FLOW_LEASE_S": "soon"}
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "worker", command],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == Exit.CONFIG
    assert done.stderr.splitlines() == [
        "the settings can not be used:",
        "objects.contacts.foo: Unknown setting. (guestlist.toml)",
        "flow.lease_s: Not a valid number. (env GUESTLIST_FLOW_LEASE_S)",
    ]
