"""The command as a process: how fast it starts, what it becomes, how it ends."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = "from console.cli import main; main()"
HELP_CPU_S = 0.3


def guestlist(folder: Path, *line: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("GUESTLIST_")
    }
    return subprocess.run(
        [sys.executable, "-c", RUN, *line],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_is_quick(tmp_path: Path) -> None:
    guestlist(tmp_path, "--help")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = guestlist(tmp_path, "--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < HELP_CPU_S


@pytest.mark.parametrize("line", [("--help",), ("config", "show"), ("mapping", "show")])
def test_commands_that_need_no_worker_import_no_celery(
    tmp_path: Path, line: tuple[str, ...]
) -> None:
    asked = f"""
import sys
from console.cli import cli
try:
    cli.main({list(line)!r})
finally:
    print([name for name in ("celery", "alembic", "requests") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("program", ["worker", "beat"])
def test_it_prints_and_becomes_the_plain_celery_command(tmp_path: Path, program: str) -> None:
    done = guestlist(tmp_path, program, "-l", "error", "--help")
    assert done.returncode == 0, done.stderr
    assert f"+ celery -A worker {program} -l error" in done.stderr
    assert f"Usage: python -m celery {program}" in done.stdout
    assert (tmp_path / "state" / "guestlist.db").exists()


def test_flower_needs_a_password_and_never_prints_it(tmp_path: Path) -> None:
    refused = guestlist(tmp_path, "flower")
    assert refused.returncode == 78
    assert "FLOWER_PASSWORD" in refused.stderr
    done = guestlist(tmp_path, "flower", "--", "--help", FLOWER_PASSWORD="hush-hush")
    assert done.returncode == 0, done.stderr
    assert "--address=127.0.0.1" in done.stderr
    assert "--max-tasks=10000" in done.stderr
    assert "hush-hush" not in done.stdout + done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(tmp_path: Path, shell: str) -> None:
    script = guestlist(tmp_path, "completion", shell)
    assert script.returncode == 0
    assert "_GUESTLIST_COMPLETE" in script.stdout
    done = guestlist(
        tmp_path,
        _GUESTLIST_COMPLETE="bash_complete",
        COMP_WORDS="guestlist er",
        COMP_CWORD="1",
    )
    assert done.stdout.strip() == "plain,errors"


def test_a_config_file_is_found_by_its_option(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('environment = "from-the-file"\n')
    done = guestlist(tmp_path, "config", "show", "--changed", "--config", "other.toml")
    assert done.returncode == 0, done.stderr
    assert "from-the-file" in done.stdout


def test_without_a_terminal_nothing_is_asked_and_no_bar_is_drawn(tmp_path: Path) -> None:
    done = guestlist(tmp_path, "connect", "hubspot")
    assert done.returncode == 2
    assert "nothing was given" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_state_folder_that_can_not_be_made_is_a_setting_to_correct(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    done = guestlist(tmp_path, "doctor")
    assert done.returncode == 78
    assert f"the folder of the state can not be made: {tmp_path / 'state'}: File" in done.stderr
    assert "GUESTLIST_STATE_DIR" in done.stderr


def test_a_sqlite_file_that_can_not_be_used_is_no_server_that_does_not_answer(
    tmp_path: Path,
) -> None:
    spoiled(tmp_path)
    done = guestlist(tmp_path, "runs", "ls")
    assert done.returncode == 69
    assert "the SQLite database can not be used: file is not a database" in done.stderr
    assert "is it running" not in done.stderr


def test_an_error_keeps_its_exit_code_when_there_is_no_room_to_tell_it(tmp_path: Path) -> None:
    spoiled(tmp_path)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", RUN, "runs", "ls", "--json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 69
    assert "Traceback" not in done.stderr


def spoiled(folder: Path) -> None:
    """Put something else in the place of the database."""
    state = folder / "state"
    state.mkdir()
    (state / "guestlist.db").write_bytes(b"no database" * 500)
