"""Slow down whoever guesses passwords or tokens."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

FREE = 5
"""Failures that cost nothing; people mistype."""
FORGET_AFTER = timedelta(minutes=15)
LONGEST = timedelta(minutes=5)
REMEMBERED = 10_000
"""Names kept at most, so that guessing under many names fills no memory."""


class Throttle:
    """Counts failures by name (an address, a user); each beyond the free ones doubles the wait."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failed: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def wait(self, *names: str) -> int:
        """Return how many seconds the next try has to wait; 0: none."""
        now = self._clock()
        with self._lock:
            return max((self._left(name, now) for name in names), default=0)

    def failed(self, *names: str) -> None:
        now = self._clock()
        with self._lock:
            for name in names:
                count, last = self._failed.pop(name, (0, now))
                count = 0 if now - last > FORGET_AFTER else count
                self._failed[name] = (count + 1, now)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)

    def succeeded(self, *names: str) -> None:
        with self._lock:
            for name in names:
                self._failed.pop(name, None)

    def _left(self, name: str, now: datetime) -> int:
        count, last = self._failed.get(name, (0, now))
        if count < FREE or now - last > FORGET_AFTER:
            return 0
        pause = min(LONGEST, timedelta(seconds=2 ** min(count - FREE + 1, 20)))
        left = (last + pause - now).total_seconds()
        return max(0, int(left + 0.999))
