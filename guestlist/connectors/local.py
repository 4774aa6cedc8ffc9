"""The limiter's arithmetic for one process that has no Redis."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from guestlist.connectors.allowance import DAY, METERED, Allowance, Pace, Told
from guestlist.connectors.turn import PATIENCE_S, PROBE_S, PROBED_AGAIN_S, WINDOW_LEFT, Known, Turn
from guestlist.domain import budget
from guestlist.domain.budget import Day
from guestlist.domain.reason import Reason
from schemas.records import Crm

_DAY_US = 86_400_000_000

_Wait = tuple[int, Reason]


@dataclass(slots=True)
class _Account:
    """What the scripts keep in Redis, kept in memory; times in microseconds."""

    since: int | None = None
    """From when on it is remembered what was called."""
    holds: dict[str, int] = field(default_factory=dict)
    next_at: dict[str, int] = field(default_factory=dict)
    """GCRA's theoretical arrival time of the next call."""
    spent: Counter[str] = field(default_factory=Counter)
    day: int = -1
    told: Day | None = None
    """As the CRM counts, corrected by what we called since."""
    told_at: int = 0
    failures: int = 0
    open_until: int = 0
    probing: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question: who asks for what, and when."""

    kind: str
    lane: str
    now: int
    queued: bool
    retry: bool

    @property
    def metered(self) -> bool:
        return self.kind in METERED


class LocalLimiter:
    """The same answers as from Redis, for the threads of one process."""

    def __init__(
        self,
        accounts: Mapping[Crm, Allowance],
        *,
        now: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._stated = accounts
        self._allowances = dict(accounts)
        self._accounts = {crm: _Account() for crm in accounts}
        self._now = now
        self._jitter = jitter
        self._lock = threading.Lock()

    def acquire(
        self, crm: Crm, kind: str, lane: str, *, queued: bool = False, retry: bool = False
    ) -> Turn:
        with self._lock:
            account = self._accounts[crm]
            asked = _Asked(kind, lane, self._clock(), queued, retry)
            wait, reason = self._admit(account, self._allowances[crm], asked)
            doubted = account.failures > 0 or account.refused
            return Turn(wait / 1_000_000, reason, doubted=doubted)

    def hear(self, crm: Crm, kind: str, told: Told, *, turn: Turn, welcome: bool = True) -> None:
        with self._lock:
            account = self._accounts[crm]
            if told.window:
                self._allowances[crm] = self._stated[crm].within(kind, told.window)
                if told.left == 0:
                    self._hold(account, kind, told.window.seconds * WINDOW_LEFT)
            if told.day:
                counted = account.told.used if account.told else None
                account.told = Day(budget.corrected(counted, told.day), told.day.limit)
                account.told_at = self._clock()
            if turn.doubted:
                account.refused = account.refused and not welcome
                account.failures, account.open_until, account.probing = 0, 0, False

    def fail(self, crm: Crm) -> None:
        with self._lock:
            account, now = self._accounts[crm], self._clock()
            is_open = account.failures >= budget.FAILURES and now < account.open_until
            if is_open and not account.probing:
                return  # it was under way when the circuit opened and says nothing new
            account.failures += 1
            wait = budget.open_for(account.failures, jitter=self._jitter())
            if wait:
                account.open_until, account.probing = now + round(wait * 1_000_000), False

    def refuse(self, crm: Crm) -> None:
        with self._lock:
            self._accounts[crm].refused = True

    def penalise(self, crm: Crm, kind: str, seconds: float) -> None:
        with self._lock:
            self._hold(self._accounts[crm], kind, seconds)

    def restate(self, accounts: Mapping[Crm, Allowance]) -> None:
        with self._lock:
            self._stated, self._allowances = accounts, dict(accounts)

    def used(self, crm: Crm) -> dict[str, int]:
        with self._lock:
            account = self._accounts[crm]
            current = account.day == self._clock() // _DAY_US
            return dict(account.spent) if current else {}

    def known(self, crm: Crm) -> Known:
        with self._lock:
            account = self._accounts[crm]
            return Known(account.told, account.refused)

    def _clock(self) -> int:
        return round(self._now() * 1_000_000)

    def _hold(self, account: _Account, kind: str, seconds: float) -> None:
        until = self._clock() + round(seconds * 1_000_000)
        account.holds[kind] = max(until, account.holds.get(kind, 0))

    def _admit(self, account: _Account, allowance: Allowance, asked: _Asked) -> _Wait:
        if account.since is None:
            account.since = asked.now
        wait = _held(account, asked) or _over_budget(account, allowance, asked)
        if wait:
            return wait
        if paced := _paced(account, allowance, asked):
            return paced, Reason.RATE_LIMITED
        _count(account, allowance, asked)
        return 0, Reason.QUEUED


def _held(account: _Account, asked: _Asked) -> _Wait | None:
    """Return how long the CRM, or its circuit, has to be left alone."""
    of_kind, of_day = (account.holds.get(each, 0) - asked.now for each in (asked.kind, DAY))
    if of_day > 0 and of_day >= of_kind:
        return of_day, Reason.BUDGET_HELD
    if of_kind > 0:
        return of_kind, Reason.RATE_LIMITED
    if account.failures >= budget.FAILURES and asked.now < account.open_until:
        wait = account.open_until - asked.now
        again = round(PROBED_AGAIN_S * 1_000_000) if account.probing else wait
        return min(wait, again), Reason.RETRY_AT
    return None


def _over_budget(account: _Account, allowance: Allowance, asked: _Asked) -> _Wait | None:
    day, now = asked.now // _DAY_US, asked.now
    if account.day != day:
        account.day = day
        account.spent.clear()
    if not asked.metered:
        return None
    cap = allowance.cap(asked.lane, retry=asked.retry)
    if cap and account.spent["total"] + _forgotten(account, allowance, asked, cap) >= cap:
        return min((day + 1) * _DAY_US - now, _again_us(cap)), Reason.BUDGET_HELD
    if account.told and _spent(account, allowance, asked):
        wait = account.told_at + _again_us(account.told.limit) - now
        if wait > 0:
            return wait, Reason.BUDGET_HELD
    return None


def _again_us(limit: int) -> int:
    return round(budget.look_again(limit) * 1_000_000)


def _forgotten(account: _Account, allowance: Allowance, asked: _Asked, cap: int) -> int:
    since = account.since or 0
    if allowance.remembers(asked.lane) or since // _DAY_US != asked.now // _DAY_US:
        return 0
    return budget.assumed(cap, day_gone=since % _DAY_US / _DAY_US)


def _spent(account: _Account, allowance: Allowance, asked: _Asked) -> bool:
    """Tell whether the CRM's own day is used up for whoever asks."""
    told = account.told
    if told is None or told.limit <= 0 or not asked.metered:
        return False
    part = round(allowance.part(asked.lane, retry=asked.retry) * 1_000_000)
    return told.used >= told.limit * part // 1_000_000


