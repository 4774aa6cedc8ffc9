"""Salesforce's own forms of an instant and a day."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def stamp(at: float | datetime) -> str:
    """Return an instant as the API prints audit fields: whole seconds, ``.000+0000``."""
    moment = datetime.fromtimestamp(at, UTC) if isinstance(at, float | int) else at.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def read_instant(text: str) -> datetime | None:
    """Read an ISO instant to whole seconds; without an offset it is UTC."""
    found = _INSTANT.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, _, zone = found.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None
    return moment if zone in (None, "Z") else _shifted(moment, zone)


def _shifted(moment: datetime, zone: str) -> datetime | None:
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    local = timezone(-offset if zone[0] == "-" else offset)
    try:
        return moment.replace(tzinfo=local).astimezone(UTC)
    except OverflowError:
        return None


def read_day(text: str) -> date | None:
    """Read ``YYYY-MM-DD``."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
