"""S20: what is installed is what was locked, and nobody warns of it."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.wire import Request, Response
from tests.connectors.serving import json, serving

ROOT = Path(__file__).parents[2]
LOCKED = f"idna==3.7 --hash=sha256:{'0' * 64}\n"
WARNING = {
    "vulns": [
        {
            "id": "PYSEC-2024-60",
            "summary": "made up",
            "affected": [
                {
                    "package": {"name": "idna", "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
                    "versions": ["3.7"],
                }
            ],
        }
    ]
}


def audit(folder: Path, address: str, *more: str) -> "subprocess.CompletedProcess[str]":
    lock = folder / "requirements.lock"
    lock.write_text(LOCKED)
    command = [sys.executable, "scripts/advisories.py", "--at", address, "--lock", str(lock), *more]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )


@contextmanager
def advisories(answer: Callable[[Request], Response]) -> Iterator[str]:
    def serve(request: Request) -> Response:
        return answer(request) if request.method == "POST" else json(404, {})

    with serving(serve) as address:
        yield address


def test_S20_a_package_with_an_advisory_fails_the_check(tmp_path: Path) -> None:
    with advisories(lambda _: json(200, WARNING)) as address:
        done = audit(tmp_path, address)
    assert done.returncode == 1
    assert "PYSEC-2024-60" in done.stdout


def test_S20_a_lock_nobody_warns_of_passes(tmp_path: Path) -> None:
    with advisories(lambda _: json(200, {})) as address:
        done = audit(tmp_path, address)
    assert (done.returncode, "NOT CHECKED" in done.stderr) == (0, False), done.stderr


def test_S20_a_package_that_can_not_be_looked_up_fails_the_check(tmp_path: Path) -> None:
    with advisories(lambda _: json(400, {})) as address:
        done = audit(tmp_path, address)
    assert done.returncode == 1


@pytest.mark.parametrize(("more", "code"), [((), 0), (("--required",), 69)])
def test_S20_advisories_out_of_reach_are_never_taken_for_none(
    tmp_path: Path, more: tuple[str, ...], code: int
) -> None:
    done = audit(tmp_path, "http://127.0.0.1:9", *more)
    assert done.returncode == code
    assert "NOT CHECKED" in done.stderr


def test_S20_every_package_is_locked_by_its_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    lines = [line for line in lock.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) > 50
    assert [line[:60] for line in lines if not re.match(r"\S+==\S+.*--hash=sha256:", line)] == []
    assert "--require-hashes" in (ROOT / "scripts" / "venv").read_text()
    assert "--require-hashes" in (ROOT / "Dockerfile").read_text()


def test_S20_bandit_and_the_advisories_are_part_of_the_check() -> None:
    planned = subprocess.run(
        ["make", "--dry-run", "--old-file=.venv/.ready", "check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "bandit" in planned
    assert "scripts/advisories.py" in planned
    weekly = (ROOT / ".github" / "workflows" / "advisories.yml").read_text()
    assert "schedule" in weekly
    assert "make advisories" in weekly
