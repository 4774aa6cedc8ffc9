"""How old membership proofs were when the writes they let pass were answered: counts by age."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

Ages = Mapping[int, int]
"""Age in milliseconds, rounded up to two digits -> how many writes."""

_MILLISECOND = timedelta(milliseconds=1)


class Summary(NamedTuple):
    """Ages in seconds, each at most a tenth above the true one."""

    writes: int
    p50: float
    p99: float
    max: float


def tally(ages: Iterable[timedelta]) -> Ages:
    return Counter(map(_rounded, ages))


def merged(one: Ages, other: Ages) -> Ages:
    return Counter(one) + Counter(other)


def summary(ages: Ages) -> Summary | None:
    """Return what is to be told of them; ``None``: nothing was written."""
    writes = sum(ages.values())
    if not writes:
        return None
    return Summary(writes, _at(ages, 0.5), _at(ages, 0.99), max(ages) / 1000)


def _rounded(age: timedelta) -> int:
    """Up, so that a proof never looks younger than it was."""
    exact = max(0, -(-age // _MILLISECOND))
    step = int(10 ** max(0, len(str(exact)) - 2))
    return -(-exact // step) * step


def _at(ages: Ages, share: float) -> float:
    """The age that *share* of the writes do not exceed."""
    left = share * sum(ages.values())
    for age in sorted(ages):
        left -= ages[age]
        if left <= 0:
            return age / 1000
    return max(ages) / 1000
