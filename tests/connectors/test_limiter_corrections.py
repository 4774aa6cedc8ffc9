"""What the CRMs' own words do to our counts: headers, refusals, silence, and a wiped memory."""

from dataclasses import replace

import pytest
import time_machine

from guestlist.connectors.allowance import BURST, CALL, SEARCH, Told, Window
from guestlist.connectors.turn import Known, Limiter, Turn
from guestlist.domain.budget import Day, look_again
from guestlist.domain.reason import Reason
from schemas.records import Crm
from schemas.settings import BudgetSettings
from tests.connectors.limits import Start, accounts, call, clock, start

__all__ = ["clock", "start"]

DAY_S = 86_400.0
GONE = Turn(0.0)


LOOK_AGAIN_S = look_again(10_000)


def hear(limiter: Limiter, used: int, limit: int = 10_000) -> None:
    limiter.hear(Crm.SALESFORCE, CALL, Told(Day(used, limit)), turn=GONE)


# The day, as the CRM counts it ------------------------------------------------------------------


def test_what_others_used_of_the_day_counts_too(start: Start) -> None:
    limiter = start()
    hear(limiter, 7_499)

    assert call(limiter, retry=True).seconds == 0
    held = call(limiter, retry=True)
    assert (held.seconds, held.reason) == (LOOK_AGAIN_S, Reason.BUDGET_HELD)
    assert call(limiter).seconds == 0


@pytest.mark.parametrize(
    ("lane", "retry", "stop"),
    [
        ("changes", True, 7_500),
        ("upkeep", False, 5_000),  # its share is less than what reads may use
        ("bulk", False, 9_000),
        ("changes", False, 9_500),
        ("interactive", False, 9_500),
        ("interactive", True, 9_500),
    ],
)
def test_each_stops_at_its_part_of_the_crms_day(
    start: Start,
    lane: str,
    retry: bool,  # noqa: FBT001
    stop: int,
) -> None:
    limiter = start()
    hear(limiter, stop - 3)

    assert [call(limiter, lane, retry=retry).seconds for _ in range(3)] == [0, 0, 0]
    assert call(limiter, lane, retry=retry).reason == Reason.BUDGET_HELD


def test_a_day_of_millions_stops_at_the_very_call(start: Start) -> None:
    limiter = start()
    hear(limiter, 1_899_999, 2_000_000)

    assert call(limiter).seconds == 0
    assert call(limiter).reason == Reason.BUDGET_HELD


@pytest.mark.parametrize(
    ("limit", "wait"), [(1, 900.0), (10_000, 900.0), (200_000, 86.4), (2_000_000, 45.0)]
)
def test_a_large_day_is_looked_at_again_sooner(start: Start, limit: int, wait: float) -> None:
    limiter = start()
    hear(limiter, limit, limit)

    assert call(limiter).seconds == wait


def test_D2_a_used_up_day_is_looked_at_again_by_one_call_and_goes_on_once_there_is_a_new_one(
    start: Start, clock: time_machine.Traveller
) -> None:
    limiter = start()
    hear(limiter, 9_800)
    assert call(limiter).seconds == LOOK_AGAIN_S
    clock.shift(LOOK_AGAIN_S)

    assert call(limiter).seconds == 0
    assert call(limiter).seconds == LOOK_AGAIN_S
    hear(limiter, 12)
    assert [call(limiter).seconds for _ in range(50)] == [0.0] * 50


def test_a_count_that_lags_does_not_lower_ours(start: Start) -> None:
    limiter = start()
    hear(limiter, 9_400)
    for _ in range(60):
        call(limiter)
        hear(limiter, 9_400)

    assert call(limiter).seconds == 0
    for _ in range(60):
        call(limiter)
        hear(limiter, 9_400)
    assert call(limiter).reason == Reason.BUDGET_HELD


def test_a_request_for_a_token_is_in_no_days_count(start: Start) -> None:
    limiter = start(accounts(windows={}, daily=10))
    hear(limiter, 9_999)

    assert limiter.acquire(Crm.SALESFORCE, "token", "bulk").seconds == 0
    assert "total" not in limiter.used(Crm.SALESFORCE)


@pytest.mark.parametrize(("left_s", "wait"), [(100, 90.95), (50, 50.0)])
def test_our_own_cap_is_looked_at_again_at_midnight_at_the_latest(
    start: Start, clock: time_machine.Traveller, left_s: int, wait: float
) -> None:
    clock.shift(DAY_S - left_s)
    limiter = start(accounts(windows={}, daily=200_000))
    held = [turn for _ in range(230) if (turn := call(limiter)).seconds]

    assert held[0].seconds == pytest.approx(wait, abs=0.01)
    assert held[0].reason == Reason.BUDGET_HELD


# The window, as the CRM counts it ---------------------------------------------------------------


def in_ten_seconds(limiter: Limiter, clock: time_machine.Traveller) -> int:
    went, left = 0, 10.0
    while left > 0:
        turn = limiter.acquire(Crm.HUBSPOT, BURST, "interactive", queued=True)
        went += turn.seconds == 0
        clock.shift(turn.seconds)
        left -= turn.seconds
    return went


