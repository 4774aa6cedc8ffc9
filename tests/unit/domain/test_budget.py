import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.budget import (
    FAILURES,
    OPEN_LONGEST_S,
    OPEN_SHORTEST_S,
    Day,
    assumed,
    corrected,
    fits,
    open_for,
    slack,
    stops_at,
)
from schemas.settings import BudgetSettings, Lane

BUDGET = BudgetSettings(retries=0.75, reads=0.9, all=0.95)


@pytest.mark.parametrize(
    ("lane", "retry", "stop"),
    [
        (Lane.INTERACTIVE, False, 0.95),
        (Lane.INTERACTIVE, True, 0.95),
        (Lane.CHANGES, False, 0.95),
        (Lane.CHANGES, True, 0.75),
        (Lane.BULK, False, 0.9),
        (Lane.BULK, True, 0.75),
        (Lane.UPKEEP, False, 0.9),
        (Lane.UPKEEP, True, 0.75),
    ],
)
def test_retries_stop_before_reads_and_these_before_a_person(lane, retry, stop):
    assert stops_at(lane, retry=retry, share=1.0, budget=BUDGET) == stop


def test_a_lane_never_uses_more_than_its_share():
    assert stops_at(Lane.CHANGES, retry=False, share=0.5, budget=BUDGET) == 0.5


@pytest.mark.parametrize(
    ("counted", "told", "used"),
    [
        (None, 10, 10),
        (5, 10, 10),  # others call too
        (12, 10, 12),  # ours, on their way
        (900, 10, 110),  # a new day; so many may still be on their way
        (9_999, 0, 100),
    ],
)
def test_the_crms_own_count_corrects_ours(counted, told, used):
    assert corrected(counted, Day(told, 10_000)) == used


@given(st.one_of(st.none(), st.integers(0, 10**6)), st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_corrected_count_is_never_less_than_the_crms(counted, told, limit):
    used = corrected(counted, Day(told, limit))
    assert told <= used <= told + slack(limit)
    assert corrected(used, Day(told, limit)) == used


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_a_wiped_counter_hands_out_no_more_than_is_left_of_the_day(cap, day_gone):
    assert 0 <= assumed(cap, day_gone=day_gone) <= cap


def test_a_crm_is_left_alone_after_enough_failures_and_not_before():
    assert open_for(FAILURES - 1, jitter=0.99) == 0
    assert open_for(FAILURES, jitter=0.99) == pytest.approx(9.9)
    assert open_for(FAILURES + 2, jitter=0.5) == 20


@given(st.integers(FAILURES, 10**6), st.floats(0, 1, exclude_max=True))
def test_it_is_never_left_alone_for_ever_nor_tried_at_once(failures, jitter):
    assert OPEN_SHORTEST_S <= open_for(failures, jitter=jitter) <= OPEN_LONGEST_S


def test_a_run_fits_into_a_day_up_to_its_stop():
    assert fits(100, Day(800, 1000), stop=0.9)
    assert not fits(101, Day(800, 1000), stop=0.9)
