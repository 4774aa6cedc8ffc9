"""Times on HubSpot's wire: milliseconds inside, Java ``Instant`` text outside."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sandbox.hubspot.digits import is_instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000


@lru_cache(maxsize=65_536)
def iso(ms: int) -> str:
    """Return ``YYYY-MM-DDTHH:MM:SS.mmmZ``; no fraction when the milliseconds are zero."""
    moment = EPOCH + timedelta(milliseconds=ms)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    fraction = ms % 1000
    return f"{text}.{fraction:03d}Z" if fraction else text + "Z"


def to_ms(moment: datetime) -> int:
    """Return whole milliseconds since the epoch."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=65_536)
def parse(text: str) -> int | None:
    """Return the milliseconds an ISO text, a date or an epoch number means; None when neither."""
    if is_instant(text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def canonical_date(text: str) -> str | None:
    """Return ``YYYY-MM-DD`` for a date or a midnight-UTC epoch number; None when invalid."""
    if len(text) == 10 and text[4] == "-":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            return None
    ms = parse(text)
    if ms is None or ms % DAY_MS or abs(ms) > 10**14:
        return None
    return (EPOCH + timedelta(milliseconds=ms)).date().isoformat()


def canonical_datetime(text: str) -> str | None:
    """Return the instant as HubSpot prints it; None when invalid."""
    ms = parse(text)
    return None if ms is None or abs(ms) > 10**14 else iso(ms)
