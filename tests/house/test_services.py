"""The tests' own services, and what happens where one is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text

from tests.services.processes import missing, wait_until
from tests.services.redis_server import running_redis

pytestmark = pytest.mark.processes


def test_what_starts_processes_never_runs_side_by_side(request: pytest.FixtureRequest) -> None:
    """The group was lost without a word: by pytest 9.2, and where it was given too late."""
    grouped = request.config.getoption("loadgroup", False)
    assert request.node.nodeid.endswith("@processes") is bool(grouped)


def test_each_test_gets_an_empty_redis(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_each_test_gets_an_empty_redis_whatever_the_last_one_left(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_a_killed_redis_comes_back_with_its_data_only_if_it_writes_them(tmp_path: Path) -> None:
    with running_redis(tmp_path, appendonly=True) as first:
        with redis.Redis.from_url(first.url) as client:
            client.config_set("appendfsync", "always")
            client.set("kept", "1")
        first.process.kill()
        first.process.wait()
        with (
            running_redis(tmp_path, port=first.port, appendonly=True) as second,
            redis.Redis.from_url(second.url) as client,
        ):
            assert client.get("kept") == b"1"


def test_a_database_is_empty_on_each_kind_of_server(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mark (id INTEGER PRIMARY KEY)"))
        assert connection.execute(text("SELECT count(*) FROM mark")).scalar() == 0
    engine.dispose()


def test_a_missing_service_skips_on_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install redis-server"):
        missing("Redis", remedy="install redis-server")


def test_a_missing_service_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="install redis-server"):
        missing("Redis", remedy="install redis-server")


def test_a_server_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("parent-death signals are Linux's")
    script = (
        "import sys, time; from pathlib import Path\n"
        "from tests.services.redis_server import running_redis\n"
        "with running_redis(Path(sys.argv[1])) as server:\n"
        "    print(server.process.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        server_pid = int(owner.stdout.readline())
        os.kill(server_pid, 0)
        owner.kill()
    wait_until(lambda: _is_gone(server_pid), what="the server's end")


def _is_gone(pid: int) -> bool:
    """Gone, or a zombie where nobody reaps orphans."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"
