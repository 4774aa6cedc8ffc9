import os
import subprocess
import sys
from pathlib import Path

import pytest

from worker.probes import LIVE, READY, STALE_AFTER_S, clear, main, mark, probe_dir, problem

NODE = "celery@one"


def beat_time(folder: Path, node: str = NODE) -> float:
    return (folder / f"{node}.{LIVE}").stat().st_mtime


def test_without_a_heartbeat_nothing_is_alive(tmp_path: Path) -> None:
    assert "no heartbeat" in (problem(tmp_path, LIVE, now=0.0) or "")
    assert problem(tmp_path / "absent", READY, now=0.0)


def test_a_fresh_heartbeat_is_alive_and_a_stale_one_is_not(tmp_path: Path) -> None:
    mark(tmp_path, NODE, LIVE)
    now = beat_time(tmp_path)
    assert problem(tmp_path, LIVE, now=now + STALE_AFTER_S) is None
    assert f"{NODE}: last heartbeat 31 s ago" == problem(tmp_path, LIVE, now=now + 31)


def test_alive_is_not_yet_ready(tmp_path: Path) -> None:
    mark(tmp_path, NODE, LIVE)
    now = beat_time(tmp_path)
    assert problem(tmp_path, READY, now=now) == f"{NODE}: not ready yet"
    mark(tmp_path, NODE, READY)
    assert problem(tmp_path, READY, now=now) is None
    assert problem(tmp_path, READY, now=now + 31)


def test_one_dead_node_is_enough_unless_another_is_asked_for(tmp_path: Path) -> None:
    mark(tmp_path, NODE, LIVE)
    mark(tmp_path, "celery@two", LIVE)
    now = beat_time(tmp_path)
    os.utime(tmp_path / f"{NODE}.{LIVE}", (now - 60, now - 60))
    assert problem(tmp_path, LIVE, now=now)
    assert problem(tmp_path, LIVE, now=now, node="celery@two") is None


def test_what_is_cleared_is_gone(tmp_path: Path) -> None:
    mark(tmp_path, NODE, LIVE)
    mark(tmp_path, NODE, READY)
    clear(tmp_path, NODE)
    clear(tmp_path, NODE)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_ours_alone(tmp_path: Path) -> None:
    mark(tmp_path / "probes", NODE, LIVE)
    assert (tmp_path / "probes").stat().st_mode & 0o777 == 0o700


def test_the_folder_can_be_named(tmp_path: Path) -> None:
    assert probe_dir({"GUESTLIST_PROBE_DIR": str(tmp_path)}) == tmp_path
    assert probe_dir({"GUESTLIST_PROBE_DIR": ""}).name == f"guestlist-{os.getuid()}"


def test_the_command_says_yes_and_no(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"GUESTLIST_PROBE_DIR": str(tmp_path)}
    assert main(["live"], environ) == 1
    mark(tmp_path, NODE, LIVE)
    assert main(["live", "--node", NODE], environ) == 0
    assert main(["ready"], environ) == 1
    captured = capsys.readouterr()
    assert captured.out == "ok\n"
    assert "no heartbeat" in captured.err


def test_the_probe_loads_neither_celery_nor_settings() -> None:
    code = "import sys, worker.probes; print({'celery', 'marshmallow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
