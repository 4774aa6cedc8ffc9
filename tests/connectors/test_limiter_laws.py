"""Laws of both limiters: whatever comes in whatever order, nothing is overspent."""

import time
from itertools import pairwise
from typing import NamedTuple

import fakeredis
import pytest
import time_machine
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guestlist.connectors.allowance import BURST, CALL, Told, Window
from guestlist.connectors.limiter import RedisLimiter
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.turn import Limiter, Turn
from guestlist.domain.budget import Day
from schemas.records import Crm
from tests.connectors.limits import NOON, SHARES, Clock, accounts, most_in_any_window

LANES = st.sampled_from(sorted(SHARES))
STEP = st.tuples(st.floats(0, 3), LANES, st.booleans())


class Ask(NamedTuple):
    """A call is asked for."""

    lane: str
    queued: bool
    retry: bool


class Hear(NamedTuple):
    """An answer tells the day, or how much is left of the window."""

    used: int
    limit: int
    left: int | None


class Refused(NamedTuple):
    """A 429 with the seconds it holds for."""

    seconds: float


class Fail(NamedTuple):
    """A call came to nothing."""


class Wiped(NamedTuple):
    """Redis lost its memory, or the process ended."""


Event = Ask | Hear | Refused | Fail | Wiped
ASK = st.builds(Ask, LANES, st.booleans(), st.booleans())
HEAR = st.builds(
    Hear, st.integers(0, 1200), st.sampled_from([10, 1000]), st.sampled_from([None, 0, 1, 50])
)
REFUSED = st.builds(Refused, st.sampled_from([1.0, 10.0]))
EVENT: st.SearchStrategy[Event] = st.one_of(ASK, ASK, ASK, ASK, HEAR, REFUSED, st.builds(Fail))
PAUSE = st.sampled_from([0.0, 0.0, 0.0, 0.02, 0.5, 3.0, 11.0])
HISTORY = st.lists(st.tuples(PAUSE, EVENT), max_size=200)


def meet(limiter: Limiter, event: Event, kind: str = BURST) -> float | None:
    """Do what the event says; a call's wait."""
    crm = Crm.HUBSPOT
    match event:
        case Ask(lane, queued, retry):
            return limiter.acquire(crm, kind, lane, queued=queued, retry=retry).seconds
        case Hear(used, limit, left):
            told = Told(Day(used, limit), Window(190, 10), left)
            limiter.hear(crm, kind, told, turn=Turn(0.0))
        case Refused(seconds):
            limiter.penalise(crm, kind, seconds)
        case Fail():
            limiter.fail(crm)
        case Wiped():
            raise AssertionError("the caller starts another limiter")
    return None


@given(
    st.lists(st.tuples(PAUSE, st.one_of(EVENT, st.builds(Wiped))), max_size=300),
    st.integers(1, 30),
    st.sampled_from([1.0, 3.0, 10.0]),
)
@settings(max_examples=200, deadline=None)
def test_no_interleaving_overspends_a_window(
    history: list[tuple[float, Event]], calls: int, seconds: float
) -> None:
    """Not with headers, refusals and failures in between, and not when the memory is lost."""
    clock = Clock()
    given = accounts({BURST: Window(calls, seconds)})
    limiter = LocalLimiter(given, now=clock)
    going = []
    for pause, event in history:
        clock.now += pause
        if isinstance(event, Wiped):
            limiter = LocalLimiter(given, now=clock)
        elif meet(limiter, event) == 0:
            going.append(clock.now)

    assert most_in_any_window(going, seconds) <= calls


@given(
    st.lists(st.tuples(LANES, st.booleans(), st.booleans()), min_size=1, max_size=100),
    st.integers(200, 3000),
    st.integers(0, 20),
)
@settings(max_examples=100, deadline=None)
def test_no_order_of_calls_and_headers_uses_more_than_the_last_part_of_the_day(
    steps: list[tuple[str, bool, bool]], limit: int, lag: int
) -> None:
    """The CRM's count lags, and only some answers tell it; ours fills the gap."""
    limiter = LocalLimiter(accounts(windows={}), now=Clock())
    limiter.hear(Crm.SALESFORCE, CALL, Told(Day(0, limit)), turn=Turn(0.0))
    used = 0
    for lane, retry, hears in steps * 40:
        turn = limiter.acquire(Crm.SALESFORCE, CALL, lane, retry=retry)
        used += turn.seconds == 0
        if hears:
            told = Told(Day(max(0, used - lag), limit))
            limiter.hear(Crm.SALESFORCE, CALL, told, turn=turn)

    assert used <= limit * 0.95


@given(st.lists(st.tuples(LANES, st.integers(0, 9)), min_size=1, max_size=100))
@settings(max_examples=50, deadline=None)
def test_what_others_call_between_ours_is_never_added_to(steps: list[tuple[str, int]]) -> None:
    limiter, used, limit = LocalLimiter(accounts(windows={}), now=Clock()), 0, 1000
    for lane, others in steps * 20:
        used += others
        limiter.hear(Crm.SALESFORCE, CALL, Told(Day(used, limit)), turn=Turn(0.0))
        went = limiter.acquire(Crm.SALESFORCE, CALL, lane).seconds == 0
        assert not (went and used >= limit * 0.95)
        used += went


FROM_BEFORE = [
    *[(0.0, Fail())] * 10,
    (0.0, Hear(5, 1000, None)),
    (0.0, Ask("bulk", queued=False, retry=False)),
]
"""Answers to calls from before the trouble came in after it, and ended it for all workers."""


@given(HISTORY, st.integers(1, 300), st.one_of(st.none(), st.integers(1, 20)))
@example(FROM_BEFORE, 190, None)
@settings(max_examples=60, deadline=None)
def test_the_scripts_and_the_local_limiter_agree(
    history: list[tuple[float, Event]], calls: int, daily: int | None
) -> None:
    given = accounts({BURST: Window(calls, 10)}, daily)
    with time_machine.travel(NOON, tick=False) as clock:
        ticks = iter(range(10**9))
        local = LocalLimiter(given, now=time.time, jitter=lambda: 0.7)
        shared = RedisLimiter(
            fakeredis.FakeRedis(),
            given,
            jitter=lambda: 0.7,
            monotonic=lambda: float(next(ticks) * 10),
        )
        for pause, event in history:
            clock.shift(pause)
            ours, theirs = meet(local, event), meet(shared, event)
            assert (theirs is None) == (ours is None)
            if ours is not None:
                assert theirs == pytest.approx(ours, abs=0.002)
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