def _paced(account: _Account, allowance: Allowance, asked: _Asked) -> int:
    """Return the wait for a place in the queue or in a window; 0: a place in each is taken."""
    paces = [
        (f"{asked.kind}:{name}", pace) for name, pace in allowance.paces(asked.kind, asked.lane)
    ]
    if paces and not asked.queued:
        wait = _wait(account, *paces[0], asked.now, unknown=0)
        if wait <= PATIENCE_S * 1_000_000:
            _take(account, *paces[0], asked.now, unknown=0)
        if wait > 0:
            return wait
    since = account.since or 0
    waits = [
        _wait(account, name, pace, asked.now, unknown=since + pace.tolerance)
        for name, pace in paces[1:]
    ]
    if (longest := max(waits, default=0)) > 0:
        return longest
    for name, pace in paces[1:]:
        _take(account, name, pace, asked.now, unknown=since + pace.tolerance)
    return 0


def _wait(account: _Account, name: str, pace: Pace, now: int, *, unknown: int) -> int:
    """A window nobody remembers counts as used up to its burst."""
    following = max(account.next_at.get(name, unknown), now) + pace.spacing
    return following - pace.tolerance - now


def _take(account: _Account, name: str, pace: Pace, now: int, *, unknown: int) -> None:
    account.next_at[name] = max(account.next_at.get(name, unknown), now) + pace.spacing


def _count(account: _Account, allowance: Allowance, asked: _Asked) -> None:
    """Count a call that goes; one that goes although all is used up, or out of order, is alone."""
    if account.failures >= budget.FAILURES:
        account.open_until, account.probing = asked.now + round(PROBE_S * 1_000_000), True
    if _spent(account, allowance, asked):
        account.told_at = asked.now
    account.spent[asked.kind] += 1
    if asked.metered:
        account.spent["total"] += 1
        if account.told:
            account.told = account.told._replace(used=account.told.used + 1)
