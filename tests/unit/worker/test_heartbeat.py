"""Real worker and beat processes leave their files, keep them fresh and take them away."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from subprocess import Popen

import pytest

from guestlist.connectors.presence import Kind, open_presence
from schemas.settings import Settings
from tests.services.processes import running, wait_until
from tests.services.redis_server import running_redis
from worker.probes import LIVE, main

APPLICATION = """
import os
import celery
from worker.heartbeat import install

app = celery.Celery("probed", broker=os.environ["BROKER"])
app.conf.update(beat_scheduler="worker.heartbeat:HeartbeatScheduler")
install(app)
"""
ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.processes


@contextmanager
def celery(*arguments: str, folder: Path, broker: str) -> Iterator[Popen[bytes]]:
    (folder / "probed.py").write_text(APPLICATION)
    environment = os.environ | {
        "BROKER": broker,
        "GUESTLIST_BROKER_URL": broker,
        "GUESTLIST_PROBE_DIR": str(folder / "probes"),
        "PYTHONPATH": f"{folder}:{ROOT}",
    }
    command = [sys.executable, "-m", "celery", "-A", "probed", *arguments]
    with running(command, log=folder / "celery.log", environment=environment) as process:
        yield process


def answers(kind: str, folder: Path) -> bool:
    return main([kind], {"GUESTLIST_PROBE_DIR": str(folder / "probes")}) == 0


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_a_worker_is_alive_then_ready_then_gone(pool: str, redis_url: str, tmp_path: Path) -> None:
    arguments = ("worker", "--pool", pool, "--concurrency", "1", "--hostname", "one@test")
    with celery(*arguments, folder=tmp_path, broker=redis_url) as process:
        wait_until(lambda: answers("ready", tmp_path), what="the worker is ready")
        assert answers("live", tmp_path)
        assert_renewed_twice(tmp_path / "probes" / f"one@test.{LIVE}")
        process.terminate()
        wait_until(lambda: process.poll() is not None, what="the worker has ended")
    assert list((tmp_path / "probes").iterdir()) == []


def test_a_worker_that_loses_its_broker_stays_alive(tmp_path: Path) -> None:
    arguments = ("worker", "--pool", "threads", "--concurrency", "1", "--hostname", "one@test")
    with (
        running_redis(tmp_path) as server,
        celery(*arguments, folder=tmp_path, broker=server.url),
    ):
        wait_until(lambda: answers("ready", tmp_path), what="the worker is ready")
        server.process.kill()
        server.process.wait()
        assert_renewed_twice(tmp_path / "probes" / f"one@test.{LIVE}")


def test_a_worker_that_never_found_its_broker_is_alive_but_not_ready(tmp_path: Path) -> None:
    arguments = ("worker", "--pool", "threads", "--concurrency", "1", "--hostname", "one@test")
    with celery(*arguments, folder=tmp_path, broker="redis://127.0.0.1:1/0"):
        wait_until(lambda: answers("live", tmp_path), what="the worker is alive")
        assert_renewed_twice(tmp_path / "probes" / f"one@test.{LIVE}")
        assert not answers("ready", tmp_path)


def assert_renewed_twice(beat: Path) -> None:
    """Once could be the beat that was under way."""
    for _ in range(2):
        wait_until(partial(newer, beat, beat.stat().st_mtime), what="the heartbeat is renewed")


def newer(beat: Path, than: float) -> bool:
    return beat.stat().st_mtime > than


def test_beat_leaves_a_heartbeat_of_its_own(redis_url: str, tmp_path: Path) -> None:
    arguments = ("beat", "--schedule", str(tmp_path / "schedule"), "--pidfile", "")
    with celery(*arguments, folder=tmp_path, broker=redis_url) as process:
        wait_until(lambda: answers("ready", tmp_path), what="beat is ready")
        assert answers("live", tmp_path)
        process.terminate()
        wait_until(lambda: process.poll() is not None, what="beat has ended")
    assert list((tmp_path / "probes").iterdir()) == []


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_worker_and_beat_are_heard_of_by_the_others(
    pool: str, redis_url: str, tmp_path: Path
) -> None:
    presence = open_presence(Settings(limits_url=redis_url))

    def present(kind: Kind) -> int:
        heard = presence.heard(kind)
        return heard.present if heard else 0

    arguments = ("worker", "--pool", pool, "--concurrency", "1", "--hostname", "one@test")
    with celery(*arguments, folder=tmp_path, broker=redis_url):
        wait_until(lambda: present(Kind.WORKER) == 1, what="the worker is heard of")
    with celery("beat", "-s", str(tmp_path / "beat"), folder=tmp_path, broker=redis_url):
        wait_until(lambda: present(Kind.BEAT) == 1, what="beat is heard of")
