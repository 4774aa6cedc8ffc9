"""A limiter for whoever has no work table to put the work back into: a person's command."""

import time
from collections.abc import Callable, Mapping

from guestlist.connectors.allowance import Allowance, Told
from guestlist.connectors.limiter import open_limiter
from guestlist.connectors.turn import PATIENCE_S, Known, Limiter, Turn
from guestlist.domain.reason import Reason
from schemas.records import Crm
from schemas.settings import Settings

LONGEST_S = 60.0
"""A window is ten seconds long; whoever waits longer for a turn is better told."""
_SOON_OVER = frozenset({Reason.QUEUED, Reason.RATE_LIMITED})


class PatientLimiter:
    """Sleeps until a call may go, where a worker would park its batch."""

    def __init__(self, limiter: Limiter, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._limiter = limiter
        self._sleep = sleep

    def acquire(
        self, crm: Crm, kind: str, lane: str, *, queued: bool = False, retry: bool = False
    ) -> Turn:
        left = LONGEST_S
        turn = self._limiter.acquire(crm, kind, lane, queued=queued, retry=retry)
        while 0 < turn.seconds <= left and turn.reason in _SOON_OVER:
            self._sleep(turn.seconds)
            left -= turn.seconds
            placed = turn.seconds <= PATIENCE_S
            turn = self._limiter.acquire(crm, kind, lane, queued=placed, retry=retry)
        return turn

    def hear(self, crm: Crm, kind: str, told: Told, *, turn: Turn, welcome: bool = True) -> None:
        self._limiter.hear(crm, kind, told, turn=turn, welcome=welcome)

    def fail(self, crm: Crm) -> None:
        self._limiter.fail(crm)

    def refuse(self, crm: Crm) -> None:
        self._limiter.refuse(crm)

    def penalise(self, crm: Crm, kind: str, seconds: float) -> None:
        self._limiter.penalise(crm, kind, seconds)

    def restate(self, accounts: Mapping[Crm, Allowance]) -> None:
        self._limiter.restate(accounts)

    def used(self, crm: Crm) -> dict[str, int]:
        return self._limiter.used(crm)

    def known(self, crm: Crm) -> Known:
        return self._limiter.known(crm)


def open_patient(settings: Settings) -> Limiter:
    """Return the limiter the settings ask for, with a person's patience."""
    return PatientLimiter(open_limiter(settings))
