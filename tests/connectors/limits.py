"""Accounts, clocks and callers for the tests of the limiters."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

import fakeredis
import pytest
import time_machine

from guestlist.connectors.allowance import BURST, CALL, SEARCH, Allowance, Window
from guestlist.connectors.limiter import RedisLimiter
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.turn import PATIENCE_S, Limiter, Turn
from schemas.records import Crm

SHARES = {"interactive": 1.0, "changes": 0.98, "bulk": 0.96, "upkeep": 0.5}
HUBSPOT_WINDOWS = {BURST: Window(190, 10), SEARCH: Window(5, 1)}
NOON = 1_790_000_000.0
MIDNIGHT = NOON - NOON % 86_400

Make = Callable[[dict[Crm, Allowance]], Limiter]


def accounts(
    windows: dict[str, Window] = HUBSPOT_WINDOWS, daily: int | None = None
) -> dict[Crm, Allowance]:
    return {
        Crm.HUBSPOT: Allowance("portal", windows, daily, SHARES),
        Crm.SALESFORCE: Allowance("org", {}, daily, SHARES),
    }


Start = Callable[..., Limiter]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MIDNIGHT, tick=False) as clock:
        yield clock


@pytest.fixture(params=["local", "redis"])
def start(request: pytest.FixtureRequest, clock: time_machine.Traveller) -> Start:
    """Start a limiter of either kind; each of them has forgotten everything."""

    def start(given: dict[Crm, Allowance] | None = None) -> Limiter:
        given = given or accounts(windows={})
        if request.param == "local":
            return LocalLimiter(given, jitter=lambda: 0.5)
        # Its idea of when a second has passed is the test's.
        client = fakeredis.FakeRedis()
        return RedisLimiter(client, given, jitter=lambda: 0.5, monotonic=_always_later())

    return start


def _always_later() -> Callable[[], float]:
    seconds = iter(range(10**9))
    return lambda: float(next(seconds) * 2)


def call(limiter: Limiter, lane: str = "changes", *, retry: bool = False) -> Turn:
    return limiter.acquire(Crm.SALESFORCE, CALL, lane, retry=retry)


class Clock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def remembering(limiter: Limiter, clock: Clock) -> None:
    """Let so much time pass that a limiter remembers what a whole window was used for."""
    for crm, kind in ((Crm.HUBSPOT, BURST), (Crm.HUBSPOT, SEARCH)):
        limiter.acquire(crm, kind, "interactive")
    clock.now += 60


def drive(limiter: LocalLimiter, clock: Clock, lanes: Sequence[str], seconds: float) -> list[float]:
    """Let callers acquire without pause, each sleeping as told; return when calls went."""
    start = clock.now
    due = deque((start, position, False) for position in range(len(lanes)))
    going: list[float] = []
    while (due[0][0] - start) < seconds:
        clock.now, position, queued = due.popleft()
        wait = limiter.acquire(Crm.HUBSPOT, BURST, lanes[position], queued=queued).seconds
        if wait == 0:
            going.append(clock.now)
        due.append((clock.now + (wait or 0.001), position, 0 < wait <= PATIENCE_S))
        due = deque(sorted(due))
    return going


def most_in_any_window(times: Sequence[float], seconds: float) -> int:
    most, start = 0, 0
    for end, at in enumerate(times):
        while times[start] <= at - seconds:
            start += 1
        most = max(most, end - start + 1)
    return most
