"""What a person types for how far back: a day, a moment with its zone, or an age."""

import re
from datetime import UTC, datetime, timedelta

_AGE = re.compile(r"([1-9]\d{0,4})([smhdw])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EPOCH = datetime.fromtimestamp(0, UTC)

Since = datetime | timedelta
"""A moment, or so long before now."""


def read_since(text: str) -> Since | None:
    """Return what *text* means, a day from its first second in UTC; ``None``: nothing."""
    text = text.strip()
    if age := _AGE.fullmatch(text):
        return timedelta(**{_UNITS[age[2]]: int(age[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if _DAY.fullmatch(text):
        return moment.replace(tzinfo=UTC)
    return moment if moment.tzinfo else None


def begins_at(since: Since, now: datetime) -> datetime:
    """Return the moment in UTC, not before 1970; it may be still to come."""
    moment = now - since if isinstance(since, timedelta) else since
    return max(_EPOCH, moment).astimezone(UTC)
