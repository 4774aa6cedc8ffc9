"""What Health says in numbers: lag each way, the next poll, the day's calls, the list's size."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from console.planning import Left
from console.web import looks
from console.web.charts import Curve, curve
from console.web.pulse import Pulse
from console.web.sampling import SYNCED, growth, size_of
from guestlist.connectors.hubspot.account import Account
from guestlist.domain.brake import band
from guestlist.domain.day import DAY, forecast, midnight
from guestlist.engine.follow import HUBSPOT, Following, interval
from guestlist.store import inclusion, samples
from guestlist.store.samples import Sample
from schemas.settings import GuardSettings, PollSettings

PACED_OVER = timedelta(hours=1)
"""A forecast goes by the pace of so long."""
DRAWN = 240
"""Points of a curve, at most: more would not be seen."""


class Lag(NamedTuple):
    """How old the newest change is that is known to be looked at, each way; ``None``: unread."""

    from_hubspot: timedelta | None
    from_salesforce: timedelta | None
    next_poll: datetime | None


def lag(following: Sequence[Following], polls: PollSettings, now: datetime) -> Lag:
    """Return the worst of all objects that are followed."""
    hubspot, salesforce, due = [], [], []
    for each in following:
        if each.follow is None or not each.follow.on:
            continue
        for place in each.places:
            age = max(timedelta(), now - place.cursor.at)
            if place.stream == HUBSPOT:
                hubspot.append(age)
            elif place.stream.startswith("salesforce:"):
                salesforce.append(age)
            else:
                continue
            looked_at = place.looked_at or each.follow.started_at
            due.append(looked_at + interval(place.stream, polls))
    return Lag(max(hubspot, default=None), max(salesforce, default=None), min(due, default=None))


def forecasts(conn: Connection, pulse: Pulse, now: datetime) -> dict[str, int]:
    """Return the forecast of each CRM's day, where one can be made."""
    left: Mapping[str, Left] = pulse.value(looks.ALLOWANCES, {})
    account: Account | None = pulse.value(looks.HUBSPOT)
    ends = {"hubspot": midnight(account.time_zone if account else "UTC", now)}
    found = {
        crm: forecast(counts(conn, crm, now), used=each.used, now=now, ends_at=ends.get(crm))
        for crm, each in left.items()
        if each.used is not None
    }
    return {crm: calls for crm, calls in found.items() if calls is not None}


def counts(conn: Connection, crm: str, now: datetime) -> Sequence[Sample]:
    """Return how many calls of a CRM's day were used, over the last hour."""
    return samples.series(conn, f"calls.{crm}", since=now - PACED_OVER)


def synced(conn: Connection, hours: int, now: datetime) -> list[int]:
    """Return the records that came or were found in step in each of the last hours."""
    since = now - timedelta(hours=hours)
    total = [0] * hours
    for outcome in SYNCED:
        series: list[Sample] = samples.hourly(conn, f"outcome.{outcome.value}", since=since)
        total = [a + b for a, b in zip(total, growth(series, hours=hours, now=now), strict=True)]
    return total


class Size(NamedTuple):
    """An inclusion list over time, with the sizes between which the brake asks nobody."""

    curve: Curve | None
    lowest: int | None
    highest: int | None
    since: datetime | None
    change: int | None
    """Since a day ago, or since the oldest size that is known."""


def sizes(
    conn: Connection, names: Sequence[str], guards: GuardSettings, *, since: datetime, now: datetime
) -> Mapping[str, Size]:
    """Return the size of each object's list over time."""
    return {name: _size(conn, name, guards, since, now) for name in names}


def _size(
    conn: Connection, name: str, guards: GuardSettings, since: datetime, now: datetime
) -> Size:
    seen = samples.series(conn, size_of(name), since=since)
    choice = inclusion.get(conn, name)
    if choice:
        seen = [each for each in seen if each.at >= choice.chosen_at - timedelta(minutes=1)]
    allowed = band(choice.baseline, guards) if choice else None
    drawn = None
    if seen:
        span = max(timedelta(minutes=1), now - seen[0].at)
        step = 1 + len(seen) // DRAWN
        points = [((each.at - seen[0].at) / span, each.value) for each in seen[::step]]
        limits = (allowed.lowest, allowed.highest) if allowed else None
        drawn = curve([*points, (1.0, seen[-1].value)], limits)
    day = [each for each in seen if each.at >= now - DAY]
    return Size(
        drawn,
        allowed.lowest if allowed else None,
        allowed.highest if allowed else None,
        seen[0].at if seen else None,
        day[-1].value - day[0].value if len(day) > 1 else None,
    )
