import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

import fakeredis
import pytest
import redis
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.backoff import NoBackoff
from redis.retry import Retry

from guestlist.connectors.allowance import BURST, CALL, DAY, SEARCH, Allowance, Window, allowances
from guestlist.connectors.limiter import (
    LOOK_AGAIN_S,
    PATIENCE_S,
    Limiter,
    LocalLimiter,
    RedisLimiter,
    open_limiter,
    waiting,
)
from guestlist.domain.errors import RetryLater
from guestlist.domain.reason import Reason
from schemas.records import Crm
from schemas.settings import HubSpotSettings, Settings

SHARES = {"interactive": 1.0, "changes": 0.98, "bulk": 0.95, "upkeep": 0.5}
HUBSPOT_WINDOWS = {BURST: Window(190, 10), SEARCH: Window(5, 1)}


def accounts(
    windows: dict[str, Window] = HUBSPOT_WINDOWS, daily: int | None = None
) -> dict[Crm, Allowance]:
    return {
        Crm.HUBSPOT: Allowance("portal", windows, daily, SHARES),
        Crm.SALESFORCE: Allowance("org", {}, daily, SHARES),
    }


class Clock:
    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


Make = Callable[[dict[Crm, Allowance]], Limiter]


@pytest.fixture(params=["local", "redis"])
def make(request: pytest.FixtureRequest) -> Make:
    """Build a limiter of either kind; the Redis one runs on the real clock."""
    if request.param == "local":
        return LocalLimiter
    return lambda given: RedisLimiter(fakeredis.FakeRedis(), given)


def test_a_call_in_an_idle_account_goes_at_once_and_is_counted(make: Make) -> None:
    limiter = make(accounts())

    assert limiter.acquire(Crm.HUBSPOT, BURST, "bulk") == 0
    assert limiter.used(Crm.HUBSPOT) == {"total": 1, BURST: 1}
    assert limiter.used(Crm.SALESFORCE) == {}


def test_calls_beyond_the_burst_wait_their_turn_one_after_the_other(make: Make) -> None:
    limiter = make(accounts({BURST: Window(10, 10)}))
    limiter.acquire(Crm.HUBSPOT, BURST, "bulk")

    first = limiter.acquire(Crm.HUBSPOT, BURST, "bulk")
    second = limiter.acquire(Crm.HUBSPOT, BURST, "bulk")

    assert 0 < first <= PATIENCE_S
    assert second > first + 0.9


def test_a_wait_beyond_patience_takes_no_place_in_the_queue(make: Make) -> None:
    limiter = make(accounts({BURST: Window(10, 10)}))
    waits = [limiter.acquire(Crm.HUBSPOT, BURST, "bulk") for _ in range(6)]

    assert waits[-1] == pytest.approx(waits[-2], abs=0.2)
    assert waits[-1] > PATIENCE_S


def test_searches_have_their_own_window(make: Make) -> None:
    limiter = make(accounts())
    while limiter.acquire(Crm.HUBSPOT, BURST, "bulk") == 0:
        pass

    assert limiter.acquire(Crm.HUBSPOT, SEARCH, "bulk") == 0
    assert limiter.acquire(Crm.HUBSPOT, SEARCH, "bulk") > 0.1


def test_salesforce_has_no_window(make: Make) -> None:
    limiter = make(accounts())

    assert {limiter.acquire(Crm.SALESFORCE, CALL, "bulk") for _ in range(100)} == {0.0}


def test_a_penalty_holds_every_lane_of_that_kind_only(make: Make) -> None:
    limiter = make(accounts())
    limiter.penalise(Crm.HUBSPOT, BURST, 5)

    assert limiter.acquire(Crm.HUBSPOT, BURST, "interactive") == pytest.approx(5, abs=0.2)
    assert limiter.acquire(Crm.HUBSPOT, SEARCH, "bulk") == 0
    assert limiter.used(Crm.HUBSPOT) == {"total": 1, SEARCH: 1}


