"""Whole filters on whole records: ours against the sandbox's, for every documented operator.

The sandbox has to answer yes or no; ours may leave an answer open, and may not contradict it.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guestlist.domain.listfilter import parse
from guestlist.domain.ternary import Answer
from sandbox.clock import Clock
from sandbox.hubspot import operators, time_operators
from sandbox.hubspot.portal import Portal
from sandbox.world import World
from tests.sandbox.hubspot.filter_branches import any_of, property_filter

NOW = datetime(2026, 10, 5, 12, 34, 56, tzinfo=UTC)
ZONE = ZoneInfo("US/Eastern")
LISTED = 150
"""Examples of the one law that all operators share."""

EQUAL = ("IS_EQUAL_TO", "IS_NOT_EQUAL_TO")
EQUAL_EVER = ("HAS_EVER_BEEN_EQUAL_TO", "HAS_NEVER_BEEN_EQUAL_TO")
ORDER = ("IS_BEFORE", "IS_AFTER")
RANGE = ("IS_BETWEEN", "IS_NOT_BETWEEN")
DAYS = (
    "IS_LESS_THAN_X_DAYS_AGO",
    "IS_MORE_THAN_X_DAYS_AGO",
    "IS_LESS_THAN_X_DAYS_FROM_NOW",
    "IS_MORE_THAN_X_DAYS_FROM_NOW",
)
DOCUMENTED: dict[str, tuple[str, ...]] = {
    "ALL_PROPERTY": ("IS_KNOWN", "IS_UNKNOWN", "IS_BLANK", "IS_NOT_BLANK"),
    "STRING": (
        *EQUAL,
        *("CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH", "ENDS_WITH"),
        *EQUAL_EVER,
        *("HAS_EVER_CONTAINED", "HAS_NEVER_CONTAINED"),
    ),
    "MULTISTRING": (
        *EQUAL,
        *("CONTAINS", "CONTAINS_EXACTLY", "DOES_NOT_CONTAIN", "DOES_NOT_CONTAIN_EXACTLY"),
        *("STARTS_WITH", "ENDS_WITH"),
    ),
    "NUMBER": (
        *EQUAL,
        *("IS_GREATER_THAN", "IS_GREATER_THAN_OR_EQUAL_TO"),
        *("IS_LESS_THAN", "IS_LESS_THAN_OR_EQUAL_TO"),
        *EQUAL_EVER,
    ),
    "NUMBER_RANGED": RANGE,
    "BOOL": (*EQUAL, *EQUAL_EVER),
    "ENUMERATION": (
        *("IS_ANY_OF", "IS_NONE_OF", "IS_EXACTLY", "IS_NOT_EXACTLY"),
        *("CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL"),
        *("HAS_EVER_BEEN_ANY_OF", "HAS_NEVER_BEEN_ANY_OF"),
        *("HAS_EVER_BEEN_EXACTLY", "HAS_NEVER_BEEN_EXACTLY"),
        *("HAS_EVER_CONTAINED_ALL", "HAS_NEVER_CONTAINED_ALL"),
    ),
    "DATETIME": ORDER,
    "RANGED_DATE": RANGE,
    "DATE": DAYS,
    "ROLLING_DATE_RANGE": DAYS,
    "ROLLING_PROPERTY_UPDATED": ("UPDATED_IN_LAST_X_DAYS", "NOT_UPDATED_IN_LAST_X_DAYS"),
    "CALENDAR_DATE": (
        *("IN_THIS_TIME_UNIT", "IN_THIS_TIME_UNIT_SO_FAR"),
        *("IN_NEXT_TIME_UNIT", "IN_LAST_TIME_UNIT"),
    ),
    "TIME_POINT": ORDER,
    "TIME_RANGED": RANGE,
    "COMPARATIVE_DATE": ORDER,
    "COMPARATIVE_PROPERTY_UPDATED": ORDER,
}
"""HubSpot's operators by operation type, from its own description of the lists API.  Of
COMPARATIVE_STRING it names none."""

OPEN = {
    "DATE": "its operators are those of another type, as if copied",
    "ROLLING_PROPERTY_UPDATED": "when a property changed is not in the record",
    "COMPARATIVE_PROPERTY_UPDATED": "when a property changed is not in the record",
    "COMPARATIVE_STRING": "no operator is documented",
}
"""What is always left open, and why."""

words = st.sampled_from(["Bern", "bern", "New York", "York", "new", "er", "Oslo", "5"])
roles = st.lists(
    st.sampled_from(["CHAMPION", "OTHER", "BLOCKER"]), min_size=1, max_size=3, unique=True
)
numbers = st.sampled_from([-3, 0, 2.5, 10, 10.5])
near = st.integers(min_value=-500, max_value=500).map(lambda hours: NOW + timedelta(hours=hours))
moments = st.one_of(near, st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1))).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
stamps = moments.map(lambda moment: int(moment.timestamp() * 1000))
points = st.one_of(
    st.builds(
        lambda day, zone: {
            "timeType": "DATE",
            "timezoneSource": "CUSTOM",
            "zoneId": zone,
            "year": day.year,
            "month": day.month,
            "day": day.day,
        },
        moments,
        st.sampled_from(["UTC", "US/Eastern", "Asia/Tokyo"]),
    ),
    st.builds(
        lambda reference, days: {
            "timeType": "INDEXED",
            "timezoneSource": "CUSTOM",
            "zoneId": "US/Eastern",
            "indexReference": {"referenceType": reference},
            "offset": {"days": days},
        },
        st.sampled_from(["NOW", "TODAY"]),
        st.integers(-30, 30),
    ),
)
OPERANDS: dict[str, tuple[str, st.SearchStrategy[dict[str, Any]]]] = {
    "ALL_PROPERTY": ("city", st.just({})),
    "STRING": ("city", st.fixed_dictionaries({"value": words})),
    "MULTISTRING": (
        "city",
        st.fixed_dictionaries({"values": st.lists(words, min_size=1, max_size=2)}),
    ),
    "NUMBER": ("followercount", st.fixed_dictionaries({"value": numbers})),
    "NUMBER_RANGED": (
        "followercount",
        numbers.map(lambda low: {"lowerBound": low, "upperBound": low + 5}),
    ),
    "BOOL": ("hs_facebook_ad_clicked", st.fixed_dictionaries({"value": st.booleans()})),
    "ENUMERATION": ("hs_buying_role", st.fixed_dictionaries({"values": roles})),
    "DATETIME": (
        "closedate",
        st.fixed_dictionaries({"timestamp": stamps, "requiresTimeZoneConversion": st.booleans()}),
    ),
    "RANGED_DATE": (
        "closedate",
        st.builds(
            lambda low, days, convert: {
                "lowerBound": low,
                "upperBound": low + days * 86_400_000,
                "requiresTimeZoneConversion": convert,
            },
            stamps,
            st.integers(1, 60),
            st.booleans(),
        ),
    ),
    "DATE": ("closedate", st.just({"numberOfDays": 3, "day": 4, "month": 10, "year": 2026})),
    "ROLLING_DATE_RANGE": (
        "closedate",
        st.fixed_dictionaries({"numberOfDays": st.integers(0, 400)}),
    ),
    "ROLLING_PROPERTY_UPDATED": ("city", st.fixed_dictionaries({"numberOfDays": st.just(2)})),
    "CALENDAR_DATE": (
        "closedate",
        st.fixed_dictionaries(
            {
                "timeUnit": st.sampled_from(["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]),
                "timeUnitCount": st.integers(1, 3),
            }
        ),
    ),
    "TIME_POINT": ("closedate", st.fixed_dictionaries({"timePoint": points})),
    "TIME_RANGED": (
        "closedate",
        st.fixed_dictionaries({"lowerBoundTimePoint": points, "upperBoundTimePoint": points}),
    ),
    "COMPARATIVE_DATE": ("closedate", st.just({"comparisonPropertyName": "createdate"})),
    "COMPARATIVE_PROPERTY_UPDATED": (
        "city",
        st.just({"comparisonPropertyName": "followercount"}),
    ),
}
"""The property each operation type is asked of, and what it is asked with."""

VALUES: dict[str, st.SearchStrategy[str]] = {
    "city": words,
    "followercount": numbers.map(str),
    "hs_facebook_ad_clicked": st.sampled_from(["true", "false"]),
    "hs_buying_role": roles.map(";".join),
    "closedate": moments.map(lambda moment: moment.isoformat()),
}
records = st.fixed_dictionaries({}, optional=VALUES)


@st.composite
def some_filters(draw: st.DrawFn, kinds: list[str] | None = None) -> dict[str, Any]:
    kind = draw(st.sampled_from(kinds or sorted(DOCUMENTED)))
    operator = draw(st.sampled_from(DOCUMENTED[kind]))
    name, operands = OPERANDS[kind]
    blank = {"includeObjectsWithNoValueSet": draw(st.booleans())}
    return property_filter(name, kind, operator, **draw(operands), **blank)


branches = st.lists(st.lists(some_filters(), min_size=1, max_size=3), min_size=1, max_size=3).map(
    lambda groups: any_of(*groups)
)


@pytest.fixture(scope="module")
def portal() -> Portal:
    clock = Clock()
    clock.freeze(NOW)
    return World("filters", clock=clock).portal


def both(
    portal: Portal, branch: dict[str, Any], past: list[dict[str, str]], now: dict[str, str]
) -> tuple[Answer, bool]:
    """Ours and theirs for a contact that held *past* values before those of now."""
    key = portal.create("contacts", {"lastname": "Doe"})
    for values in (*past, {name: now.get(name, "") for name in VALUES}):
        portal.update("contacts", key, values)
    store = portal.store_of("contacts")
    record = store.records[key]
    read = parse(branch)
    seen = {name: store.value(record, name) for name in read.properties}
    mine = read.evaluate(seen, NOW, ZONE)
    return mine, portal.lists.compile(branch, store).passes(record, portal.now_ms())


law = settings(
    max_examples=LISTED, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@law
@given(branches, st.lists(records, max_size=2), records)
def test_an_answer_of_ours_is_the_portals(portal, branch, past, now):
    mine, theirs = both(portal, branch, past, now)
    assert mine in {None, theirs}


@pytest.mark.parametrize("kind", sorted(DOCUMENTED))
def test_every_operation_type_by_itself(portal: Portal, kind: str) -> None:
    @settings(law, max_examples=60)
    @given(some_filters([kind]), st.lists(records, max_size=1), records)
    def agrees(one: dict[str, Any], past: list[dict[str, str]], now: dict[str, str]) -> None:
        mine, theirs = both(portal, any_of([one]), past, now)
        assert mine in {None, theirs}

    agrees()


def test_the_sandbox_evaluates_every_documented_operator() -> None:
    theirs = {**operators.OPERATORS, **time_operators.OPERATORS}
    for kind, documented in DOCUMENTED.items():
        if not kind.startswith("COMPARATIVE_"):
            assert set(documented) <= theirs[kind], kind


@pytest.mark.parametrize("kind", sorted(DOCUMENTED))
def test_what_is_left_open_is_exactly_what_is_said_to_be(kind: str) -> None:
    """Each operator but those of OPEN tells some who are in and some who are out."""
    told: dict[str, set[Answer]] = defaultdict(set)

    @settings(
        max_examples=50 * len(DOCUMENTED[kind]), derandomize=True, database=None, deadline=None
    )
    @given(some_filters([kind]), records)
    def ask(one: dict[str, Any], now: dict[str, str]) -> None:
        record = {"createdate": "2026-10-05T12:00:00Z", **now}
        answer = parse(any_of([one])).evaluate(record, NOW, ZONE)
        told[one["operation"]["operator"]].add(answer)

    ask()
    assert set(told) == set(DOCUMENTED[kind])
    for operator, answers in told.items():
        if kind in OPEN:
            assert answers == {None}, operator
        elif operator.startswith(("HAS_EVER_", "HAS_NEVER_")):
            assert answers == {operator.startswith("HAS_EVER_"), None}, operator
        else:
            assert answers >= {True, False}, operator


def test_what_no_operator_is_documented_for_is_left_open() -> None:
    other = {"comparisonPropertyName": "email"}
    read = parse(any_of([property_filter("city", "COMPARATIVE_STRING", "IS_EQUAL_TO", **other)]))
    assert read.evaluate({"city": "Bern", "email": "bern"}, NOW, ZONE) is None
    assert "COMPARATIVE_STRING" in OPEN
