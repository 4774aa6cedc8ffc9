"""Every explain code is reached, by what people and CRMs do, and told with its facts and times."""

import re
from pathlib import Path
from typing import Any

import pytest

from guestlist.domain.reason import Reason
from tests.engine.conftest import Install
from tests.gate.conftest import look
from tests.parity.conftest import Explain
from tests.parity.plights import PASSES, STOPS, Bench, Plight
from tests.parity.setbacks import ENDS, FAILS, WAITS, Setback

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
AGE = re.compile(r"read [\d.]+ s ago")


def named(case: object) -> str:
    return str(getattr(case, "value", "") or getattr(case, "__name__", ""))


@pytest.mark.parametrize(("reason", "plight"), PASSES, ids=named)
def test_a_record_that_passes_is_told_so(
    install: Install, tmp_path: Path, explained: Explain, reason: Reason, plight: Plight
) -> None:
    here, record = plight(Bench(install, tmp_path))
    told = explained(here, record)
    assert told["reason"] == reason
    assert {step["verdict"] for step in told["path"]} == {"Pass"}
    assert dated(told)
    look(here, [record])
    assert explained(here, record)["history"][0]["reason"] == reason


@pytest.mark.parametrize(("reason", "plight", "question"), STOPS, ids=named)
def test_a_record_that_is_stopped_is_told_at_which_question(  # noqa: PLR0917
    install: Install,
    tmp_path: Path,
    explained: Explain,
    reason: Reason,
    plight: Plight,
    question: str,
) -> None:
    here, record = plight(Bench(install, tmp_path))
    told = explained(here, record)
    assert told["history"][0]["reason"] == told["reason"] == reason
    assert [step["question"] for step in told["path"] if step["verdict"] == "Stop"] == [question]
    assert told["facts"]
    assert dated(told)


@pytest.mark.parametrize(("reason", "setback"), WAITS, ids=named)
def test_a_record_that_waits_is_told_for_what_and_until_when(
    install: Install, explained: Explain, reason: Reason, setback: Setback
) -> None:
    here, record = setback(install)
    told = explained(here, record)
    (waiting,) = [row for row in told["history"] if row["outcome"] is None]
    assert waiting["reason"] == reason
    assert INSTANT.match(waiting["due_at"])
    said = explained.aloud(here, record)
    assert re.search(f"waits in run .*, {reason} until {INSTANT.pattern}", said)


@pytest.mark.parametrize(("reason", "setback"), FAILS, ids=named)
def test_a_record_that_was_refused_is_told_so_in_the_words_of_the_crm(
    install: Install, explained: Explain, reason: Reason, setback: Setback
) -> None:
    here, record = setback(install)
    told = explained(here, record)
    assert (told["history"][0]["reason"], told["history"][0]["outcome"]) == (reason, "failed")
    error = told["error"]
    assert (error["reason"], error["status"]) == (reason, "open")
    assert error["message"]
    assert error["correlation_id"]
    assert f"last refused, {reason}: {error['message']}" in explained.aloud(here, record)


@pytest.mark.parametrize(("reason", "setback"), ENDS, ids=named)
def test_a_record_whose_run_ended_before_its_turn_is_told_when(
    install: Install, explained: Explain, reason: Reason, setback: Setback
) -> None:
    here, record = setback(install)
    last = explained(here, record)["history"][0]
    assert (last["reason"], last["outcome"]) == (reason, "cancelled")
    assert INSTANT.match(last["finished_at"])


def test_there_is_no_code_that_nothing_reaches() -> None:
    reached = {row[0] for table in (PASSES, STOPS, WAITS, FAILS, ENDS) for row in table}
    assert reached == set(Reason)


def dated(told: dict[str, Any]) -> bool:
    """Whether a step of the path says as of when it was passed or not."""
    details = [step["detail"] for step in told["path"]]
    return any(INSTANT.search(each) or AGE.search(each) for each in details)
