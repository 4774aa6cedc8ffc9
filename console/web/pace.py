"""How fast calls are made: what the shared limiter counted between two looks."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from guestlist.connectors.turn import Limiter
from schemas.records import Crm

WINDOW = timedelta(seconds=10)
KEPT = 20


class Counted(NamedTuple):
    at: datetime
    calls: Mapping[Crm, int]


class Pace:
    """Remembers the last counts; one thread looks, any number read."""

    def __init__(self, limiter: Limiter, clock: Callable[[], datetime]) -> None:
        self._limiter = limiter
        self._clock = clock
        self._seen: deque[Counted] = deque(maxlen=KEPT)

    def look(self) -> dict[str, int]:
        """Return the calls of the last ten seconds by CRM, as all workers made them."""
        calls = {crm: sum(self._limiter.used(crm).values()) for crm in Crm}
        now = Counted(self._clock(), calls)
        before = next((each for each in self._seen if now.at - each.at <= WINDOW), now)
        self._seen.append(now)
        return {crm.value: max(0, calls[crm] - before.calls[crm]) for crm in Crm}
