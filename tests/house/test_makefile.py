"""What the make targets promise, without running what they start."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = {
    "help",
    "check",
    "advisories",
    "test",
    "demo",
    "proof",
    "chaos",
    "kills",
    "model",
    "bench",
    "up",
    "down",
    "lock",
}


def make(*arguments: str) -> str:
    done = subprocess.run(
        ["make", "-C", str(ROOT), "--no-print-directory", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def setup_without_python(tmp_path: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up of a copied tree where PATH holds only the given shell scripts."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "venv", tmp_path / "scripts" / "venv")
    path = tmp_path / "bin"
    path.mkdir()
    for name, body in programs.items():
        (path / name).write_text(f"#!/bin/sh\n{body}\n")
        (path / name).chmod(0o755)
    return subprocess.run(
        [str(tmp_path / "scripts" / "venv")],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_target_and_is_what_make_alone_prints() -> None:
    listed = set(re.findall(r"^make (\w+) ", make("help"), flags=re.MULTILINE))
    assert listed == TARGETS
    assert make() == make("help")


@pytest.mark.parametrize("target", sorted(TARGETS - {"help"}))
def test_a_target_says_in_one_line_what_it_does(target: str) -> None:
    planned = make("--dry-run", "--old-file=.venv/.ready", target)
    assert re.match(rf'echo "{target}: \w', planned), planned


def test_what_the_readme_tells_to_type_exists() -> None:
    block = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    assert block is not None
    assert re.findall(r"^make (\w+)", block[1], flags=re.MULTILINE) == ["demo", "test"]
    assert len(block[1].strip().splitlines()) == 2


def test_setup_without_a_recent_python_says_what_is_missing(tmp_path: Path) -> None:
    done = setup_without_python(tmp_path, python3="exit 1")
    assert done.returncode == 69
    assert "no Python 3.11 or newer" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_setup_without_the_venv_module_names_the_debian_package(tmp_path: Path) -> None:
    done = setup_without_python(tmp_path, python3='case "$2" in *ensurepip*) exit 1;; esac')
    assert done.returncode == 69
    assert "apt-get install python3-venv" in done.stderr


def test_the_lock_pins_every_package_by_hash_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    requirements = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]
    assert len(requirements) > 50
    for requirement in requirements:
        assert re.match(r"[\w.-]+==\S+", requirement)
        assert "--hash=sha256:" in requirement
    assert "://" not in lock


def test_the_running_python_is_one_we_support() -> None:
    assert sys.version_info >= (3, 11)


def test_ci_calls_the_commands_of_a_laptop_and_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = script.read_text().splitlines()
    assert lines[-3:] == ["make check", "make test", "make kills"]
    assert "export CI=true" in lines


@pytest.mark.parametrize(
    ("compose", "files", "said"),
    [
        ("false", ("guestlist.toml", ".env"), "up: 'false' does not run; install Docker with"),
        ("true", (".env",), "up: there is no guestlist.toml; docs/quick-start.md says"),
        ("true", ("guestlist.toml",), "up: there is no .env; docs/quick-start.md says"),
        ("true", ("guestlist.toml", ".env"), ""),
    ],
)
def test_up_says_what_is_missing_before_it_starts_anything(
    compose: str, files: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    for name in files:
        (tmp_path / name).touch()
    done = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), f"COMPOSE={compose}", "up"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.startswith(said)
    assert (done.returncode == 0) is (said == "")
