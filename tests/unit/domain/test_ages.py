from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.ages import Summary, merged, summary, tally

seconds = st.lists(st.floats(min_value=0, max_value=60), min_size=1)


def of(*ages: float) -> Summary:
    found = summary(tally(timedelta(seconds=age) for age in ages))
    assert found
    return found


def test_nothing_written_has_no_ages() -> None:
    assert summary({}) is None


def test_the_median_the_tail_and_the_oldest_are_told() -> None:
    assert of(*[0.1] * 98, 2.0, 29.99) == Summary(100, 0.1, 2.0, 30.0)


def test_a_clock_that_went_back_makes_no_negative_age() -> None:
    assert of(-5.0) == Summary(1, 0.0, 0.0, 0.0)


@given(seconds)
def test_an_age_is_never_told_younger_and_hardly_older(ages: list[float]) -> None:
    oldest = max(ages)
    assert oldest - 0.001 <= of(*ages).max <= oldest * 1.11 + 0.002


@given(seconds, seconds)
def test_batches_add_up_to_one_run(one: list[float], other: list[float]) -> None:
    both = merged(
        tally(timedelta(seconds=age) for age in one),
        tally(timedelta(seconds=age) for age in other),
    )
    assert summary(both) == of(*one, *other)


@given(st.lists(st.floats(min_value=0, max_value=60), min_size=1, max_size=5000))
def test_a_run_of_any_length_keeps_few_counters(ages: list[float]) -> None:
    assert len(tally(timedelta(seconds=age) for age in ages)) < 500
