from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from guestlist.domain.listfilter import DEEPEST, parse
from tests.builders import NOW, a_branch, a_filter, known

BERLIN = ZoneInfo("Europe/Berlin")
# NOW is 2026-11-24 09:30 UTC, 10:30 in Berlin.


def answer(one, value, *, zone=BERLIN, **others):
    return parse(a_branch(one)).evaluate({"p": value, **others}, NOW, zone)


def text(operator, value, kind="STRING", **more):
    wanted = {"value": value} if kind == "STRING" else {"values": value}
    return a_filter("p", kind, operator, **wanted, **more)


def milliseconds(year, month, day, hour=0):
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)


VALUES = [
    # filter, value, answer
    (known("p"), "x", True),
    (known("p"), "", False),
    (known("p"), None, False),
    (a_filter("p", "ALL_PROPERTY", "IS_UNKNOWN"), None, True),
    (a_filter("p", "ALL_PROPERTY", "IS_BLANK"), "x", False),
    (a_filter("p", "all_property", "is_not_blank"), "x", True),
    (text("IS_EQUAL_TO", "Paris"), "Paris", True),
    (text("IS_EQUAL_TO", "Paris"), "London", False),
    (text("IS_EQUAL_TO", "Paris"), "PARIS", None),
    (text("IS_NOT_EQUAL_TO", "Paris"), "London", True),
    (text("IS_NOT_EQUAL_TO", "Paris"), "Paris", False),
    (text("CONTAINS", "par"), "de par le monde", True),
    (text("CONTAINS", "par"), "London", False),
    (text("CONTAINS", "par"), "PARIS", None),
    (text("CONTAINS", "chief officer"), "chief of staff", None),
    (text("DOES_NOT_CONTAIN", "par"), "London", True),
    (text("STARTS_WITH", "Pa"), "Paris", True),
    (text("ENDS_WITH", "is"), "Paris", True),
    (text("ENDS_WITH", "@example.com"), "ada@example.org", False),
    (text("IS_EQUAL_TO", ["Rome", "Paris"], "MULTISTRING"), "Paris", True),
    (text("IS_NOT_EQUAL_TO", ["Rome", "Paris"], "MULTISTRING"), "Paris", False),
    (text("CONTAINS_EXACTLY", ["Rome", "Paris"], "MULTISTRING"), "in Paris", True),
    (text("CONTAINS_EXACTLY", ["par"], "MULTISTRING"), "Comparison", None),
    (text("DOES_NOT_CONTAIN_EXACTLY", ["par"], "MULTISTRING"), "Rome", True),
    (a_filter("p", "NUMBER", "IS_EQUAL_TO", value=10), "10.0", True),
    (a_filter("p", "NUMBER", "IS_GREATER_THAN", value=10), "10", False),
    (a_filter("p", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value="10"), "10", True),
    (a_filter("p", "NUMBER", "IS_LESS_THAN", value=10), "9.99", True),
    (a_filter("p", "NUMBER", "IS_LESS_THAN_OR_EQUAL_TO", value=10), "11", False),
    (a_filter("p", "NUMBER", "IS_LESS_THAN", value=10), "many", None),
    (a_filter("p", "NUMBER_RANGED", "IS_BETWEEN", lowerBound=1, upperBound=5), "3", True),
    (a_filter("p", "NUMBER_RANGED", "IS_BETWEEN", lowerBound=1, upperBound=5), "5", None),
    (a_filter("p", "NUMBER_RANGED", "IS_NOT_BETWEEN", lowerBound=1, upperBound=5), "6", True),
    (a_filter("p", "BOOL", "IS_EQUAL_TO", value=True), "true", True),
    (a_filter("p", "BOOL", "IS_EQUAL_TO", value=False), "false", True),
    (a_filter("p", "BOOL", "IS_NOT_EQUAL_TO", value=True), "true", False),
    (a_filter("p", "BOOL", "IS_EQUAL_TO", value=True), "maybe", None),
    (a_filter("p", "ENUMERATION", "IS_ANY_OF", values=["a", "b"]), "b;c", True),
    (a_filter("p", "ENUMERATION", "IS_NONE_OF", values=["a", "b"]), "c", True),
    (a_filter("p", "ENUMERATION", "IS_EXACTLY", values=["a", "b"]), "b;a", True),
    (a_filter("p", "ENUMERATION", "IS_NOT_EXACTLY", values=["a"]), "a;b", True),
    (a_filter("p", "ENUMERATION", "CONTAINS_ALL", values=["a", "b"]), "c;b;a", True),
    (a_filter("p", "ENUMERATION", "DOES_NOT_CONTAIN_ALL", values=["a", "b"]), "a", True),
]


