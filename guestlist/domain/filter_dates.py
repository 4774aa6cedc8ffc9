"""Date operations on spans: between two dates, days ago, this month, before another property."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from guestlist.domain import canonical
from guestlist.domain.filter_shape import NotKnown, Situation, Test, member
from guestlist.domain.spans import YEARS, Span, after, before, days_around, span_of, wall
from guestlist.domain.ternary import Answer, every
from guestlist.domain.time_points import Bound, time_point


def _against(compare: Callable[[Span, Situation], Answer]) -> Test:
    """A test of a date value; what is no date, or out of the calendar, stays open."""

    def test(value: str, situation: Situation) -> Answer:
        span = span_of(value, situation.time_zone)
        if span is None:
            return None
        try:
            return compare(span, situation)
        except OverflowError:
            return None

    return test


def _by_operator(operator: str, bound: Bound) -> Test | None:
    match operator:
        case "IS_BEFORE":
            return _against(lambda value, situation: before(value, bound(situation)))
        case "IS_AFTER":
            return _against(lambda value, situation: after(value, bound(situation)))
        case _:
            return None


def _between(operator: str, lower: Bound, upper: Bound) -> Test | None:
    if operator != "IS_BETWEEN":
        return None
    return _against(
        lambda value, situation: every(
            (after(value, lower(situation)), before(value, upper(situation)))
        )
    )


def _datetime(operator: str, operation: Mapping[str, Any]) -> Test | None:
    return _by_operator(operator, _timestamp(operation, "timestamp"))


def _ranged_date(operator: str, operation: Mapping[str, Any]) -> Test | None:
    lower, upper = _timestamp(operation, "lowerBound"), _timestamp(operation, "upperBound")
    return _between(operator, lower, upper)


def _timestamp(operation: Mapping[str, Any], key: str) -> Bound:
    """Milliseconds since 1970; with zone conversion they may mean the portal's wall clock."""
    parsed = canonical.instant(str(member(operation, key, int)))
    if parsed is None or parsed.year not in YEARS:
        raise NotKnown(f"malformed filter: {key}")
    point = Span(parsed, parsed)
    if not member(operation, "requiresTimeZoneConversion", bool, default=True):
        return lambda _: point
    clock = parsed.replace(tzinfo=None)
    return lambda situation: point.joined(wall(clock, situation.time_zone))


def _rolling(operator: str, operation: Mapping[str, Any]) -> Test | None:
    """So many days from now; whether by the hour or by whole days is not documented."""
    days = member(operation, "numberOfDays", int)
    if not 0 <= days <= 36_500:
        raise NotKnown("malformed filter: numberOfDays")
    build = _ROLLING.get(operator)
    return build(timedelta(days=days)) if build else None


def _day_of(situation: Situation, shift: timedelta) -> Span:
    return days_around(situation.now + shift, situation.time_zone)


def _less_than_days_ago(days: timedelta) -> Test:
    return _against(
        lambda value, situation: every(
            (
                after(value, _day_of(situation, -days)),
                _not_yet_known(before(value, _now(situation))),
            )
        )
    )


def _more_than_days_ago(days: timedelta) -> Test:
    return _against(lambda value, situation: before(value, _day_of(situation, -days)))


def _less_than_days_from_now(days: timedelta) -> Test:
    return _against(
        lambda value, situation: every(
            (
                before(value, _day_of(situation, days)),
                _not_yet_known(after(value, _now(situation))),
            )
        )
    )


def _more_than_days_from_now(days: timedelta) -> Test:
    return _against(lambda value, situation: after(value, _day_of(situation, days)))


def _now(situation: Situation) -> Span:
    return Span(situation.now, situation.now)


def _not_yet_known(answer: Answer) -> Answer:
    """Whether the future is "less than x days ago", or the past ahead, is not documented."""
    return answer or None


