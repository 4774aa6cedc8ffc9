"""What the console says of real workers and a real broker."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis

from schemas.settings import Lane
from tests.console.conftest import Console
from tests.services.processes import running, wait_until

LOOK = """
import os, orjson, sys
from console.web import looks
from worker.settings import load
from worker.wiring import services
found = looks.looks(load(os.environ), services())
told = {name: found[name].ask() for name in (looks.QUEUES, looks.WORKERS)}
told["workers"] = [each._asdict() for each in told["workers"]]
sys.stdout.write(orjson.dumps(told).decode())
"""


@pytest.mark.processes
def test_workers_that_answer_and_what_waits_on_each_lane_are_seen(
    console: Console, redis_url: str, tmp_path: Path
) -> None:
    """In a process of its own: the Celery application of this one has another broker."""
    environment = {**os.environ, **console.environ, "GUESTLIST_BROKER_URL": redis_url}

    def look() -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", LOOK], env=environment, capture_output=True, check=True
        )
        told: dict[str, Any] = orjson.loads(done.stdout)
        return told

    console.json("list", "ls")
    with redis.Redis.from_url(redis_url) as client:
        client.rpush(Lane.BULK.value, "{}")
        assert look() == {
            "queues": {lane.value: int(lane is Lane.BULK) for lane in Lane},
            "workers": [],
        }
        client.delete(Lane.BULK.value)
    command = [sys.executable, "-m", "celery", "-A", "worker", "worker", "-n", "one@here"]
    with running(command, log=tmp_path / "worker.log", environment=environment):
        wait_until(lambda: bool(look()["workers"]), what="a worker's answer")
        [node] = look()["workers"]
    expected = {"name": "one@here", "pool": "thread", "slots": 8, "active": 0}
    assert {name: node[name] for name in expected} == expected
