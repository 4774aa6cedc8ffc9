"""Dates as the span of instants they may stand for.

What day it is depends on the time zone, and HubSpot does not say of every bound which zone and
which end of the day it means.  Spans that overlap are answered with ``None``.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from guestlist.domain import canonical
from guestlist.domain.ternary import Answer

WEST, EAST = timedelta(hours=12), timedelta(hours=14)
"""How far the world's clocks are behind and ahead of UTC."""
DAY = timedelta(days=1)

YEARS = range(2, 9990)
"""Dates at the ends of Python's calendar can not be widened by a day."""


class Span(NamedTuple):
    """All instants that a date may stand for."""

    earliest: datetime
    latest: datetime

    def moved(self, by: timedelta) -> "Span":
        return Span(self.earliest + by, self.latest + by)

    def joined(self, other: "Span") -> "Span":
        return Span(min(self.earliest, other.earliest), max(self.latest, other.latest))


def before(value: Span, bound: Span) -> Answer:
    if value.latest < bound.earliest:
        return True
    return False if value.earliest > bound.latest else None


def after(value: Span, bound: Span) -> Answer:
    return before(bound, value)


def wall(moment: datetime, zone: ZoneInfo | None) -> Span:
    """The instants at which clocks in *zone* show this date and time."""
    if zone is None:
        utc = moment.replace(tzinfo=UTC)
        return Span(utc - EAST, utc + WEST)
    return Span(*sorted(moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)))


def whole_day(day: date, zone: ZoneInfo | None) -> Span:
    start = datetime.combine(day, time())
    return wall(start, zone).joined(wall(start + DAY, zone))


def span_of(value: str, zone: ZoneInfo | None) -> Span | None:
    """Read a property's value; a bare date is that day in UTC or in the portal's zone."""
    parsed = canonical.instant(value)
    if parsed is None or parsed.year not in YEARS:
        return None
    if parsed.time() != time():
        return Span(parsed, parsed)
    return Span(parsed, parsed + DAY).joined(whole_day(parsed.date(), zone))


def days_around(moment: datetime, zone: ZoneInfo | None) -> Span:
    """The whole day *moment* falls into, wherever that day has its ends."""
    days = whole_day(moment.astimezone(UTC).date(), zone)
    if zone is None:
        return days
    return days.joined(whole_day(moment.astimezone(zone).date(), zone))