_ROLLING: Mapping[str, Callable[[timedelta], Test]] = MappingProxyType(
    {
        "IS_LESS_THAN_X_DAYS_AGO": _less_than_days_ago,
        "IS_MORE_THAN_X_DAYS_AGO": _more_than_days_ago,
        "IS_LESS_THAN_X_DAYS_FROM_NOW": _less_than_days_from_now,
        "IS_MORE_THAN_X_DAYS_FROM_NOW": _more_than_days_from_now,
    }
)


def _time_point(operator: str, operation: Mapping[str, Any]) -> Test | None:
    return _by_operator(operator, time_point(member(operation, "timePoint", dict)))


def _time_ranged(operator: str, operation: Mapping[str, Any]) -> Test | None:
    lower = time_point(member(operation, "lowerBoundTimePoint", dict))
    upper = time_point(member(operation, "upperBoundTimePoint", dict))
    return _between(operator, lower, upper)


def _comparative(operator: str, operation: Mapping[str, Any]) -> Test | None:
    """Before or after another property's date; a blank there leaves it open."""
    other = member(operation, "comparisonPropertyName", str)

    def compare(value: Span, situation: Situation) -> Answer:
        bound = span_of(situation.values.get(other) or "", situation.time_zone)
        if bound is None:
            return None
        return before(value, bound) if operator == "IS_BEFORE" else after(value, bound)

    return _against(compare) if operator in {"IS_BEFORE", "IS_AFTER"} else None


def _calendar(operator: str, operation: Mapping[str, Any]) -> Test | None:
    """The current, the next or the last day, month, quarter or year, by the portal's calendar.

    Left open: weeks (which day begins one), fiscal years, and several units at once.
    """
    unit = member(operation, "timeUnit", str).upper()
    several = member(operation, "timeUnitCount", int, 1) != 1
    fiscal = member(operation, "useFiscalYear", bool, default=False)
    if unit not in _MONTHS or operator not in _SHIFTS or several or fiscal:
        return None

    def test(value: str, situation: Situation) -> Answer:
        zone = situation.time_zone
        if zone is None:
            return None
        today = situation.now.astimezone(zone).date()
        first, end = _unit(today, _MONTHS[unit], _SHIFTS[operator])
        so_far = operator == "IN_THIS_TIME_UNIT_SO_FAR"
        answers = {
            _within(day, first, end, today if so_far else None) for day in _days(value, zone)
        }
        return answers.pop() if len(answers) == 1 else None

    return test


def _within(day: date, first: date, end: date, today: date | None) -> Answer:
    if day == today:
        return None
    return first <= day < (today or end)


def _days(value: str, zone: ZoneInfo) -> set[date]:
    """The portal's day and UTC's, since either may be meant; west of UTC a bare date has two."""
    parsed = canonical.instant(value)
    if parsed is None or parsed.year not in YEARS:
        return set()
    return {parsed.date(), parsed.astimezone(zone).date()}


def _unit(today: date, months: int, shift: int) -> tuple[date, date]:
    """The first day of a unit and the first day after it."""
    if months == 0:
        first = today + timedelta(days=shift)
        return first, first + timedelta(days=1)
    current = (today.year * 12 + today.month - 1) // months
    return _month((current + shift) * months), _month((current + shift + 1) * months)


def _month(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


_MONTHS: Mapping[str, int] = MappingProxyType({"DAY": 0, "MONTH": 1, "QUARTER": 3, "YEAR": 12})
_SHIFTS: Mapping[str, int] = MappingProxyType(
    {
        "IN_THIS_TIME_UNIT": 0,
        "IN_THIS_TIME_UNIT_SO_FAR": 0,
        "IN_NEXT_TIME_UNIT": 1,
        "IN_LAST_TIME_UNIT": -1,
    }
)

DATE_OPERATIONS: Mapping[str, Callable[[str, Mapping[str, Any]], Test | None]] = MappingProxyType(
    {
        "DATETIME": _datetime,
        "RANGED_DATE": _ranged_date,
        "ROLLING_DATE_RANGE": _rolling,
        "CALENDAR_DATE": _calendar,
        "TIME_POINT": _time_point,
        "TIME_RANGED": _time_ranged,
        "COMPARATIVE_DATE": _comparative,
    }
)
"""By operationType."""
