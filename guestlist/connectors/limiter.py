"""Whose turn it is: one allowance per CRM account, shared by every thread, process and machine.

A call first takes a place in its lane's queue, so that waiting is fair, and counts in the
windows only when it goes, so that no lane can reserve what another may need.  What the CRMs say of
their own counts corrects ours.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from guestlist.connectors.allowance import DAY, METERED, Allowance, Told, allowances
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.turn import (
    PATIENCE_S,
    PROBE_S,
    PROBED_AGAIN_S,
    WINDOW_LEFT,
    Known,
    Limiter,
    Turn,
)
from guestlist.domain import budget
from guestlist.domain.budget import Day
from guestlist.domain.errors import RetryLater
from guestlist.domain.reason import Reason
from schemas.records import Crm
from schemas.settings import Settings

HEARD_EVERY_S = 1.0
"""How often a process passes on what answers say of the day; each says the same, a call later."""
_REASONS = (Reason.QUEUED, Reason.RATE_LIMITED, Reason.BUDGET_HELD, Reason.RETRY_AT)
_LOOKS = (budget.LOOK_AGAIN_S, budget.LOOK_AGAIN_LONGEST_S, 86_400 / budget.LOOKS_SHARE)
_FOLDER = Path(__file__).parent
_Arguments = tuple[list[str], list[int | str]]


def open_limiter(settings: Settings) -> Limiter:
    """Return the limiter the settings ask for: shared through Redis, or of this process alone."""
    if settings.limits_url:
        return RedisLimiter(redis.Redis.from_url(settings.limits_url), allowances(settings))
    return LocalLimiter(allowances(settings))


class RedisLimiter:
    """The limiter all workers share; one round trip a call, by the clock of Redis."""

    def __init__(
        self,
        client: "redis.Redis",
        accounts: Mapping[Crm, Allowance],
        *,
        jitter: Callable[[], float] = random.random,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._stated = accounts
        self._accounts = dict(accounts)
        self._jitter = jitter
        self._monotonic = monotonic
        self._turn = client.register_script((_FOLDER / "limiter.lua").read_text())
        self._heard = client.register_script((_FOLDER / "heard.lua").read_text())
        self._prepared: dict[tuple[Crm, str, str, bool], _Arguments] = {}
        self._passed_on: dict[Crm, float] = {}

    def acquire(
        self, crm: Crm, kind: str, lane: str, *, queued: bool = False, retry: bool = False
    ) -> Turn:
        keys, numbers = self._arguments(crm, kind, lane, retry=retry)
        with _reachable():
            answer: Any = self._turn(keys=keys, args=[kind, int(queued), *numbers])
        wait, why, doubted = answer
        return Turn(wait / 1_000_000, _REASONS[why], doubted=bool(doubted))

    def hear(self, crm: Crm, kind: str, told: Told, *, turn: Turn, welcome: bool = True) -> None:
        if told.window:
            self._narrow(crm, kind, told.window)
        hold = told.window.seconds * WINDOW_LEFT if told.window and told.left == 0 else 0.0
        now = self._monotonic()
        fresh = told.day and now - self._passed_on.get(crm, -math.inf) >= HEARD_EVERY_S
        if fresh:
            self._passed_on[crm] = now
        if fresh or hold or turn.doubted:
            outcome = 1 + welcome if turn.doubted else -1
            self._tell(crm, kind, outcome=outcome, day=told.day, hold_s=hold)

    def fail(self, crm: Crm) -> None:
        self._tell(crm, DAY, outcome=0)

    def refuse(self, crm: Crm) -> None:
        self._tell(crm, DAY, outcome=-2)

    def penalise(self, crm: Crm, kind: str, seconds: float) -> None:
        self._tell(crm, kind, outcome=-1, hold_s=seconds)

    def restate(self, accounts: Mapping[Crm, Allowance]) -> None:
        self._stated, self._accounts, self._prepared = accounts, dict(accounts), {}

    def used(self, crm: Crm) -> dict[str, int]:
        with _reachable():
            answer: Any = self._client.hgetall(self._key(crm, "spent"))
            now: Any = self._client.time()
        spent = {name.decode(): int(count) for name, count in answer.items()}
        current = spent.pop("day", None) == int(now[0]) // 86_400
        return spent if current else {}

    def known(self, crm: Crm) -> Known:
        with _reachable():
            answer: Any = self._client.hmget(self._key(crm, "state"), "used", "limit", "refused")
        used, limit, refused = answer
        day = Day(int(used), int(limit)) if used is not None and limit is not None else None
        return Known(day, refused is not None)

    def _narrow(self, crm: Crm, kind: str, window: Any) -> None:
        """Go by a smaller window than the settings state, for as long as the CRM says so."""
        allowed = self._stated[crm].within(kind, window)
        if allowed != self._accounts[crm]:
            self._accounts[crm] = allowed
            self._prepared = {}

    def _tell(
        self, crm: Crm, kind: str, *, outcome: int, day: Day | None = None, hold_s: float = 0.0
    ) -> None:
        waits = (budget.OPEN_FIRST_S, budget.OPEN_LONGEST_S, budget.OPEN_SHORTEST_S)
        args = [
            *((day.used, day.limit, budget.slack(day.limit)) if day else (-1, 0, 0)),
            outcome,
            budget.FAILURES,
            *(round(seconds * 1_000_000) for seconds in waits),
            self._jitter(),
            math.ceil(hold_s * 1000),
        ]
        with _reachable():
            self._heard(keys=[self._key(crm, "state"), self._key(crm, f"hold:{kind}")], args=args)

    def _arguments(self, crm: Crm, kind: str, lane: str, *, retry: bool) -> _Arguments:
        key = (crm, kind, lane, retry)
        prepared = self._prepared
        if key not in prepared:
            prepared[key] = self._prepare(crm, kind, lane, retry=retry)
        return prepared[key]

    def _prepare(self, crm: Crm, kind: str, lane: str, *, retry: bool) -> _Arguments:
        allowance = self._accounts[crm]
        paces = allowance.paces(kind, lane)
        metered = kind in METERED
        names = [f"hold:{kind}", f"hold:{DAY}", "spent", "state"]
        names += [f"{kind}:{name}" for name, _ in paces]
        numbers: list[int | str] = [
            round(PATIENCE_S * 1_000_000),
            int(metered),
            allowance.cap(lane, retry=retry) if metered else 0,
            int(not allowance.remembers(lane)),
            round(allowance.part(lane, retry=retry) * 1_000_000),
            *(round(seconds * 1_000_000) for seconds in _LOOKS),
            budget.FAILURES,
            round(PROBE_S * 1_000_000),
            round(PROBED_AGAIN_S * 1_000_000),
        ]
        for _, pace in paces:
            numbers += [pace.spacing, pace.tolerance]
        return [self._key(crm, name) for name in names], numbers

    def _key(self, crm: Crm, name: str) -> str:
        return f"guestlist:limit:{{{crm}:{self._stated[crm].account}}}:{name}"


@contextmanager
def _reachable() -> Iterator[None]:
    """Nothing may be called uncounted: without Redis the call comes back later."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise RetryLater(f"the limiter's Redis does not answer: {error}") from error
    except (redis.OutOfMemoryError, redis.exceptions.ReadOnlyError) as error:
        raise RetryLater(f"the limiter's Redis takes nothing: {error}") from error
