"""The steps at which a test may end a worker, and who may."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from guestlist import failpoint
from guestlist.failpoint import POINTS, Action
from tests.parity.named import ROOT
from worker import celery

PRODUCT = ("guestlist", "worker", "tasks", "console", "schemas")
HIT = re.compile(r"failpoint\.hit\(\"([a-z_.]+)\"\)")
STEP = "drain.claimed"


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoint.arm(None)


def test_every_step_of_the_registry_is_in_the_code_and_no_other() -> None:
    files = [path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py")]
    marked = {name for path in files for name in HIT.findall(path.read_text())}
    registry = ROOT / "guestlist" / "failpoint.py"
    assert registry in files
    assert marked == set(POINTS)
    assert len(POINTS) == 20


def test_unarmed_a_step_is_the_call_of_an_empty_function() -> None:
    assert failpoint.hit is failpoint.unarmed


def test_an_armed_step_acts_once_and_says_which_process_did(tmp_path: Path) -> None:
    failpoint.arm(tmp_path)
    failpoint.hit(STEP)
    (tmp_path / STEP).write_text(Action.RAISE)
    with pytest.raises(failpoint.Failed, match=STEP):
        failpoint.hit(STEP)
    failpoint.hit(STEP)
    assert (tmp_path / f"{STEP}.hit").read_text() == str(os.getpid())


@pytest.mark.parametrize(("development", "armed"), [("true", True), ("false", False)])
def test_a_worker_is_armed_in_development_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, development: str, *, armed: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(failpoint.ENV, str(tmp_path))
    monkeypatch.setenv("GUESTLIST_DEVELOPMENT", development)
    celery._arm_failpoints()
    assert (failpoint.hit is not failpoint.unarmed) is armed
