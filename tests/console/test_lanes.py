"""``guestlist doctor`` and workers that take some of the lanes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.console.conftest import Console
from tests.services.processes import running, wait_until

RUN = "from console.cli import main; main()"


@pytest.mark.processes
def test_a_lane_that_no_worker_takes_and_a_missing_beat_are_told(
    console: Console, redis_url: str, tmp_path: Path
) -> None:
    """In processes of their own: the Celery application of this one has another broker."""
    environment = {
        **os.environ,
        **console.environ,
        "GUESTLIST_BROKER_URL": redis_url,
        "GUESTLIST_LIMITS_URL": redis_url,
        "GUESTLIST_PROBE_DIR": str(tmp_path / "probes"),
    }

    def look() -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-c", RUN, "doctor", "--only", "workers", "--json"],
            env=environment,
            capture_output=True,
            check=False,
        )
        checks: list[dict[str, Any]] = orjson.loads(done.stdout)["checks"]
        return checks

    celery = [sys.executable, "-m", "celery", "-A", "worker", "worker", "-c", "1"]
    some = [*celery, "-n", "some@here", "-Q", "interactive,changes"]
    rest = [*celery, "-n", "rest@here", "-Q", "bulk,upkeep"]
    with running(some, log=tmp_path / "some.log", environment=environment):
        wait_until(lambda: "some@here" in str(look()), what="a worker's answer")
        lanes, beat = look()
        assert lanes["colour"] == beat["colour"] == "YELLOW"
        assert lanes["said"] == "some@here: none takes bulk,upkeep, whose work waits"
        assert lanes["fix"] == "guestlist worker -Q bulk,upkeep"
        assert beat["fix"] == "guestlist beat"
        with running(rest, log=tmp_path / "rest.log", environment=environment):
            wait_until(lambda: look()[0]["colour"] == "GREEN", what="every lane is taken")
