"""Property operations of list filters that look at the calendar: their truth moves with time."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.instants import DAY_MS, EPOCH, parse, to_ms
from sandbox.hubspot.operators import Operation, kind_of
from sandbox.hubspot.shapes import not_set

TimeTest = Callable[[int, int], bool]
"""Does an instant pass, at a time?  Both in milliseconds."""

_DAYS = frozenset(
    {
        "IS_LESS_THAN_X_DAYS_AGO",
        "IS_MORE_THAN_X_DAYS_AGO",
        "IS_LESS_THAN_X_DAYS_FROM_NOW",
        "IS_MORE_THAN_X_DAYS_FROM_NOW",
    }
)
_ORDER = frozenset({"IS_BEFORE", "IS_AFTER"})
_RANGE = frozenset({"IS_BETWEEN", "IS_NOT_BETWEEN"})

OPERATORS: Mapping[str, frozenset[str]] = {
    "DATETIME": _ORDER,
    "RANGED_DATE": _RANGE,
    "DATE": _DAYS | _ORDER | {"IS_EQUAL_TO", "IS_NOT_EQUAL_TO"},
    "ROLLING_DATE_RANGE": _DAYS,
    "ROLLING_PROPERTY_UPDATED": frozenset({"UPDATED_IN_LAST_X_DAYS", "NOT_UPDATED_IN_LAST_X_DAYS"}),
    "CALENDAR_DATE": frozenset(
        {"IN_THIS_TIME_UNIT", "IN_THIS_TIME_UNIT_SO_FAR", "IN_NEXT_TIME_UNIT", "IN_LAST_TIME_UNIT"}
    ),
    "TIME_POINT": _ORDER,
    "TIME_RANGED": _RANGE,
}

UNITS = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})

FIXED = frozenset({"DATETIME", "RANGED_DATE"})
"""Operation types whose answer does not change while time passes."""


def time_test_of(operation: Operation, zone: tzinfo) -> TimeTest:
    """Return the test of a time operation; *zone* is the account's."""
    kind, operator = kind_of(operation), str(operation.get("operator", ""))
    if operator not in OPERATORS[kind]:
        raise invalid(f"Operator {operator} is not supported for operation type {kind}")
    match kind:
        case "DATETIME":
            return _order(operator, _fixed(_ms(operation, "timestamp")))
        case "RANGED_DATE":
            low, high = _ms(operation, "lowerBound"), _ms(operation, "upperBound")
            return _between(operation, _fixed(low), _fixed(high))
        case "DATE":
            return _date(operation, operator, zone)
        case "ROLLING_DATE_RANGE":
            return _days(operator, _count(operation))
        case "ROLLING_PROPERTY_UPDATED":
            days = _count(operation)
            recent = operator == "UPDATED_IN_LAST_X_DAYS"
            return lambda ms, now: (ms >= now - days * DAY_MS) == recent
        case "CALENDAR_DATE":
            return _calendar(operation, operator, zone)
        case "TIME_POINT":
            return _order(operator, _point(operation.get("timePoint"), zone))
        case _:
            low_point = _point(operation.get("lowerBoundTimePoint"), zone)
            high_point = _point(operation.get("upperBoundTimePoint"), zone)
            return _between(operation, low_point, high_point)


Point = Callable[[int], int]
"""The instant a bound means, at a time."""


def _fixed(ms: int) -> Point:
    return lambda _now: ms


def _order(operator: str, point: Point) -> TimeTest:
    if operator == "IS_BEFORE":
        return lambda ms, now: ms < point(now)
    return lambda ms, now: ms > point(now)


def _between(operation: Operation, low: Point, high: Point) -> TimeTest:
    """Both ends count as between, unless their behaviour is EXCLUSIVE."""
    inside = operation["operator"] == "IS_BETWEEN"
    behind = operation.get("lowerBoundEndpointBehavior") == "EXCLUSIVE"
    before = operation.get("upperBoundEndpointBehavior") == "EXCLUSIVE"
    return lambda ms, now: (low(now) + behind <= ms <= high(now) - before) == inside


def _ms(operation: Operation, name: str) -> int:
    value = operation.get(name)
    if value is None:
        raise not_set(name)
    ms = parse(str(value))
    if ms is None:
        raise invalid(f"{value} was not a valid date.")
    return ms


def _count(operation: Operation) -> int:
    days = operation.get("numberOfDays")
    if days is None:
        raise not_set("numberOfDays")
    return int(days)


def _days(operator: str, days: int) -> TimeTest:
    span = days * DAY_MS
    match operator:
        case "IS_LESS_THAN_X_DAYS_AGO":
            return lambda ms, now: now - span < ms <= now
        case "IS_MORE_THAN_X_DAYS_AGO":
            return lambda ms, now: ms < now - span
        case "IS_LESS_THAN_X_DAYS_FROM_NOW":
            return lambda ms, now: now <= ms < now + span
        case _:
            return lambda ms, now: ms > now + span


