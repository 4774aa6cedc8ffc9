"""The brake: what a list may do by itself, and what a person has to approve."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.brake import (
    Band,
    Baseline,
    Cause,
    Count,
    Hold,
    Standing,
    band,
    baseline_of,
    counted,
    filter_hash,
    judge,
    lifted,
    told,
)
from schemas.records import ListDefinition, ListProcessing
from schemas.settings import GuardSettings
from tests.builders import NOW, a_branch, a_filter, a_list, known

GUARDS = GuardSettings()
OTHER = a_branch(known("city"))
BEFORE = NOW - timedelta(hours=1)

sizes = st.integers(min_value=0, max_value=100_000)


def judged(baseline: Baseline | None = None, **changes: Any) -> Cause | None:
    agreed = baseline or baseline_of(a_list(size=1000))
    return judge(a_list(**changes), agreed, object_type_id="0-1", guards=GUARDS)


def after(
    size: int,
    entered: int | None,
    *,
    hold: Hold | None = None,
    agreed: int | None = 1000,
    listed: ListDefinition | None = None,
) -> Standing:
    baseline = baseline_of(a_list())._replace(size=agreed, counted_at=BEFORE)
    count = Count(size, entered)
    return counted(listed or a_list(size=size), baseline, hold, count, now=NOW, guards=GUARDS)


@pytest.mark.parametrize(
    ("size", "cause"),
    [
        (800, None),
        (1000, None),
        (1200, None),
        (799, Cause.SIZE),
        (1201, Cause.SIZE),
        (10_000, Cause.SIZE),
        (0, Cause.EMPTIED),
        (None, None),
    ],
)
def test_a_list_may_move_by_a_fifth_and_never_become_empty(
    size: int | None, cause: Cause | None
) -> None:
    assert judged(size=size) is cause


@pytest.mark.parametrize(("size", "cause"), [(110, None), (111, Cause.SIZE), (1, None)])
def test_a_small_list_may_move_by_a_hundred(size: int, cause: Cause | None) -> None:
    assert judged(Baseline(10, 1, filter_hash(a_list().filter_branch)), size=size) is cause


@pytest.mark.parametrize(("agreed", "cause"), [(10, None), (11, Cause.EMPTIED), (0, None)])
def test_only_a_list_of_a_few_becomes_empty_by_itself(agreed: int, cause: Cause | None) -> None:
    baseline = Baseline(agreed, 1, filter_hash(a_list().filter_branch))
    assert judged(baseline, size=0) is cause


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"filter_branch": OTHER}, Cause.FILTER),
        ({"filter_branch": OTHER, "size": 0}, Cause.FILTER),
        ({"filter_branch": None}, Cause.FILTER),
        ({"processing_type": ListProcessing.MANUAL}, Cause.STATIC),
        ({"processing_type": ListProcessing.SNAPSHOT}, Cause.STATIC),
        ({"object_type_id": "0-2"}, Cause.OBJECT),
    ],
)
def test_another_definition_is_another_list(changes: dict[str, Any], cause: Cause) -> None:
    assert judged(**changes) is cause


def test_a_list_that_is_gone_is_held() -> None:
    assert judge(None, Baseline(), object_type_id="0-1", guards=GUARDS) is Cause.DELETED


def test_a_version_alone_says_nothing_while_the_filters_are_the_same() -> None:
    assert judged(size=1000, version=7) is None


def test_a_version_speaks_where_filters_are_not_told() -> None:
    unknown = Baseline(1000, 1, None)
    assert judged(unknown, size=1000, filter_branch=None) is None
    assert judged(unknown, size=1000, filter_branch=None, version=2) is Cause.FILTER


def test_a_list_nothing_is_known_of_is_held_for_nothing() -> None:
    assert judged(Baseline(), size=5000) is None


def test_filters_are_named_by_what_they_say() -> None:
    one = a_branch(a_filter("city", "STRING", "IS_EQUAL_TO", value="Bern"))
    same = dict(reversed(one.items())) | {"filterBranchId": None}
    assert filter_hash(one) == filter_hash(same)
    other = a_branch(a_filter("city", "STRING", "IS_EQUAL_TO", value="bern"))
    assert filter_hash(one) != filter_hash(other)
    assert filter_hash(None) is None


def test_a_null_deep_in_a_list_of_filters_says_nothing() -> None:
    said = filter_hash({"filterBranches": [{"filters": []}]})
    assert filter_hash({"filterBranches": [{"filters": [], "value": None}]}) == said


def test_the_name_of_filters_outlives_releases() -> None:
    """It is stored with the baseline: another name for the same would set every brake."""
    assert filter_hash(a_branch(known("jobtitle"))) == "f992f8844fbf66c9ba69cc1865760517"
    assert filter_hash({"value": "J\u00f6rg \ud800"}) == "b9a975027379a367ec5a32f1dc9e12a3"


def test_a_list_that_is_being_filled_has_no_size_yet() -> None:
    assert baseline_of(a_list(processing_status="PROCESSING", size=3)).size is None
    assert band(Baseline(), GUARDS) is None


def test_the_band_is_what_the_brake_lets_pass() -> None:
    assert band(Baseline(1000), GUARDS) == Band(800, 1200)
    assert band(Baseline(11), GUARDS) == Band(1, 111)
    assert band(Baseline(10), GUARDS) == Band(0, 110)
    assert band(Baseline(0), GUARDS) == Band(0, 100)


@given(sizes, sizes)
def test_the_band_and_the_judgement_agree(agreed: int, size: int) -> None:
    allowed = band(Baseline(agreed), GUARDS)
    assert allowed
    baseline = baseline_of(a_list())._replace(size=agreed)
    passes = judged(baseline, size=size) is None
    assert passes == (allowed.lowest <= size <= allowed.highest)


def test_a_count_with_few_moves_is_the_new_baseline() -> None:
    standing = after(1050, 100)
    assert standing.hold is None
    assert (standing.baseline.size, standing.baseline.counted_at) == (1050, NOW)


def test_what_was_counted_is_agreed_on_and_not_the_size_that_hubspot_tells() -> None:
    assert after(1050, 100, listed=a_list(size=1049)).baseline.size == 1050


@pytest.mark.parametrize(
    ("size", "entered", "held"),
    [(800, 0, False), (1200, 200, False), (1100, 150, False), (1100, 151, True)],
)
def test_who_entered_and_who_left_count_together(size: int, entered: int, *, held: bool) -> None:
    assert (after(size, entered).hold is not None) is held


def test_a_count_sees_what_the_size_hides() -> None:
    standing = after(1000, 900)
    assert standing.hold == Hold(Cause.SIZE, NOW, 1000, 1, entered=900, left=900)
    assert standing.baseline.size == 1000
    assert standing.baseline.counted_at == BEFORE


def test_the_first_count_only_knows_the_size() -> None:
    assert after(1100, None).hold is None
    assert after(1300, None).hold is not None
    assert after(70_000, None, agreed=None).hold is None


@pytest.mark.parametrize("cause", [Cause.SIZE, Cause.FILTER])
def test_a_brake_set_for_size_or_filters_comes_off_when_few_moved(cause: Cause) -> None:
    edited = a_list(filter_branch=OTHER, size=1010, version=2)
    standing = after(1010, 60, hold=Hold(cause, BEFORE), listed=edited)
    assert standing == Standing(baseline_of(edited)._replace(counted_at=NOW), None)


@pytest.mark.parametrize("cause", [Cause.EMPTIED, Cause.DELETED, Cause.STATIC, Cause.OBJECT])
def test_any_other_brake_waits_for_a_person(cause: Cause) -> None:
    hold = after(1000, 0, hold=Hold(cause, BEFORE)).hold
    assert hold
    assert (hold.cause, hold.at, hold.entered, hold.left) == (cause, BEFORE, 0, 0)


def test_a_brake_stays_set_while_nobody_knows_who_was_in_the_list_before() -> None:
    assert after(1000, None, hold=Hold(Cause.FILTER, BEFORE)).hold


def test_an_empty_count_is_never_all_left() -> None:
    hold = after(0, 0, agreed=50).hold
    assert hold
    assert hold.cause is Cause.EMPTIED


def test_what_a_person_rejected_comes_off_only_by_being_as_it_was() -> None:
    rejected = Hold(Cause.FILTER, BEFORE, rejected_by="ann")
    assert after(1000, 0, hold=rejected).hold
    assert lifted(a_list(), rejected, None)
    assert not lifted(a_list(), rejected, Cause.FILTER)
    assert not lifted(a_list(processing_status="PROCESSING"), rejected, None)
    assert not lifted(None, rejected, Cause.DELETED)


def test_what_nobody_answered_does_not_come_off_by_itself() -> None:
    assert not lifted(a_list(), Hold(Cause.FILTER, BEFORE), None)


@given(sizes, sizes, st.integers(min_value=0, max_value=100_000))
def test_a_count_lets_no_more_move_than_the_limit(agreed: int, size: int, entered: int) -> None:
    standing = after(size, min(entered, size), agreed=agreed)
    left = max(0, agreed + min(entered, size) - size)
    if standing.hold is None:
        assert min(entered, size) + left <= max(agreed // 5, 100)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_words(cause: Cause) -> None:
    assert told(cause)