def test_a_used_up_day_holds_every_kind_of_call(make: Make) -> None:
    limiter = make(accounts())
    limiter.penalise(Crm.HUBSPOT, DAY, 900)

    assert limiter.acquire(Crm.HUBSPOT, SEARCH, "interactive") == pytest.approx(900, abs=1)
    assert limiter.acquire(Crm.SALESFORCE, CALL, "interactive") == 0


def test_a_lane_stops_at_its_share_of_the_day_and_the_others_go_on(make: Make) -> None:
    limiter = make(accounts(windows={}, daily=10))
    for _ in range(5):
        assert limiter.acquire(Crm.SALESFORCE, CALL, "upkeep") == 0

    assert 0 < limiter.acquire(Crm.SALESFORCE, CALL, "upkeep") <= LOOK_AGAIN_S
    assert limiter.acquire(Crm.SALESFORCE, CALL, "interactive") == 0
    assert limiter.used(Crm.SALESFORCE)["total"] == 6


def test_a_new_day_starts_at_nothing() -> None:
    clock = Clock()
    limiter = LocalLimiter(accounts(daily=2), now=clock)
    while limiter.acquire(Crm.SALESFORCE, CALL, "interactive") == 0:
        pass
    clock.now += 86_400

    assert limiter.used(Crm.SALESFORCE) == {}
    assert limiter.acquire(Crm.SALESFORCE, CALL, "interactive") == 0


def test_a_lane_with_a_larger_share_passes_a_saturated_one() -> None:
    clock = Clock()
    limiter = LocalLimiter(accounts(), now=clock)
    for _ in range(1000):  # fill the bulk lane's window and its queue for a minute
        limiter.acquire(Crm.HUBSPOT, BURST, "bulk")
        limiter.acquire(Crm.HUBSPOT, BURST, "bulk", queued=True)
        clock.now += 0.05

    assert limiter.acquire(Crm.HUBSPOT, BURST, "bulk") > 0
    assert limiter.acquire(Crm.HUBSPOT, BURST, "interactive") == 0


def test_while_work_waits_a_bulk_lane_uses_95_percent_of_the_window() -> None:
    clock = Clock()
    limiter = LocalLimiter(accounts(), now=clock)
    going = drive(limiter, clock, ["bulk"] * 8, seconds=100)

    assert 0.95 * 19 * 100 <= len(going) <= 19 * 100


def drive(limiter: LocalLimiter, clock: Clock, lanes: Sequence[str], seconds: float) -> list[float]:
    """Let callers acquire without pause, each sleeping as told; return when calls went."""
    start = clock.now
    due = deque((start, position, False) for position in range(len(lanes)))
    going: list[float] = []
    while (due[0][0] - start) < seconds:
        clock.now, position, queued = due.popleft()
        wait = limiter.acquire(Crm.HUBSPOT, BURST, lanes[position], queued=queued)
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


STEP = st.tuples(
    st.floats(0, 3),
    st.sampled_from(sorted(SHARES)),
    st.booleans(),
)


@given(
    st.lists(STEP, max_size=300),
    st.integers(1, 30),
    st.sampled_from([1.0, 3.0, 10.0]),
)
@settings(max_examples=200, deadline=None)
def test_no_interleaving_overspends_a_window(
    steps: list[tuple[float, str, bool]], calls: int, seconds: float
) -> None:
    clock = Clock()
    limiter = LocalLimiter(accounts({BURST: Window(calls, seconds)}), now=clock)
    going = []
    for pause, lane, queued in steps:
        clock.now += pause if pause > 1 else 0.0  # most calls come at the same moment
        if limiter.acquire(Crm.HUBSPOT, BURST, lane, queued=queued) == 0:
            going.append(clock.now)

    assert most_in_any_window(going, seconds) <= calls


