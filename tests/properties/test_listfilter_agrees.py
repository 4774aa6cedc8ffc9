"""Two readings of HubSpot's list filters, written apart: where ours is certain, both agree.

The sandbox has to answer yes or no; ours may leave an answer open, and may not contradict it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from guestlist.domain.listfilter import parse
from sandbox.hubspot import operators, time_operators
from sandbox.hubspot.instants import parse as milliseconds_of
from tests.builders import NOW, a_branch, a_filter

TEXT = ["IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH"]
EXACT = ["CONTAINS_EXACTLY", "DOES_NOT_CONTAIN_EXACTLY", "ENDS_WITH"]
NUMBERS = ["IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "IS_GREATER_THAN", "IS_LESS_THAN_OR_EQUAL_TO"]
CHOICES = [
    "IS_ANY_OF",
    "IS_NONE_OF",
    "IS_EXACTLY",
    "IS_NOT_EXACTLY",
    "CONTAINS_ALL",
    "DOES_NOT_CONTAIN_ALL",
]
ROLLING = [
    "IS_LESS_THAN_X_DAYS_AGO",
    "IS_MORE_THAN_X_DAYS_AGO",
    "IS_LESS_THAN_X_DAYS_FROM_NOW",
    "IS_MORE_THAN_X_DAYS_FROM_NOW",
]
CALENDAR = [
    "IN_THIS_TIME_UNIT",
    "IN_THIS_TIME_UNIT_SO_FAR",
    "IN_NEXT_TIME_UNIT",
    "IN_LAST_TIME_UNIT",
]

words = st.sampled_from(["par", "Paris", "PARIS", "in Paris", "Comparison", "Rome", "5"])
options = st.lists(st.sampled_from("abc"), min_size=1, unique=True)
zones = st.sampled_from([ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")])
moments = st.datetimes(datetime(2025, 6, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


def ours(kind: str, operator: str, operation: dict[str, Any], value: str, zone: Any) -> Any:
    read = parse(a_branch(a_filter("p", kind, operator, **operation)))
    assert read.knowable
    return read.evaluate({"p": value}, NOW, zone)


def theirs(kind: str, operator: str, operation: dict[str, Any], value: str, zone: Any) -> bool:
    whole = {"operationType": kind, "operator": operator, **operation}
    if kind not in time_operators.OPERATORS:
        return operators.test_of(whole)(value)
    ms = milliseconds_of(value)
    assert ms is not None
    return time_operators.time_test_of(whole, zone)(ms, int(NOW.timestamp() * 1000))


def agree(kind: str, operator: str, operation: dict[str, Any], value: str, zone: Any) -> bool:
    case = (kind, operator, operation, value, zone)
    mine = ours(*case)
    return mine is None or mine == theirs(*case)


@given(st.sampled_from(TEXT + EXACT), st.lists(words, min_size=1, max_size=2), words)
def test_texts(operator, wanted, value):
    assert agree("MULTISTRING", operator, {"values": wanted}, value, None)


@given(st.sampled_from(NUMBERS), st.integers(-3, 3), st.sampled_from(["-3", "0", "1.0", "2.5"]))
def test_numbers(operator, wanted, value):
    assert agree("NUMBER", operator, {"value": wanted}, value, None)


@given(st.sampled_from(["IS_BETWEEN", "IS_NOT_BETWEEN"]), st.integers(-3, 3), st.integers(-3, 3))
def test_ranges_of_numbers(operator, lower, value):
    bounds = {"lowerBound": lower, "upperBound": lower + 2}
    assert agree("NUMBER_RANGED", operator, bounds, str(value), None)


@given(st.sampled_from(CHOICES), options, options)
def test_options(operator, wanted, chosen):
    assert agree("ENUMERATION", operator, {"values": wanted}, ";".join(chosen), None)


@given(st.sampled_from(["IS_EQUAL_TO", "IS_NOT_EQUAL_TO"]), st.booleans(), st.booleans())
def test_truths(operator, wanted, value):
    assert agree("BOOL", operator, {"value": wanted}, str(value).lower(), None)


@given(st.sampled_from(ROLLING), st.integers(1, 400), moments, zones)
def test_days_from_now(operator, days, moment, zone):
    operation = {"numberOfDays": days, "requiresTimeZoneConversion": True}
    assert agree("ROLLING_DATE_RANGE", operator, operation, moment.isoformat(), zone)


@given(
    st.sampled_from(CALENDAR), st.sampled_from(["DAY", "MONTH", "QUARTER", "YEAR"]), moments, zones
)
def test_calendar_units(operator, unit, moment, zone):
    operation = {"timeUnit": unit, "timeUnitCount": 1}
    assert agree("CALENDAR_DATE", operator, operation, moment.isoformat(), zone)


@given(st.sampled_from(["IS_BEFORE", "IS_AFTER"]), moments, moments, zones, st.booleans())
def test_instants(operator, bound, moment, zone, convert):
    operation = {
        "timestamp": int(bound.timestamp() * 1000),
        "requiresTimeZoneConversion": convert,
    }
    assert agree("DATETIME", operator, operation, moment.isoformat(), zone)


@example("IS_BEFORE", "NOW", -24, datetime(2026, 10, 31, 9, tzinfo=UTC), ZoneInfo("UTC"))
@given(
    st.sampled_from(["IS_BEFORE", "IS_AFTER"]),
    st.sampled_from(["NOW", "TODAY"]),
    st.integers(-40, 40),
    moments,
    zones,
)
def test_time_points(operator, reference, days, moment, zone):
    time_point = {
        "timeType": "INDEXED",
        "timezoneSource": "CUSTOM",
        "zoneId": "US/Eastern",
        "indexReference": {"referenceType": reference},
        "offset": {"days": days},
    }
    operation = {"timePoint": time_point, "type": "TIME_POINT"}
    assert agree("TIME_POINT", operator, operation, moment.isoformat(), zone)


@given(st.integers(0, 60), st.integers(1, 60), moments, zones)
def test_written_time_points(start, length, moment, zone):
    first = NOW.date() + timedelta(days=start - 30)
    last = first + timedelta(days=length)
    lower, upper = (
        {
            "timeType": "DATE",
            "timezoneSource": "CUSTOM",
            "zoneId": "US/Eastern",
            "year": day.year,
            "month": day.month,
            "day": day.day,
        }
        for day in (first, last)
    )
    operation = {"lowerBoundTimePoint": lower, "upperBoundTimePoint": upper, "type": "TIME_RANGED"}
    assert agree("TIME_RANGED", "IS_BETWEEN", operation, moment.isoformat(), zone)
