"""A real Redis, real time, and several processes."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest
import redis

from guestlist.connectors.allowance import BURST, Told, Window
from guestlist.connectors.limiter import RedisLimiter
from guestlist.connectors.turn import PATIENCE_S
from guestlist.domain.budget import Day
from schemas.records import Crm
from tests.connectors.limits import accounts

WINDOW = Window(60, 1)
Went = tuple[float, float]
"""When a call that went was asked for, and when it was answered: it was counted in between."""


def spend(url: str, lane: str, seconds: float) -> list[Went]:
    """Call as often as allowed from four threads, and tell of the day after each call."""
    client = redis.Redis.from_url(url)
    limiter = RedisLimiter(client, accounts({BURST: WINDOW}))
    going: list[Went] = []
    until = time.monotonic() + seconds

    def work() -> None:
        queued = False
        while time.monotonic() < until:
            asked = time.monotonic()
            turn = limiter.acquire(Crm.HUBSPOT, BURST, lane, queued=queued)
            queued = 0 < turn.seconds <= PATIENCE_S
            if turn.seconds == 0:
                going.append((asked, time.monotonic()))
                told = Told(Day(100, 1_000_000), WINDOW, left=3)
                limiter.hear(Crm.HUBSPOT, BURST, told, turn=turn)
            else:
                time.sleep(min(turn.seconds, max(0.0, until - time.monotonic())))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    return going


def wipe(url: str) -> None:
    """Take Redis its memory half-way."""
    time.sleep(2.0)
    with redis.Redis.from_url(url) as client:
        client.flushall()


@pytest.fixture(params=["kept", "wiped"])
def spent(redis_url: str, request: pytest.FixtureRequest) -> Iterator[list[Went]]:
    with ProcessPoolExecutor(3) as pool:
        parts = pool.map(spend, [redis_url] * 3, ["bulk", "bulk", "interactive"], [4.0] * 3)
        if request.param == "wiped":
            wipe(redis_url)
        yield sorted(each for part in parts for each in part)


@pytest.mark.processes
def test_processes_together_stay_within_the_window_and_use_it(spent: list[Went]) -> None:
    """Also when Redis loses its memory in between."""
    for start, _ in spent:
        end = start + WINDOW.seconds
        certain = [each for each in spent if each[0] >= start and each[1] <= end]
        assert len(certain) <= WINDOW.calls
    assert len(spent) >= 0.5 * WINDOW.calls * 4
