from pathlib import Path

import pytest

from console.session import Session
from guestlist.connectors.allowance import BURST, CALL, Window
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.patient import LONGEST_S, PatientLimiter
from guestlist.connectors.turn import PATIENCE_S
from guestlist.domain.reason import Reason
from schemas.records import Crm
from tests.connectors.limits import Clock, accounts, remembering


def test_a_command_waits_for_its_turn_where_a_worker_would_give_up() -> None:
    clock, slept = Clock(), [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.now += seconds

    counted = LocalLimiter(accounts({BURST: Window(5, 10)}), now=clock)
    patient = PatientLimiter(counted, sleep=sleep)
    remembering(counted, clock)
    turns = [patient.acquire(Crm.HUBSPOT, BURST, "interactive") for _ in range(20)]
    assert {turn.seconds for turn in turns} == {0.0}
    assert max(slept) > PATIENCE_S


def test_a_day_that_is_used_up_is_told_at_once() -> None:
    counted = LocalLimiter(accounts(windows={}, daily=1), now=Clock())
    patient = PatientLimiter(counted, sleep=lambda _: pytest.fail("it slept"))
    turns = [patient.acquire(Crm.SALESFORCE, CALL, "interactive") for _ in range(2)]
    assert turns[-1].seconds > PATIENCE_S
    assert turns[-1].reason is Reason.BUDGET_HELD


def test_a_wait_that_is_longer_than_any_window_is_told_at_once() -> None:
    counted = LocalLimiter(accounts(windows={}), now=Clock())
    patient = PatientLimiter(counted, sleep=lambda _: pytest.fail("it slept"))
    counted.penalise(Crm.SALESFORCE, CALL, LONGEST_S + 1)
    assert patient.acquire(Crm.SALESFORCE, CALL, "interactive").seconds > LONGEST_S


def test_no_page_waits_for_its_turn_in_front_of_others(installation: Path) -> None:
    """The console once slept in its few threads as a command does in its own."""
    session = Session({})
    assert isinstance(session.services.limiter, PatientLimiter)
    session.close()
    server = Session({})
    server.patient = False
    assert not isinstance(server.services.limiter, PatientLimiter)
    server.close()
