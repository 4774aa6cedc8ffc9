"""A CRM's day of calls: when it ends, and how many it will have used by then."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SHORTEST = timedelta(minutes=5)
"""Of less than this no pace is told."""
DAY = timedelta(days=1)


def forecast(
    seen: Sequence[tuple[datetime, int]], *, used: int, now: datetime, ends_at: datetime | None
) -> int | None:
    """Return the calls used when the day ends, at the pace of the counts *seen*, oldest first.

    Without an end the day is the 24 hours that roll on (Salesforce): what the pace makes of them.
    ``None``: too little is known.
    """
    if len(seen) < 2 or seen[-1][0] - seen[0][0] < SHORTEST:
        return None
    (first_at, first), (last_at, last) = seen[0], seen[-1]
    pace = max(0, last - first) / (last_at - first_at).total_seconds()
    if ends_at is None:
        return max(used, round(pace * DAY.total_seconds()))
    return used + round(pace * max(0.0, (ends_at - now).total_seconds()))


def midnight(zone: str, now: datetime) -> datetime:
    """Return when the day ends in a time zone; in UTC for one that is not known."""
    try:
        local = now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        local = now.astimezone(UTC)
    following = local.date() + DAY
    return datetime.combine(following, datetime.min.time(), tzinfo=local.tzinfo).astimezone(UTC)
