"""``celery -A worker``, typed as it is: in a new folder, and with settings that can not be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.exits import Exit
from guestlist.store.database import Database
from guestlist.store.schema import versions
from tests.services.processes import running, wait_until
from worker.probes import main

ROOT = Path(__file__).parents[3]


@pytest.mark.processes
def test_a_worker_that_is_the_first_of_its_installation_makes_the_database(
    redis_url: str, tmp_path: Path
) -> None:
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "GUESTLIST_BROKER_URL": redis_url,
        "GUESTLIST_PROBE_DIR": str(tmp_path / "probes"),
        "GUESTLIST_STATE_DIR": str(tmp_path / "state"),
    }
    command = [sys.executable, "-m", "celery", "-A", "worker", "worker", "-c", "1", "-n", "one@new"]
    with running(command, log=tmp_path / "log", environment=environ):
        wait_until(lambda: main(["ready"], environ) == 0, what="the worker is ready")
    database = Database(f"sqlite:///{tmp_path / 'state' / 'guestlist.db'}")
    assert versions(database).equal
    database.dispose()


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