@given(st.lists(STEP, max_size=60), st.integers(1, 300), st.one_of(st.none(), st.integers(1, 20)))
@settings(max_examples=60, deadline=None)
def test_the_script_and_the_local_limiter_agree(
    steps: list[tuple[float, str, bool]], calls: int, daily: int | None
) -> None:
    given = accounts({BURST: Window(calls, 10)}, daily)
    local = LocalLimiter(given, now=time.time)
    shared = RedisLimiter(fakeredis.FakeRedis(), given)
    # One standing clock for both: on a running one they part where a wait ends between the two.
    with time_machine.travel(1_790_000_000, tick=False) as clock:
        for pause, lane, queued in steps:
            clock.shift(pause)
            ours = local.acquire(Crm.HUBSPOT, BURST, lane, queued=queued)
            theirs = shared.acquire(Crm.HUBSPOT, BURST, lane, queued=queued)
            assert theirs == pytest.approx(ours, abs=0.001)
    assert shared.used(Crm.HUBSPOT) == local.used(Crm.HUBSPOT)


@given(st.floats(1, 1000), st.floats(0.1, 60), st.lists(st.floats(0.01, 1), min_size=2))
def test_a_pace_never_allows_more_than_the_window(
    calls: float, seconds: float, shares: list[float]
) -> None:
    window = Window(calls, seconds)
    for share in shares:
        pace = window.pace(share)
        burst = pace.tolerance // pace.spacing
        assert burst + seconds * 1_000_000 / pace.spacing <= max(calls, 1) + 0.51
    for smaller, larger in pairwise(sorted(shares)):
        assert window.pace(smaller).spacing >= window.pace(larger).spacing


def test_a_wait_is_named_by_its_length() -> None:
    assert waiting(1.5).reason == Reason.RATE_LIMITED
    assert waiting(900).reason == Reason.BUDGET_HELD


def test_without_its_redis_nothing_goes() -> None:
    limiter = RedisLimiter(redis.Redis(port=1, retry=Retry(NoBackoff(), 0)), accounts())

    with pytest.raises(RetryLater):
        limiter.acquire(Crm.HUBSPOT, BURST, "bulk")


def test_the_settings_decide_which_limiter_and_whose_account(redis_url: str) -> None:
    alone = Settings()
    shared = Settings(limits_url=redis_url)

    assert isinstance(open_limiter(alone), LocalLimiter)
    assert open_limiter(shared).acquire(Crm.HUBSPOT, BURST, "bulk") == 0
    assert open_limiter(shared).used(Crm.HUBSPOT)["total"] == 1
    other = Settings(hubspot=HubSpotSettings(base_url="https://api-eu1.hubapi.com"))
    assert allowances(alone)[Crm.HUBSPOT].account != allowances(other)[Crm.HUBSPOT].account


# With a real Redis, real time, and several processes -----------------------------------------

WINDOW = Window(60, 1)


Went = tuple[float, float]
"""When a call that went was asked for, and when it was answered: it was counted in between."""


def spend(url: str, lane: str, seconds: float) -> list[Went]:
    """Call as often as allowed from four threads."""
    client = redis.Redis.from_url(url)
    limiter = RedisLimiter(client, accounts({BURST: WINDOW}))
    going: list[Went] = []
    until = time.monotonic() + seconds

    def work() -> None:
        queued = False
        while time.monotonic() < until:
            asked = time.monotonic()
            wait = limiter.acquire(Crm.HUBSPOT, BURST, lane, queued=queued)
            queued = 0 < wait <= PATIENCE_S
            if wait == 0:
                going.append((asked, time.monotonic()))
            else:
                time.sleep(min(wait, max(0.0, until - time.monotonic())))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    return going


@pytest.fixture
def spent(redis_url: str) -> Iterator[list[Went]]:
    with ProcessPoolExecutor(3) as pool:
        parts = pool.map(spend, [redis_url] * 3, ["bulk", "bulk", "interactive"], [4.0] * 3)
        yield sorted(each for part in parts for each in part)


@pytest.mark.processes
def test_processes_together_stay_within_the_window_and_use_it(spent: list[Went]) -> None:
    for start, _ in spent:
        end = start + WINDOW.seconds
        certain = [each for each in spent if each[0] >= start and each[1] <= end]
        assert len(certain) <= WINDOW.calls
    assert len(spent) >= 0.5 * WINDOW.calls * 4
