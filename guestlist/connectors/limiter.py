"""Whose turn it is: one allowance per CRM account, shared by every thread, process and machine.

A call first takes a place in its lane's queue, so that waiting is fair, and counts in the
windows only when it goes, so that no lane can reserve what another may need.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import redis

from guestlist.connectors.allowance import DAY, Allowance, Pace, allowances
from guestlist.domain.errors import RetryLater, Waiting
from guestlist.domain.reason import Reason
from schemas.records import Crm
from schemas.settings import Settings

PATIENCE_S = 2.0
"""A longer wait is not slept: the batch goes back into the work table."""
LOOK_AGAIN_S = 900.0
"""How soon a used-up day is looked at again; HubSpot's day ends by the account's own clock."""
_LONGEST_WINDOW_S = 60.0
_DAY_US = 86_400_000_000
_SCRIPT = Path(__file__).with_name("limiter.lua")


class Limiter(Protocol):
    """Answers how long a call has to wait."""

    def acquire(self, crm: Crm, kind: str, lane: str, *, queued: bool = False) -> float:
        """Return 0.0: go, it is counted; else ask again in so many seconds, then with *queued*.

        A wait longer than ``PATIENCE_S`` took no place in the queue.
        """

    def penalise(self, crm: Crm, kind: str, seconds: float) -> None:
        """Let no call of that kind (``day``: of any) go for so many seconds."""

    def used(self, crm: Crm) -> dict[str, int]:
        """Return today's calls by kind."""


def open_limiter(settings: Settings) -> Limiter:
    """Return the limiter the settings ask for: shared through Redis, or of this process alone."""
    if settings.limits_url:
        return RedisLimiter(redis.Redis.from_url(settings.limits_url), allowances(settings))
    return LocalLimiter(allowances(settings))


def waiting(seconds: float) -> Waiting:
    """Name a wait: only a used-up day lasts longer than any window."""
    reason = Reason.BUDGET_HELD if seconds > _LONGEST_WINDOW_S else Reason.RATE_LIMITED
    return Waiting(seconds, reason)


class RedisLimiter:
    """The limiter all workers share; one round trip a call, by the clock of Redis."""

    def __init__(self, client: "redis.Redis", accounts: Mapping[Crm, Allowance]) -> None:
        self._client = client
        self._accounts = accounts
        self._script = client.register_script(_SCRIPT.read_text())
        self._prepared: dict[tuple[Crm, str, str], tuple[list[str], list[int | str]]] = {}

    def acquire(self, crm: Crm, kind: str, lane: str, *, queued: bool = False) -> float:
        keys, numbers = self._arguments(crm, kind, lane)
        with _reachable():
            answer: Any = self._script(keys=keys, args=[kind, int(queued), *numbers])
        return float(answer) / 1_000_000

    def penalise(self, crm: Crm, kind: str, seconds: float) -> None:
        with _reachable():
            self._client.set(
                self._key(crm, f"hold:{kind}"), b"1", px=max(1, math.ceil(seconds * 1000))
            )

    def used(self, crm: Crm) -> dict[str, int]:
        with _reachable():
            answer: Any = self._client.hgetall(self._key(crm, "spent"))
            now: Any = self._client.time()
        spent = {name.decode(): int(count) for name, count in answer.items()}
        current = spent.pop("day", None) == int(now[0]) // 86_400
        return spent if current else {}

    def _arguments(self, crm: Crm, kind: str, lane: str) -> tuple[list[str], list[int | str]]:
        key = (crm, kind, lane)
        if key not in self._prepared:
            self._prepared[key] = self._prepare(crm, kind, lane)
        return self._prepared[key]

    def _prepare(self, crm: Crm, kind: str, lane: str) -> tuple[list[str], list[int | str]]:
        allowance = self._accounts[crm]
        paces = allowance.paces(kind, lane)
        names = [f"hold:{kind}", f"hold:{DAY}", "spent", *(f"{kind}:{name}" for name, _ in paces)]
        numbers: list[int | str] = [
            round(PATIENCE_S * 1_000_000),
            allowance.daily_of(lane),
            round(LOOK_AGAIN_S * 1_000_000),
        ]
        for _, pace in paces:
            numbers += [pace.spacing, pace.tolerance]
        return [self._key(crm, name) for name in names], numbers

    def _key(self, crm: Crm, name: str) -> str:
        return f"guestlist:limit:{{{crm}:{self._accounts[crm].account}}}:{name}"


@contextmanager
def _reachable() -> Iterator[None]:
    """Nothing may be called uncounted: without Redis the call comes back later."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise RetryLater(f"the limiter's Redis does not answer: {error}") from error


@dataclass(slots=True)
class _Account:
    """What the script keeps in Redis, kept in memory."""

    holds: dict[str, int] = field(default_factory=dict)
    next_at: dict[str, int] = field(default_factory=dict)
    """GCRA's theoretical arrival time of the next call, in microseconds."""
    spent: Counter[str] = field(default_factory=Counter)
    day: int = -1


class LocalLimiter:
    """The same arithmetic for one process that has no Redis."""

    def __init__(
        self, accounts: Mapping[Crm, Allowance], *, now: Callable[[], float] = time.time
    ) -> None:
        self._allowances = accounts
        self._accounts = {crm: _Account() for crm in accounts}
        self._now = now
        self._lock = threading.Lock()

    def acquire(self, crm: Crm, kind: str, lane: str, *, queued: bool = False) -> float:
        with self._lock:
            now = round(self._now() * 1_000_000)
            return self._admit(crm, kind, lane, now, queued=queued) / 1_000_000

    def penalise(self, crm: Crm, kind: str, seconds: float) -> None:
        with self._lock:
            self._accounts[crm].holds[kind] = round((self._now() + seconds) * 1_000_000)

    def used(self, crm: Crm) -> dict[str, int]:
        with self._lock:
            account = self._accounts[crm]
            current = account.day == round(self._now() * 1_000_000) // _DAY_US
            return dict(account.spent) if current else {}

    def _admit(self, crm: Crm, kind: str, lane: str, now: int, *, queued: bool) -> int:
        account, allowance = self._accounts[crm], self._allowances[crm]
        held = max(account.holds.get(each, 0) - now for each in (kind, DAY))
        if held > 0:
            return held
        if wait := self._wait_for_tomorrow(account, allowance.daily_of(lane), now):
            return wait
        paces = [(f"{kind}:{name}", pace) for name, pace in allowance.paces(kind, lane)]
        if paces and not queued:
            wait = _wait(account, *paces[0], now)
            if wait <= PATIENCE_S * 1_000_000:
                _take(account, *paces[0], now)
            if wait > 0:
                return wait
        wait = max((_wait(account, name, pace, now) for name, pace in paces[1:]), default=0)
        if wait > 0:
            return wait
        for name, pace in paces[1:]:
            _take(account, name, pace, now)
        account.spent.update(("total", kind))
        return 0

    def _wait_for_tomorrow(self, account: _Account, daily: int, now: int) -> int:
        day = now // _DAY_US
        if account.day != day:
            account.day = day
            account.spent.clear()
        if not daily or account.spent["total"] < daily:
            return 0
        return min((day + 1) * _DAY_US - now, round(LOOK_AGAIN_S * 1_000_000))


def _wait(account: _Account, name: str, pace: Pace, now: int) -> int:
    following = max(account.next_at.get(name, 0), now) + pace.spacing
    return following - pace.tolerance - now


def _take(account: _Account, name: str, pace: Pace, now: int) -> None:
    account.next_at[name] = max(account.next_at.get(name, 0), now) + pace.spacing
