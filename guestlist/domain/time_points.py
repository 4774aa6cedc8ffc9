"""HubSpot's ``timePoint``: a date and time as written, or counted from now or today."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from guestlist.domain.filter_shape import NotKnown, Situation, member, understood
from guestlist.domain.spans import YEARS, Span, days_around, wall, whole_day

Bound = Callable[[Situation], Span]
"""Where a range begins or ends, once it is known when and where is now."""

_ZONE_KEYS = frozenset({"timeType", "timezoneSource", "zoneId"})
_DATE_KEYS = _ZONE_KEYS | {"year", "month", "day", "hour", "minute", "second", "millisecond"}
_INDEXED_KEYS = _ZONE_KEYS | {"indexReference", "offset"}
_OFFSETS = frozenset({"weeks", "days", "hours", "minutes", "seconds", "milliseconds"})
_LONGEST = timedelta(days=36_500)


def time_point(point: Mapping[str, Any]) -> Bound:
    """Return the bound; raise ``NotKnown`` for a kind that is not understood for certain."""
    kind = member(point, "timeType", str).upper()
    match kind:
        case "DATE":
            return _written(point)
        case "INDEXED":
            return _counted(point)
        case _:
            raise NotKnown(f"time point {kind}")


def _written(point: Mapping[str, Any]) -> Bound:
    understood(point, _DATE_KEYS)
    zone_of = _zone(point)
    parts = [member(point, key, int) for key in ("year", "month", "day")]
    clock = [member(point, key, int, 0) for key in ("hour", "minute", "second")]
    clock.append(member(point, "millisecond", int, 0) * 1000)
    try:
        moment = datetime(*parts, *clock)  # type: ignore[arg-type]  # noqa: DTZ001
    except (ValueError, OverflowError) as error:
        raise NotKnown("malformed filter: timePoint") from error
    if moment.year not in YEARS:
        raise NotKnown("malformed filter: timePoint")
    if point.get("hour") is None:
        day = moment.date()
        return lambda situation: whole_day(day, zone_of(situation))
    return lambda situation: wall(moment, zone_of(situation))


def _counted(point: Mapping[str, Any]) -> Bound:
    understood(point, _INDEXED_KEYS)
    zone_of = _zone(point)
    reference = member(point, "indexReference", dict)
    understood(reference, frozenset({"referenceType"}))
    kind = member(reference, "referenceType", str).upper()
    shift = _offset(member(point, "offset", dict, {}))
    match kind:
        case "NOW":
            return lambda situation: Span(situation.now, situation.now).moved(shift)
        case "TODAY":
            return lambda situation: days_around(situation.now + shift, zone_of(situation))
        case _:
            raise NotKnown(f"time point {kind}")


def _offset(offset: Mapping[str, Any]) -> timedelta:
    understood(offset, _OFFSETS)
    amounts = {key: member(offset, key, int, 0) for key in _OFFSETS}
    try:
        shift = timedelta(**amounts)
    except OverflowError as error:
        raise NotKnown("malformed filter: offset") from error
    if abs(shift) > _LONGEST:
        raise NotKnown("malformed filter: offset")
    return shift


def _zone(point: Mapping[str, Any]) -> Callable[[Situation], ZoneInfo | None]:
    """The zone a point is meant in: its own, or the portal's; a user's is not known here."""
    source = member(point, "timezoneSource", str, "PORTAL").upper()
    name = member(point, "zoneId", str, "")
    if source == "CUSTOM":
        zone = _named(name)
        return lambda _: zone
    if source == "PORTAL":
        return lambda situation: situation.time_zone
    return lambda _: None


def _named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise NotKnown("malformed filter: zoneId") from error
