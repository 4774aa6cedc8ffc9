"""When to try again: waits that double, capped, with full jitter."""

from datetime import datetime, timedelta

from schemas.settings import RetrySettings


def due(attempts: int, *, now: datetime, retries: RetrySettings, jitter: float) -> datetime | None:
    """Return the time of the next try after *attempts* failed ones; ``None``: give up.

    *jitter* in [0, 1) spreads the tries of many records over the whole wait, so that they do not
    come back together.
    """
    if attempts >= retries.attempts:
        return None
    doublings = min(max(attempts, 1) - 1, 32)
    longest = min(retries.cap_s, retries.first_s * 2**doublings)
    return now + timedelta(seconds=longest * jitter)
