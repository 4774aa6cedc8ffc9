"""HubSpot's allowance, read: from the headers of an answer, and from the policy a 429 names."""

from guestlist.connectors.allowance import BURST, DAY, SEARCH, Told, Window
from guestlist.connectors.http import Answer
from guestlist.connectors.hubspot.errors import Policy
from guestlist.domain.budget import Day

_PREFIX = "x-hubspot-ratelimit-"


def told_of(answer: Answer) -> Told:
    """Return what the headers say; searches lack the window's, OAuth apps the day's."""
    limit, left = _number(answer, "daily"), _number(answer, "daily-remaining")
    day = Day(max(0, limit - left), limit) if limit and left is not None else None
    most, milliseconds = _number(answer, "max"), _number(answer, "interval-milliseconds")
    window = Window(most, milliseconds / 1000) if most and milliseconds else None
    return Told(day, window, _number(answer, "remaining"))


def held_by(policy: Policy, kind: str) -> str:
    """Return which kind of call a 429 forbids; one that names no policy forbids its own."""
    match policy:
        case Policy.DAILY:
            return DAY
        case Policy.TEN_SECONDLY:
            return BURST
        case Policy.SECONDLY:
            return SEARCH
        case Policy.UNNAMED:
            return kind


def _number(answer: Answer, name: str) -> int | None:
    """Return a header's whole number; a proxy may leave it out, or write what it likes."""
    value = answer.headers.get(_PREFIX + name, "")
    return int(value) if value.isdecimal() else None