def test_a_smaller_window_than_the_settings_state_is_kept(
    start: Start, clock: time_machine.Traveller
) -> None:
    limiter = start(accounts())
    in_ten_seconds(limiter, clock)
    limiter.hear(Crm.HUBSPOT, BURST, Told(window=Window(100, 10), left=50), turn=GONE)
    in_ten_seconds(limiter, clock)

    assert 90 <= in_ten_seconds(limiter, clock) <= 100
    limiter.hear(Crm.HUBSPOT, BURST, Told(window=Window(250, 10), left=50), turn=GONE)
    in_ten_seconds(limiter, clock)
    assert 180 <= in_ten_seconds(limiter, clock) <= 190


def test_a_window_that_someone_else_used_up_is_left_alone_for_a_tenth_of_it(
    start: Start,
) -> None:
    limiter = start(accounts())
    limiter.hear(Crm.HUBSPOT, BURST, Told(window=Window(190, 10), left=0), turn=GONE)

    held = limiter.acquire(Crm.HUBSPOT, BURST, "interactive")
    assert (held.seconds, held.reason) == (1.0, Reason.RATE_LIMITED)


# A memory that is gone --------------------------------------------------------------------------


def test_a_limiter_that_remembers_nothing_starts_without_its_burst(start: Start) -> None:
    limiter = start(accounts())

    burst = limiter.acquire(Crm.HUBSPOT, BURST, "interactive").seconds
    search = limiter.acquire(Crm.HUBSPOT, SEARCH, "interactive").seconds
    assert 0.05 < burst < 0.06
    assert 0.2 < search < 0.3


def test_nor_does_it_after_its_first_call(start: Start, clock: time_machine.Traveller) -> None:
    limiter = start(accounts())
    clock.shift(limiter.acquire(Crm.HUBSPOT, BURST, "interactive").seconds)

    assert limiter.acquire(Crm.HUBSPOT, BURST, "interactive", queued=True).seconds == 0
    assert limiter.acquire(Crm.HUBSPOT, BURST, "interactive", queued=True).seconds > 0.05


@pytest.mark.parametrize(("hour", "left"), [(0, 950), (12, 475), (18, 238)])
def test_a_wiped_count_of_our_cap_leaves_what_is_left_of_the_day(
    start: Start, clock: time_machine.Traveller, hour: int, left: int
) -> None:
    clock.shift(hour * 3600)
    limiter = start(accounts(windows={}, daily=1000))
    while call(limiter).seconds == 0:
        pass

    assert limiter.used(Crm.SALESFORCE)["total"] == pytest.approx(left, abs=1)


def test_a_person_who_waits_is_not_held_by_what_nobody_remembers(
    start: Start, clock: time_machine.Traveller
) -> None:
    clock.shift(DAY_S - 1)
    limiter = start(accounts(windows={}, daily=1000))

    assert call(limiter).seconds == 0
    assert call(limiter).reason == Reason.BUDGET_HELD
    assert call(limiter, "interactive").seconds == 0


def test_the_next_day_the_whole_cap_is_there(start: Start, clock: time_machine.Traveller) -> None:
    clock.shift(DAY_S - 60)
    limiter = start(accounts(windows={}, daily=100))
    call(limiter)
    clock.shift(60)
    while call(limiter).seconds == 0:
        pass

    assert limiter.used(Crm.SALESFORCE)["total"] == 95


# The credential ---------------------------------------------------------------------------------


def test_a_refused_credential_is_known_to_all_until_a_call_is_let_in(start: Start) -> None:
    limiter = start()
    assert limiter.known(Crm.SALESFORCE) == Known()
    limiter.refuse(Crm.SALESFORCE)
    turn = call(limiter)
    assert (turn.seconds, turn.doubted) == (0.0, True)
    limiter.hear(Crm.SALESFORCE, CALL, Told(), turn=turn, welcome=False)
    assert limiter.known(Crm.SALESFORCE).refused
    assert not limiter.known(Crm.HUBSPOT).refused

    limiter.hear(Crm.SALESFORCE, CALL, Told(), turn=call(limiter))
    assert limiter.known(Crm.SALESFORCE) == Known()
    assert not call(limiter).doubted


def test_what_is_known_of_the_day_counts_our_own_calls_too(start: Start) -> None:
    limiter = start()
    hear(limiter, 500)
    call(limiter)
    call(limiter)
    assert limiter.known(Crm.SALESFORCE).day == Day(502, 10_000)


def test_another_budget_holds_from_the_next_call_on(start: Start) -> None:
    stated = accounts(windows={})
    limiter = start(stated)
    hear(limiter, 6_000)
    assert call(limiter).seconds == 0
    less = {
        crm: replace(each, budget=BudgetSettings(retries=0.3, reads=0.4, all=0.5))
        for crm, each in stated.items()
    }
    limiter.restate(less)
    refused = call(limiter)
    assert refused.seconds > 0
    assert refused.reason == Reason.BUDGET_HELD
    limiter.restate(stated)
    assert call(limiter).seconds == 0
