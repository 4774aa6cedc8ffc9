"""Each operator of each operation type, on the records that must and must not pass."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.filter_branches import any_of, property_filter, where

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
MS = int(NOON.timestamp() * 1000)
DAY = 86_400_000

RECORDS: dict[str, dict[str, str]] = {
    "one": {
        "city": "New York",
        "followercount": "10",
        "hs_facebook_ad_clicked": "true",
        "hs_buying_role": "CHAMPION;OTHER",
        "closedate": "2026-10-04T12:00:00Z",
    },
    "two": {
        "city": "Bern",
        "followercount": "2.5",
        "hs_facebook_ad_clicked": "false",
        "hs_buying_role": "CHAMPION",
        "closedate": "2026-10-20T12:00:00Z",
    },
    "none": {},
}


@pytest.fixture
def records(portal: Portal, clock) -> dict[str, str]:
    clock.freeze(NOON)
    return {
        name: portal.create("contacts", {"email": f"{name}@example.com", **values})
        for name, values in RECORDS.items()
    }


def members(portal: Portal, records: dict[str, str], branch: dict[str, Any]) -> str:
    """Return the names of those a list with this definition lets in."""
    item = portal.lists.lists[portal.create_list(f"L{len(portal.lists.lists)}", branch)]
    return " ".join(name for name, id in records.items() if int(id) in item.members)


POINT_BEFORE = {"timeType": "DATE", "year": 2026, "month": 10, "day": 1, "zoneId": "UTC"}
POINT_AFTER = {"timeType": "DATE", "year": 2026, "month": 10, "day": 10, "zoneId": "UTC"}
TODAY_LESS_2 = {
    "timeType": "INDEXED",
    "zoneId": "UTC",
    "indexReference": {"referenceType": "TODAY"},
    "offset": {"days": -2},
}
NOW = {"timeType": "INDEXED", "indexReference": {"referenceType": "NOW"}}

Case = tuple[str, str, str, dict[str, Any], str]
"""Property, operation type, operator, its members, and the names of those let in."""

CASES: list[Case] = [
    ("city", "ALL_PROPERTY", "IS_KNOWN", {}, "one two"),
    ("city", "ALL_PROPERTY", "IS_UNKNOWN", {}, "none"),
    ("city", "ALL_PROPERTY", "IS_NOT_BLANK", {}, "one two"),
    ("city", "ALL_PROPERTY", "IS_BLANK", {}, "none"),
    ("city", "STRING", "IS_EQUAL_TO", {"value": "bern"}, "two"),
    ("city", "STRING", "IS_NOT_EQUAL_TO", {"value": "bern"}, "one"),
    ("city", "STRING", "CONTAINS", {"value": "yor"}, "one"),
    ("city", "STRING", "DOES_NOT_CONTAIN", {"value": "yor"}, "two"),
    ("city", "STRING", "STARTS_WITH", {"value": "new"}, "one"),
    ("city", "STRING", "ENDS_WITH", {"value": "RN"}, "two"),
    ("city", "string", "IS_EQUAL_TO", {"value": "Bern"}, "two"),
    ("city", "MULTISTRING", "IS_EQUAL_TO", {"values": ["bern", "oslo"]}, "two"),
    ("city", "MULTISTRING", "IS_NOT_EQUAL_TO", {"values": ["bern", "oslo"]}, "one"),
    ("city", "MULTISTRING", "CONTAINS", {"values": ["er", "x"]}, "two"),
    ("city", "MULTISTRING", "CONTAINS_EXACTLY", {"values": ["york"]}, "one"),
    ("city", "MULTISTRING", "CONTAINS_EXACTLY", {"values": ["yor"]}, ""),
    ("city", "MULTISTRING", "DOES_NOT_CONTAIN", {"values": ["er", "x"]}, "one"),
    ("city", "MULTISTRING", "DOES_NOT_CONTAIN_EXACTLY", {"values": ["york"]}, "two"),
    ("city", "MULTISTRING", "STARTS_WITH", {"values": ["be", "x"]}, "two"),
    ("city", "MULTISTRING", "ENDS_WITH", {"values": ["rk", "x"]}, "one"),
    ("followercount", "NUMBER", "IS_EQUAL_TO", {"value": 10}, "one"),
    ("followercount", "NUMBER", "IS_NOT_EQUAL_TO", {"value": 10}, "two"),
    ("followercount", "NUMBER", "IS_GREATER_THAN", {"value": 2.5}, "one"),
    ("followercount", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", {"value": 2.5}, "one two"),
    ("followercount", "NUMBER", "IS_LESS_THAN", {"value": 10}, "two"),
    ("followercount", "NUMBER", "IS_LESS_THAN_OR_EQUAL_TO", {"value": 10}, "one two"),
    ("followercount", "NUMBER_RANGED", "IS_BETWEEN", {"lowerBound": 2, "upperBound": 3}, "two"),
    ("followercount", "NUMBER_RANGED", "IS_NOT_BETWEEN", {"lowerBound": 2, "upperBound": 3}, "one"),
    ("hs_facebook_ad_clicked", "BOOL", "IS_EQUAL_TO", {"value": True}, "one"),
    ("hs_facebook_ad_clicked", "BOOL", "IS_NOT_EQUAL_TO", {"value": True}, "two"),
    ("hs_buying_role", "ENUMERATION", "IS_ANY_OF", {"values": ["OTHER", "BLOCKER"]}, "one"),
    ("hs_buying_role", "ENUMERATION", "IS_NONE_OF", {"values": ["OTHER", "BLOCKER"]}, "two"),
    ("hs_buying_role", "ENUMERATION", "IS_EXACTLY", {"values": ["CHAMPION"]}, "two"),
    ("hs_buying_role", "ENUMERATION", "IS_NOT_EXACTLY", {"values": ["CHAMPION"]}, "one"),
    ("hs_buying_role", "ENUMERATION", "CONTAINS_ALL", {"values": ["OTHER", "CHAMPION"]}, "one"),
    ("hs_buying_role", "ENUMERATION", "DOES_NOT_CONTAIN_ALL", {"values": ["OTHER"]}, "two"),
    ("closedate", "DATETIME", "IS_BEFORE", {"timestamp": MS}, "one"),
    ("closedate", "DATETIME", "IS_AFTER", {"timestamp": MS}, "two"),
    ("closedate", "RANGED_DATE", "IS_BETWEEN", {"lowerBound": MS - DAY, "upperBound": MS}, "one"),
    (
        "closedate",
        "RANGED_DATE",
        "IS_NOT_BETWEEN",
        {"lowerBound": MS - DAY, "upperBound": MS},
        "two",
    ),
    ("closedate", "DATE", "IS_EQUAL_TO", {"year": 2026, "month": 10, "day": 4}, "one"),
    ("closedate", "DATE", "IS_AFTER", {"year": 2026, "month": 10, "day": 4}, "two"),
    ("closedate", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", {"numberOfDays": 2}, "one"),
    ("closedate", "ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_AGO", {"numberOfDays": 2}, ""),
    (
        "closedate",
        "ROLLING_DATE_RANGE",
        "IS_LESS_THAN_X_DAYS_FROM_NOW",
        {"numberOfDays": 20},
        "two",
    ),
    ("closedate", "ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_FROM_NOW", {"numberOfDays": 9}, "two"),
    ("city", "ROLLING_PROPERTY_UPDATED", "UPDATED_IN_LAST_X_DAYS", {"numberOfDays": 1}, "one two"),
    ("city", "ROLLING_PROPERTY_UPDATED", "NOT_UPDATED_IN_LAST_X_DAYS", {"numberOfDays": 1}, ""),
    ("closedate", "CALENDAR_DATE", "IN_THIS_TIME_UNIT", {"timeUnit": "MONTH"}, "one two"),
    ("closedate", "CALENDAR_DATE", "IN_THIS_TIME_UNIT_SO_FAR", {"timeUnit": "MONTH"}, "one"),
    (
        "closedate",
        "CALENDAR_DATE",
        "IN_NEXT_TIME_UNIT",
        {"timeUnit": "WEEK", "timeUnitCount": 3},
        "two",
    ),
    ("closedate", "CALENDAR_DATE", "IN_LAST_TIME_UNIT", {"timeUnit": "DAY"}, "one"),
    ("closedate", "TIME_POINT", "IS_BEFORE", {"timePoint": POINT_AFTER}, "one"),
    ("closedate", "TIME_POINT", "IS_AFTER", {"timePoint": NOW}, "two"),
    (
        "closedate",
        "TIME_RANGED",
        "IS_BETWEEN",
        {"lowerBoundTimePoint": TODAY_LESS_2, "upperBoundTimePoint": NOW},
        "one",
    ),
    (
        "closedate",
        "TIME_RANGED",
        "IS_NOT_BETWEEN",
        {"lowerBoundTimePoint": POINT_BEFORE, "upperBoundTimePoint": POINT_AFTER},
        "two",
    ),
    ("closedate", "COMPARATIVE_DATE", "IS_BEFORE", {"comparisonPropertyName": "createdate"}, "one"),
    ("closedate", "COMPARATIVE_DATE", "IS_AFTER", {"comparisonPropertyName": "createdate"}, "two"),
    (
        "city",
        "COMPARATIVE_PROPERTY_UPDATED",
        "IS_BEFORE",
        {"comparisonPropertyName": "followercount"},
        "",
    ),
    (
        "city",
        "COMPARATIVE_STRING",
        "IS_NOT_EQUAL_TO",
        {"comparisonPropertyName": "email"},
        "one two",
    ),
]


def case_id(case: Case) -> str:
    return " ".join(case[:3])


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_an_operator_lets_in_exactly_these(
    portal: Portal, records: dict[str, str], case: Case
) -> None:
    name, kind, operator, operation, expected = case
    assert members(portal, records, where(name, kind, operator, **operation)) == expected


HISTORIC: list[Case] = [
    ("city", "STRING", "HAS_EVER_BEEN_EQUAL_TO", {"value": "bern"}, "two"),
    ("city", "STRING", "HAS_NEVER_BEEN_EQUAL_TO", {"value": "bern"}, "one"),
    ("city", "STRING", "HAS_EVER_CONTAINED", {"value": "er"}, "two"),
    ("city", "STRING", "HAS_NEVER_CONTAINED", {"value": "er"}, "one"),
    ("followercount", "NUMBER", "HAS_EVER_BEEN_EQUAL_TO", {"value": 2.5}, "two"),
    ("followercount", "NUMBER", "HAS_NEVER_BEEN_EQUAL_TO", {"value": 2.5}, "one"),
    ("hs_facebook_ad_clicked", "BOOL", "HAS_EVER_BEEN_EQUAL_TO", {"value": False}, "two"),
    ("hs_facebook_ad_clicked", "BOOL", "HAS_NEVER_BEEN_EQUAL_TO", {"value": False}, "one"),
    ("hs_buying_role", "ENUMERATION", "HAS_EVER_BEEN_ANY_OF", {"values": ["OTHER"]}, "one"),
    ("hs_buying_role", "ENUMERATION", "HAS_NEVER_BEEN_ANY_OF", {"values": ["OTHER"]}, "two"),
    ("hs_buying_role", "ENUMERATION", "HAS_EVER_BEEN_EXACTLY", {"values": ["CHAMPION"]}, "two"),
    ("hs_buying_role", "ENUMERATION", "HAS_NEVER_BEEN_EXACTLY", {"values": ["CHAMPION"]}, "one"),
    (
        "hs_buying_role",
        "ENUMERATION",
        "HAS_EVER_CONTAINED_ALL",
        {"values": ["OTHER", "CHAMPION"]},
        "one",
    ),
    ("hs_buying_role", "ENUMERATION", "HAS_NEVER_CONTAINED_ALL", {"values": ["OTHER"]}, "two"),
]


@pytest.mark.parametrize("case", HISTORIC, ids=case_id)
def test_history_answers_for_values_that_are_gone(
    portal: Portal, records: dict[str, str], case: Case
) -> None:
    name, kind, operator, operation, expected = case
    for id in records.values():
        portal.update("contacts", id, {name: ""})
    assert members(portal, records, where(name, kind, operator, **operation)) == expected


@pytest.mark.parametrize(
    ("kind", "operator", "operation"),
    [
        ("STRING", "IS_NOT_EQUAL_TO", {"value": "bern"}),
        ("MULTISTRING", "DOES_NOT_CONTAIN", {"values": ["bern"]}),
        ("STRING", "HAS_NEVER_BEEN_EQUAL_TO", {"value": "bern"}),
    ],
)
def test_unset_values_pass_only_when_the_operation_includes_them(
    portal: Portal, records: dict[str, str], kind: str, operator: str, operation: dict[str, Any]
) -> None:
    branch = where("city", kind, operator, **operation, includeObjectsWithNoValueSet=True)
    assert members(portal, records, branch) == "one none"


def test_groups_are_alternatives_and_filters_of_a_group_all_hold(portal, records) -> None:
    is_bern = property_filter("city", "STRING", "IS_EQUAL_TO", value="bern")
    big = property_filter("followercount", "NUMBER", "IS_GREATER_THAN", value=5)
    unset = property_filter("city", "ALL_PROPERTY", "IS_UNKNOWN")
    assert members(portal, records, any_of([is_bern, big])) == ""
    assert members(portal, records, any_of([is_bern], [big])) == "one two"
    assert members(portal, records, any_of([is_bern], [unset])) == "two none"


def test_calculated_properties_can_be_filtered(portal, records) -> None:
    branch = where("hs_email_domain", "STRING", "IS_EQUAL_TO", value="example.com")
    assert members(portal, records, branch) == "one two none"


def test_membership_of_another_list_is_a_filter(portal, records) -> None:
    inner = portal.create_list("Inner", where("city", "STRING", "IS_EQUAL_TO", value="bern"))
    inside = {"filterType": "IN_LIST", "listId": inner, "operator": "IN_LIST"}
    outside = {**inside, "operator": "NOT_IN_LIST"}
    assert members(portal, records, any_of([inside])) == "two"
    assert members(portal, records, any_of([outside])) == "one none"
    follower = portal.lists.lists[portal.create_list("Follower", any_of([inside]))]
    portal.update("contacts", records["one"], {"city": "Bern"})
    assert int(records["one"]) in follower.members


def test_lists_that_look_at_the_clock_change_while_nothing_is_written(
    portal: Portal, records: dict[str, str], wait
) -> None:
    branch = where("closedate", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=2)
    item = portal.lists.lists[portal.create_list("Recent", branch)]
    wait(30 * 3600)
    assert portal.membership(records["one"])[item.id].by_filter is False
    portal.lists.settle()
    assert not item.members.joined


def test_an_end_that_is_exclusive_is_not_inside(portal, records) -> None:
    noon = 1_791_115_200_000
    bounds: dict[str, Any] = {"lowerBound": noon, "upperBound": noon + 1}
    branch = where("closedate", "RANGED_DATE", "IS_BETWEEN", **bounds)
    assert members(portal, records, branch) == "one"
    operation = branch["filterBranches"][0]["filters"][0]["operation"]
    operation["lowerBoundEndpointBehavior"] = "EXCLUSIVE"
    assert members(portal, records, branch) == ""


def test_the_time_of_a_point_is_wall_clock_to_the_millisecond(portal: Portal, clock) -> None:
    """On the day on which a country's clocks are set back, an hour of it is no sixty minutes on."""
    id = portal.create("contacts", {"email": "a@example.com", "closedate": "2026-11-01T15:00:00Z"})
    at = {"timeType": "DATE", "zoneId": "US/Eastern", "year": 2026, "month": 11, "day": 1}
    for more, passes in (({"millisecond": 1}, True), ({}, False), ({"second": 1}, True)):
        point = {**at, "hour": 10, **more}
        branch = where("closedate", "TIME_POINT", "IS_BEFORE", timePoint=point)
        assert members(portal, {"it": id}, branch) == ("it" if passes else "")
