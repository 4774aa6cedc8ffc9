"""Laws of the list filters: three-valued, never guessing, never failing."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.filter_operators import NEGATIONS
from guestlist.domain.listfilter import parse
from guestlist.domain.ternary import every, negated, some
from tests.builders import NOW, a_branch, a_filter, known
from tests.properties.strategies import hostile_text

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [None, ZoneInfo("UTC"), NEW_YORK, ZoneInfo("Pacific/Kiritimati")]

json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from(["AND", "OR", "PROPERTY", "STRING", "IS_KNOWN", "TIME_POINT", "NOW"]),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "filterBranchType",
                    "filterBranches",
                    "filters",
                    "filterType",
                    "property",
                    "operation",
                    "operationType",
                    "operator",
                    "value",
                    "values",
                    "timePoint",
                    "offset",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)

SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("STRING", "IS_EQUAL_TO", {"value": "ada"}),
    ("STRING", "DOES_NOT_CONTAIN", {"value": "d"}),
    ("MULTISTRING", "STARTS_WITH", {"values": ["a", "0"]}),
    ("NUMBER", "IS_GREATER_THAN", {"value": 1}),
    ("NUMBER_RANGED", "IS_NOT_BETWEEN", {"lowerBound": 0, "upperBound": 9}),
    ("BOOL", "IS_EQUAL_TO", {"value": True}),
    ("ENUMERATION", "CONTAINS_ALL", {"values": ["Events"]}),
    ("DATETIME", "IS_BEFORE", {"timestamp": 1767225600000}),
    ("RANGED_DATE", "IS_BETWEEN", {"lowerBound": 0, "upperBound": 1767225600000}),
    ("ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", {"numberOfDays": 30}),
    ("CALENDAR_DATE", "IN_LAST_TIME_UNIT", {"timeUnit": "QUARTER"}),
    ("COMPARATIVE_DATE", "IS_AFTER", {"comparisonPropertyName": "other"}),
    ("ALL_PROPERTY", "IS_UNKNOWN", {}),
    ("STRING", "HAS_EVER_BEEN_EQUAL_TO", {"value": "ada"}),
    ("DATE", "IS_LESS_THAN_X_DAYS_AGO", {"day": 1, "month": 1, "year": 2026}),
]
some_filters = st.sampled_from(SHAPES).map(
    lambda shape: a_filter("p", shape[0], shape[1], **shape[2])
)
answers = st.sampled_from([True, False, None])


@given(json_values)
def test_whatever_a_list_says_is_read_and_evaluated_without_failing(branch):
    read = parse(branch)
    assert read.evaluate({}, NOW, None) in {True, False, None}
    assert read.knowable is (not read.unknowable)


@given(some_filters, hostile_text, hostile_text, st.sampled_from(ZONES))
def test_no_value_makes_a_filter_fail(one, value, other, zone):
    read = parse(a_branch(one))
    assert read.evaluate({"p": value, "other": other}, NOW, zone) in {True, False, None}
    assert read.properties <= {"p", "other"}


@given(st.lists(answers))
def test_an_open_answer_stands_for_either(parts):
    """What is settled with open parts stays settled whichever way they turn out."""
    for logic in (every, some):
        settled = logic(parts)
        turns = product(*([part] if part is not None else [True, False] for part in parts))
        outcomes = {logic(turn) for turn in list(turns)[:256]}
        assert settled is None or outcomes == {settled}


@given(st.lists(answers))
def test_every_and_some_deny_each_other(parts):
    assert negated(every(parts)) == some(negated(part) for part in parts)


@given(some_filters, hostile_text, st.sampled_from(ZONES))
def test_an_unknowable_part_only_ever_leaves_the_answer_open(one, value, zone):
    alone = parse(a_branch(one)).evaluate({"p": value}, NOW, zone)
    beside = parse(a_branch(one, {"filterType": "IN_LIST", "listId": "1"}))
    assert not beside.knowable
    assert beside.evaluate({"p": value}, NOW, zone) == (False if alone is False else None)


@pytest.mark.parametrize(("denied", "stated"), sorted(NEGATIONS.items()))
@given(value=st.text(min_size=1, max_size=4), wanted=st.text(min_size=1, max_size=4))
def test_a_denied_operator_is_the_opposite_for_every_value(denied, stated, value, wanted):
    shapes: dict[str, dict[str, Any]] = {
        "MULTISTRING": {"values": [wanted]},
        "ENUMERATION": {"values": [wanted]},
        "NUMBER_RANGED": {"lowerBound": 1, "upperBound": 5},
    }
    for kind, operation in shapes.items():
        pair = [
            parse(a_branch(a_filter("p", kind, each, **operation))) for each in (denied, stated)
        ]
        no, yes = (each.evaluate({"p": value}, NOW, None) for each in pair)
        assert no == negated(yes)


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2040, 1, 1)),  # noqa: DTZ001
    st.integers(min_value=0, max_value=2000),
    st.sampled_from(ZONES),
)
def test_no_instant_is_both_less_and_more_than_x_days_ago(moment, days, zone):
    value = {"p": moment.replace(tzinfo=UTC).isoformat()}
    less, more = (
        parse(a_branch(a_filter("p", "ROLLING_DATE_RANGE", operator, numberOfDays=days)))
        for operator in ("IS_LESS_THAN_X_DAYS_AGO", "IS_MORE_THAN_X_DAYS_AGO")
    )
    assert not (less.evaluate(value, NOW, zone) and more.evaluate(value, NOW, zone))


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2040, 1, 1)),  # noqa: DTZ001
    st.sampled_from([zone for zone in ZONES if zone]),
    st.sampled_from(["DAY", "MONTH", "QUARTER", "YEAR"]),
)
def test_not_knowing_the_zone_never_settles_what_a_zone_would_settle_otherwise(moment, zone, unit):
    value = {"p": moment.replace(tzinfo=UTC).isoformat()}
    shapes: list[tuple[str, str, dict[str, Any]]] = [
        ("DATETIME", "IS_BEFORE", {"timestamp": 1767225600000}),
        ("CALENDAR_DATE", "IN_THIS_TIME_UNIT", {"timeUnit": unit}),
        ("ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_AGO", {"numberOfDays": 300}),
    ]
    for kind, operator, operation in shapes:
        read = parse(a_branch(a_filter("p", kind, operator, **operation)))
        without, within = (read.evaluate(value, NOW, each) for each in (None, zone))
        assert without is None or within is None or without == within


@given(hostile_text, st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_property_that_is_known_is_not_unknown(value, later):
    is_known, is_unknown = (
        parse(a_branch(each)) for each in (known("p"), a_filter("p", "ALL_PROPERTY", "IS_UNKNOWN"))
    )
    values = {"p": value}
    at = NOW + later
    assert is_known.evaluate(values, at, None) is not is_unknown.evaluate(values, at, None)