@pytest.mark.parametrize(("one", "value", "expected"), VALUES)
def test_a_value_is_answered_as_hubspot_documents_and_else_left_open(one, value, expected):
    assert answer(one, value) is expected


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize("operator", ["IS_EQUAL_TO", "IS_NOT_EQUAL_TO"])
@pytest.mark.parametrize("blank", [None, ""])
def test_a_blank_is_what_the_filter_says_it_is(included, operator, blank):
    one = text(operator, "Paris", includeObjectsWithNoValueSet=included)
    assert answer(one, blank) is included


def test_where_the_filter_does_not_say_a_blank_meets_nothing_and_denies_nothing():
    stated = text("IS_EQUAL_TO", "Paris", includeObjectsWithNoValueSet=None)
    denied = text("IS_NOT_EQUAL_TO", "Paris", includeObjectsWithNoValueSet=None)
    assert answer(stated, None) is False
    assert answer(denied, None) is None


def rolling(operator, days):
    return a_filter("p", "ROLLING_DATE_RANGE", operator, numberOfDays=days)


def calendar(operator, unit, **more):
    return a_filter("p", "CALENDAR_DATE", operator, timeUnit=unit, **more)


def timestamp(operator, *moment, **more):
    return a_filter("p", "DATETIME", operator, timestamp=milliseconds(*moment), **more)


def written(**parts):
    return {"timeType": "DATE", "timezoneSource": "PORTAL", **parts}


def point(operator, time_point):
    return a_filter("p", "TIME_POINT", operator, timePoint=time_point, type="TIME_POINT")


def indexed(reference, **offset):
    return {
        "timeType": "INDEXED",
        "timezoneSource": "CUSTOM",
        "zoneId": "US/Eastern",
        "indexReference": {"referenceType": reference},
        "offset": offset,
    }


MONTHS = {"year": 2026, "month": 11, "day": 10}
EXACT = {"requiresTimeZoneConversion": False}

DATES = [
    # filter, value, answer
    (timestamp("IS_BEFORE", 2026, 1, 1, **EXACT), "2025-12-31T23:59:59Z", True),
    (timestamp("IS_BEFORE", 2026, 1, 1, **EXACT), "2026-01-01T00:00:01Z", False),
    (timestamp("IS_AFTER", 2026, 1, 1, **EXACT), "2026-01-01T00:00:01Z", True),
    (timestamp("IS_BEFORE", 2025, 12, 31, 23, **EXACT), "2026-01-01", None),
    (timestamp("IS_AFTER", 2026, 1, 1), "2025-12-31T23:30:00Z", None),
    (timestamp("IS_AFTER", 2026, 1, 1), "2025-12-31T22:30:00Z", False),
    (timestamp("IS_AFTER", 2026, 1, 1), str(milliseconds(2026, 6, 1, 5)), True),
    (timestamp("IS_AFTER", 2026, 1, 1), "not a date", None),
    (rolling("IS_LESS_THAN_X_DAYS_AGO", 7), "2026-11-20", True),
    (rolling("IS_LESS_THAN_X_DAYS_AGO", 7), "2026-11-17", None),
    (rolling("IS_LESS_THAN_X_DAYS_AGO", 7), "2026-11-10", False),
    (rolling("IS_LESS_THAN_X_DAYS_AGO", 7), "2026-12-10", None),
    (rolling("IS_MORE_THAN_X_DAYS_AGO", 7), "2026-11-10T08:00:00Z", True),
    (rolling("IS_MORE_THAN_X_DAYS_AGO", 7), "2026-12-10", False),
    (rolling("IS_LESS_THAN_X_DAYS_FROM_NOW", 7), "2026-11-28", True),
    (rolling("IS_LESS_THAN_X_DAYS_FROM_NOW", 7), "2026-12-28", False),
    (rolling("IS_MORE_THAN_X_DAYS_FROM_NOW", 7), "2026-12-28", True),
    (calendar("IN_THIS_TIME_UNIT", "MONTH"), "2026-11-01", True),
    (calendar("IN_THIS_TIME_UNIT", "MONTH"), "2026-12-01", False),
    (calendar("IN_THIS_TIME_UNIT", "DAY"), "2026-11-24T08:00:00Z", True),
    (calendar("IN_THIS_TIME_UNIT", "MONTH"), "2026-10-31T23:30:00Z", None),
    (calendar("IN_THIS_TIME_UNIT_SO_FAR", "YEAR"), "2026-11-23", True),
    (calendar("IN_THIS_TIME_UNIT_SO_FAR", "YEAR"), "2026-11-24", None),
    (calendar("IN_THIS_TIME_UNIT_SO_FAR", "YEAR"), "2026-12-24", False),
    (calendar("IN_LAST_TIME_UNIT", "QUARTER"), "2026-07-01", True),
    (calendar("IN_LAST_TIME_UNIT", "QUARTER"), "2026-06-30", False),
    (calendar("IN_NEXT_TIME_UNIT", "YEAR"), "2027-06-30", True),
    (point("IS_BEFORE", written(**MONTHS)), "2026-11-08", True),
    (point("IS_BEFORE", written(**MONTHS)), "2026-11-10T12:00:00Z", None),
    (point("IS_AFTER", written(**MONTHS, hour=12)), "2026-11-10T11:30:00Z", True),
    (point("IS_AFTER", written(**MONTHS, hour=12)), "2026-11-10T10:30:00Z", False),
    (point("IS_AFTER", indexed("NOW", days=-15)), "2026-11-09T09:31:00Z", True),
    (point("IS_AFTER", indexed("NOW", days=-15)), "2026-11-09T09:29:00Z", False),
    (point("IS_AFTER", indexed("TODAY", days=-15)), "2026-11-09T12:00:00Z", None),
    (point("IS_BEFORE", indexed("TODAY")), "2026-11-23T04:00:00Z", True),
]


