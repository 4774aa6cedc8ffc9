"""How much of a CRM's day may be used, by whom, and how long a CRM that fails is left alone."""

from typing import NamedTuple

from schemas.settings import BudgetSettings, Lane

FAILURES = 10
"""Calls that failed one after the other, whoever made them, after which a CRM is left alone."""
OPEN_FIRST_S = 10.0
"""HubSpot's window: a storm of 429 is over when it has passed."""
OPEN_LONGEST_S = 60.0
OPEN_SHORTEST_S = 1.0

LOOK_AGAIN_S = 45.0
"""How soon a used-up day is looked at again at the earliest; a new one is used within a minute."""
LOOK_AGAIN_LONGEST_S = 900.0
LOOKS_SHARE = 0.005
"""Part of a day that looks at whether it is over may take."""

_SWEEPS = frozenset({Lane.BULK.value, Lane.UPKEEP.value})
"""Lanes that read far more than they write: runs over lists, enumerations, audits."""
_SLACK_SHARE = 0.01
_SLACK_CALLS = 25


class Day(NamedTuple):
    """Calls of the day as a CRM counts them, everybody's together."""

    used: int
    limit: int


def stops_at(lane: str, *, retry: bool, share: float, budget: BudgetSettings) -> float:
    """Return the part of the day after which such a call has to wait for the next one.

    First retries stop, then what sweeps over records, then all, a person who waits too: what is
    left then belongs to the CRM's other users.
    """
    if retry and lane != Lane.INTERACTIVE:
        stop = budget.retries
    elif lane in _SWEEPS:
        stop = budget.reads
    else:
        stop = budget.all
    return min(share, stop)


def look_again(limit: int) -> float:
    """Return in how many seconds one call may look whether a day of *limit* calls is over.

    A small day is looked at less often: what is left of it belongs to others.
    """
    spread = 86_400 / (limit * LOOKS_SHARE) if limit else LOOK_AGAIN_LONGEST_S
    return min(LOOK_AGAIN_LONGEST_S, max(LOOK_AGAIN_S, spread))


def slack(limit: int) -> int:
    """Return by how many calls our own count may be ahead of what a CRM says.

    So many may be on their way when it answers, or not yet in its count: Salesforce's lags.
    """
    return max(_SLACK_CALLS, int(limit * _SLACK_SHARE))


def corrected(counted: int | None, told: Day) -> int:
    """Return how much of the day counts as used once a CRM has told its own count.

    Never less than it says; ours stays where it is a little ahead.  A count far below ours is a
    new day, or an hour that rolled out of the last 24.
    """
    if counted is None:
        return told.used
    return max(told.used, min(counted, told.used + slack(told.limit)))


def assumed(cap: int, *, day_gone: float) -> int:
    """Return how much of a day of *cap* calls counts as used where nobody remembers.

    As much as of the day itself (0 to 1) is gone: a counter that was wiped can not hand out the
    whole day once more.
    """
    return int(cap * day_gone)


def open_for(failures: int, *, jitter: float) -> float:
    """Return how many seconds a CRM is left alone after so many failures; 0.0: not at all.

    The wait doubles with every probe that failed.  *jitter* in [0, 1) is full: several
    installations do not come back together.
    """
    if failures < FAILURES:
        return 0.0
    doublings = min(failures - FAILURES, 32)
    longest = min(OPEN_LONGEST_S, OPEN_FIRST_S * 2.0**doublings)
    return max(OPEN_SHORTEST_S, jitter * longest)


def fits(calls: int, day: Day, *, stop: float) -> bool:
    """Tell whether so many calls can be made before *stop*, a part of the day, is reached."""
    return day.used + calls <= int(day.limit * stop)