def _date(operation: Operation, operator: str, zone: tzinfo) -> TimeTest:
    """The spec's text lists the rolling operators here; both forms are taken."""
    if operator in _DAYS:
        return _days(operator, _count(operation))
    start = to_ms(_day(operation, zone))
    if operator in _ORDER:
        return _order(operator, _fixed(start if operator == "IS_BEFORE" else start + DAY_MS - 1))
    same = operator == "IS_EQUAL_TO"
    return lambda ms, _now: (start <= ms < start + DAY_MS) == same


def _day(parts: Mapping[str, Any], zone: tzinfo) -> datetime:
    try:
        return datetime(parts["year"], parts["month"], parts["day"], tzinfo=zone)
    except (KeyError, TypeError, ValueError):
        raise invalid("year, month and day are required") from None


def _calendar(operation: Operation, operator: str, zone: tzinfo) -> TimeTest:
    unit = str(operation.get("timeUnit", "")).upper()
    count = int(operation.get("timeUnitCount") or 1)
    if unit not in UNITS or operation.get("useFiscalYear") in (True, "true"):
        raise invalid(f"CALENDAR_DATE operation with timeUnit {unit} is not supported")

    def passes(ms: int, now: int) -> bool:
        start = _unit_start(_local(now, zone), unit)
        match operator:
            case "IN_THIS_TIME_UNIT":
                low, high = start, _shift(start, unit, 1)
            case "IN_THIS_TIME_UNIT_SO_FAR":
                low, high = start, _local(now, zone)
            case "IN_NEXT_TIME_UNIT":
                low, high = _shift(start, unit, 1), _shift(start, unit, 1 + count)
            case _:
                low, high = _shift(start, unit, -count), start
        return to_ms(low) <= ms < to_ms(high)

    return passes


def _local(ms: int, zone: tzinfo) -> datetime:
    return (EPOCH + timedelta(milliseconds=ms)).astimezone(zone)


def _unit_start(moment: datetime, unit: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "DAY":
            return day
        case "WEEK":
            return day - timedelta(days=day.weekday())
        case "MONTH":
            return day.replace(day=1)
        case "QUARTER":
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        case _:
            return day.replace(month=1, day=1)


def _shift(start: datetime, unit: str, count: int) -> datetime:
    match unit:
        case "DAY":
            return start + timedelta(days=count)
        case "WEEK":
            return start + timedelta(weeks=count)
        case _:
            months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit] * count
            month = start.year * 12 + start.month - 1 + months
            return start.replace(year=month // 12, month=month % 12 + 1)


def _point(point: Any, zone: tzinfo) -> Point:
    """Read a time point: a DATE, or INDEXED (today, now ...) with an offset."""
    if not isinstance(point, Mapping):
        raise invalid("a time point is required")
    zone = _zone(point, zone)
    if str(point.get("timeType", "")).upper() == "DATE":
        return _fixed(to_ms(_at_clock(_day(point, zone), point)))
    reference = str((point.get("indexReference") or {}).get("referenceType", "NOW")).upper()
    if reference not in UNITS | {"NOW", "TODAY"}:
        raise invalid(f"A time point of referenceType {reference} is not supported")
    offset = point.get("offset") or {}

    def at(now: int) -> int:
        base = _local(now, zone)
        if reference != "NOW":
            base = _unit_start(base, "DAY" if reference == "TODAY" else reference)
        return to_ms(_moved(base, offset, by_calendar=reference != "NOW"))

    return at


def _at_clock(day: datetime, point: Mapping[str, Any]) -> datetime:
    """Return the time of that day which the clock on the wall shows."""
    hour, minute, second = (int(point.get(name) or 0) for name in ("hour", "minute", "second"))
    thousandths = int(point.get("millisecond") or 0)
    return day.replace(hour=hour, minute=minute, second=second, microsecond=thousandths * 1000)


def _moved(base: datetime, offset: Mapping[str, Any], *, by_calendar: bool) -> datetime:
    """Apply an offset such as ``{"days": -15}``; each unit counts for itself.

    Days are those of the calendar, or of 24 hours each, which is not the same where clocks change.
    """
    months = int(offset.get("months") or 0) + 3 * int(offset.get("quarters") or 0)
    months += 12 * int(offset.get("years") or 0)
    if months:
        base = _shift(base.replace(day=1), "MONTH", months) + timedelta(days=base.day - 1)
    if not by_calendar:
        base = base.astimezone(UTC)
    names = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds")
    return base + timedelta(**{name: int(offset.get(name) or 0) for name in names})


def _zone(point: Mapping[str, Any], account: tzinfo) -> tzinfo:
    name = point.get("zoneId")
    if not name:
        return account
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(f"Unknown time zone {name}") from None