@pytest.mark.parametrize(("one", "value", "expected"), DATES)
def test_a_date_is_answered_in_the_portals_zone_and_left_open_at_the_edges(one, value, expected):
    assert answer(one, value) is expected


def test_a_range_of_dates_is_between_its_ends():
    bounds = {"lowerBound": milliseconds(2026, 1, 1), "upperBound": milliseconds(2026, 2, 1)}
    one = a_filter("p", "RANGED_DATE", "IS_BETWEEN", **bounds)
    assert [answer(one, day) for day in ("2025-12-15", "2026-01-15", "2026-02-15")] == [
        False,
        True,
        False,
    ]


def test_a_range_of_time_points_as_hubspot_sends_it():
    one = a_filter(
        "p",
        "TIME_RANGED",
        "IS_BETWEEN",
        lowerBoundEndpointBehavior="INCLUSIVE",
        upperBoundEndpointBehavior="INCLUSIVE",
        propertyParser="VALUE",
        lowerBoundTimePoint=indexed("TODAY", days=-15),
        upperBoundTimePoint=indexed("NOW"),
        type="TIME_RANGED",
    )
    assert [answer(one, day) for day in ("2026-11-01", "2026-11-20", "2026-12-20")] == [
        False,
        True,
        False,
    ]


def test_the_same_range_over_when_a_property_changed_can_not_be_known():
    one = a_filter(
        "p",
        "TIME_RANGED",
        "IS_BETWEEN",
        propertyParser="UPDATED_AT",
        lowerBoundTimePoint=indexed("TODAY", days=-15),
        upperBoundTimePoint=indexed("NOW"),
    )
    read = parse(a_branch(one))
    assert read.unknowable == ("TIME_RANGED IS_BETWEEN of UPDATED_AT",)


def test_a_date_is_compared_with_another_property_that_is_then_needed_too():
    one = a_filter("p", "COMPARATIVE_DATE", "IS_AFTER", comparisonPropertyName="other")
    assert parse(a_branch(one)).properties == {"p", "other"}
    assert answer(one, "2026-05-05", other="2026-05-01") is True
    assert answer(one, "2026-05-05", other="2026-05-09") is False
    assert answer(one, "2026-05-05", other=None) is None


def test_without_a_zone_only_dates_far_from_the_edge_are_settled():
    one = timestamp("IS_AFTER", 2026, 1, 1)
    assert answer(one, "2026-01-01T08:00:00Z", zone=None) is None
    assert answer(one, "2026-01-03T08:00:00Z", zone=None) is True
    assert answer(calendar("IN_THIS_TIME_UNIT", "MONTH"), "2026-11-10", zone=None) is None


def test_an_hour_that_daylight_saving_doubles_is_left_open():
    one = point("IS_AFTER", written(year=2026, month=10, day=25, hour=2, minute=30))
    assert answer(one, "2026-10-25T01:00:00Z") is None
    assert answer(one, "2026-10-25T00:15:00Z") is False
    assert answer(one, "2026-10-25T02:00:00Z") is True


