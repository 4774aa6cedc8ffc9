"""What the demo starts, and what it says when it can not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.demo import broker, installation
from console.demo.guardian import told
from console.demo.processes import Processes
from console.exits import Exit
from console.session import Refusal
from tests.services.processes import wait_until

WAIT = "import time; print('up', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
FOREVER = [sys.executable, "-c", WAIT]
STUBBORN = [sys.executable, "-c", DEAF + WAIT]


def alive(pid: int) -> bool:
    """Whether it runs; a zombie nobody has taken note of yet does not."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state = done.stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_a_broker_that_is_nowhere_is_asked_for_by_name(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(broker, "find_spec", lambda _name: None)
    with pytest.raises(Refusal) as refused:
        broker.find_program()
    assert refused.value.told.code is Exit.UNREACHABLE
    assert "apt-get install redis-server" in refused.value.told.fix


def test_the_broker_on_path_comes_first(tmp_path, monkeypatch):
    for name in ("valkey-server", "redis-server"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        found = broker.find_program()
        assert found == (name.removesuffix("-server"), str(tmp_path / name))


def test_a_folder_that_can_not_be_written_is_named(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    with pytest.raises(Refusal) as refused, installation.folder_for(50):
        pass
    assert "/nowhere/at/all" in refused.value.told.message
    assert "TMPDIR" in refused.value.told.fix


def test_a_disk_that_is_too_full_is_said_and_nothing_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(Refusal) as refused, installation.folder_for(10**12):
        pass
    assert "MB left" in refused.value.told.message
    assert list(tmp_path.iterdir()) == []


def test_settings_of_another_installation_and_proxies_stay_outside(tmp_path):
    given = {
        "GUESTLIST_HUBSPOT_TOKEN": "real",
        "HTTPS_PROXY": "http://proxy",
        "http_proxy": "http://proxy",
        "PATH": "/bin",
    }
    made = installation.environ_for(tmp_path, given)
    assert made == {"PATH": "/bin", "GUESTLIST_PROBE_DIR": str(tmp_path / "probes")}


def test_folder_and_environment_are_put_back(tmp_path):
    before, here = dict(os.environ), Path.cwd()
    with installation.entered(tmp_path, {"ONLY": "this"}):
        assert dict(os.environ) == {"ONLY": "this"}
        assert Path.cwd() == tmp_path
    assert dict(os.environ) == before
    assert Path.cwd() == here


def test_a_guardian_knows_who_is_left():
    assert told(["+10\n", "+11\n", "nonsense\n", "-10\n", "+12\n"]) == {11, 12}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "demo"
    made.mkdir()
    return made


@pytest.mark.processes
def test_stopping_ends_even_those_that_do_not_listen(folder, monkeypatch):
    monkeypatch.setattr("console.demo.processes.PATIENCE_S", 0.5)
    processes = Processes(folder, os.environ)
    parts = [processes.start("willing", FOREVER), processes.start("stubborn", STUBBORN)]
    pids = [part.process.pid for part in parts]
    processes.wait_until(lambda: all(map(_is_up, parts)), what="both are up", patience=20)
    processes.stop()
    assert not any(map(alive, pids))


@pytest.mark.processes
def test_what_ends_by_itself_is_named_with_its_last_words(folder):
    processes = Processes(folder, os.environ)
    try:
        processes.start("brief", [sys.executable, "-c", "print('no room'); raise SystemExit(3)"])
        with pytest.raises(Refusal, match="brief ended by itself with 3\nno room"):
            processes.wait_until(lambda: False, what="never", patience=20)
    finally:
        processes.stop()


@pytest.mark.processes
def test_a_killed_demo_leaves_neither_processes_nor_its_folder(folder):
    """Nothing runs in a killed process: somebody else has to tidy up."""
    script = f"""
import os, signal
from pathlib import Path
from console.demo.processes import Processes
processes = Processes(Path({str(folder)!r}), os.environ)
part = processes.start("left", {FOREVER!r})
processes.wait_until(lambda: b"up" in part.log.read_bytes(), what="up", patience=20)
print(part.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    left = int(done.stdout)
    wait_until(lambda: not alive(left), what="the process has ended")
    wait_until(lambda: not folder.exists(), what="the folder is gone")


def _is_up(part) -> bool:
    return b"up" in part.log.read_bytes()