UNKNOWABLE = [
    ({"filterType": "IN_LIST", "listId": "1"}, "IN_LIST"),
    ({"filterType": "FORM_SUBMISSION"}, "FORM_SUBMISSION"),
    (text("HAS_EVER_BEEN_EQUAL_TO", "x"), "STRING HAS_EVER_BEEN_EQUAL_TO"),
    (
        a_filter("p", "ENUMERATION", "HAS_NEVER_BEEN_ANY_OF", values=["a"]),
        "ENUMERATION HAS_NEVER_BEEN_ANY_OF",
    ),
    (
        a_filter("p", "ROLLING_PROPERTY_UPDATED", "UPDATED_IN_LAST_X_DAYS", numberOfDays=3),
        "ROLLING_PROPERTY_UPDATED UPDATED_IN_LAST_X_DAYS",
    ),
    (a_filter("p", "NEW_KIND", "IS_FINE"), "NEW_KIND IS_FINE"),
    (a_filter("p", "COMPARATIVE_STRING", "IS_EQUAL_TO"), "COMPARATIVE_STRING IS_EQUAL_TO"),
    (calendar("IN_LAST_TIME_UNIT", "WEEK"), "CALENDAR_DATE IN_LAST_TIME_UNIT"),
    (
        calendar("IN_LAST_TIME_UNIT", "YEAR", useFiscalYear=True),
        "CALENDAR_DATE IN_LAST_TIME_UNIT",
    ),
    (point("IS_AFTER", indexed("TODAY", months=1)), "months"),
    (point("IS_AFTER", indexed("THIS_WEEK")), "time point THIS_WEEK"),
    (text("IS_EQUAL_TO", "x", refineBy={"n": 1}), "refineBy"),
    (known("p") | {"pruningRefineBy": {"n": 1}}, "pruningRefineBy"),
    (text("IS_EQUAL_TO", 5), "malformed filter: value"),
    (a_filter("p", "ENUMERATION", "IS_ANY_OF", values=[]), "malformed filter: values"),
    ({"filterType": "PROPERTY", "property": "p"}, "malformed filter: operation"),
    ("PROPERTY", "malformed filter"),
]


@pytest.mark.parametrize(("one", "name"), UNKNOWABLE)
def test_what_can_not_be_known_is_named_and_never_guessed(one, name):
    read = parse(a_branch(one))
    assert read.unknowable == (name,)
    assert not read.knowable
    assert read.evaluate({"p": "y"}, NOW, BERLIN) is None


@pytest.mark.parametrize(
    ("branch", "name"),
    [
        (None, "malformed filter"),
        ({}, "malformed filter: filterBranchType"),
        (a_branch() | {"filterBranches": []}, "empty branch"),
        (a_branch(), "empty branch"),
        (a_branch() | {"filterBranchType": "UNIFIED_EVENTS"}, "UNIFIED_EVENTS branch"),
        (a_branch() | {"coalescingRefineBy": {"n": 1}}, "coalescingRefineBy"),
    ],
)
def test_a_branch_that_does_not_say_whom_it_means_is_left_open(branch, name):
    read = parse(branch)
    assert read.unknowable == (name,)
    assert read.evaluate({}, NOW, None) is None


def test_branches_too_deep_to_be_real_are_left_open():
    branch = a_branch(known("p"))
    for _ in range(20 * DEEPEST):
        branch = {"filterBranchType": "OR", "filterBranches": [branch]}
    assert parse(branch).unknowable == ("branches too deep",)


def test_groups_are_alternatives_and_their_filters_conditions():
    groups = [
        {"filterBranchType": "AND", "filters": [known("p"), text("IS_EQUAL_TO", "x")]},
        {"filterBranchType": "AND", "filters": [known("q")]},
    ]
    read = parse({"filterBranchType": "OR", "filterBranches": groups})
    assert read.evaluate({"p": "x"}, NOW, None) is True
    assert read.evaluate({"p": "y"}, NOW, None) is False
    assert read.evaluate({"p": "y", "q": "z"}, NOW, None) is True
    assert read.properties == {"p", "q"}


def test_an_unknowable_alternative_does_not_matter_to_who_is_in_anyway():
    groups = [
        {"filterBranchType": "AND", "filters": [known("p")]},
        {"filterBranchType": "AND", "filters": [{"filterType": "IN_LIST"}]},
    ]
    read = parse({"filterBranchType": "OR", "filterBranches": groups})
    assert read.evaluate({"p": "x"}, NOW, None) is True
    assert read.evaluate({"p": None}, NOW, None) is None


def test_a_rolling_answer_changes_with_time_alone():
    read = parse(a_branch(rolling("IS_LESS_THAN_X_DAYS_AGO", 7)))
    value = {"p": "2026-11-20"}
    assert read.evaluate(value, NOW, BERLIN) is True
    assert read.evaluate(value, NOW + timedelta(days=30), BERLIN) is False


@pytest.mark.parametrize(("value", "answer"), [("Bern", True), ("Oslo", None), (None, None)])
def test_a_value_that_is_held_now_was_held_once(value, answer):
    ever = parse(a_branch(text("HAS_EVER_BEEN_EQUAL_TO", "Bern")))
    never = parse(a_branch(text("HAS_NEVER_BEEN_EQUAL_TO", "Bern")))
    assert ever.evaluate({"p": value}, NOW, BERLIN) is answer
    assert never.evaluate({"p": value}, NOW, BERLIN) is (False if answer else None)
