from collections.abc import Iterator
from pathlib import Path

import fakeredis
import pytest
import redis
import time_machine
from redis.backoff import NoBackoff
from redis.retry import Retry

from guestlist.connectors.allowance import BURST, CALL, DAY, SEARCH, Told, Window, allowances
from guestlist.connectors.limiter import RedisLimiter, open_limiter
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.turn import PATIENCE_S, Turn, waiting
from guestlist.domain.budget import LOOK_AGAIN_LONGEST_S, Day
from guestlist.domain.errors import RetryLater
from guestlist.domain.reason import Reason
from schemas.records import Crm
from schemas.settings import HubSpotSettings, Settings
from tests.connectors.limits import MIDNIGHT, Clock, Make, accounts, drive, remembering


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Real time's stand-in, also for the fake Redis: a day has just begun."""
    with time_machine.travel(MIDNIGHT, tick=False) as clock:
        yield clock


@pytest.fixture(params=["local", "redis"])
def make(request: pytest.FixtureRequest, clock: time_machine.Traveller) -> Make:
    """Build a limiter of either kind that remembers its last window."""

    def build(given):
        limiter = (
            LocalLimiter(given)
            if request.param == "local"
            else RedisLimiter(fakeredis.FakeRedis(), given)
        )
        limiter.acquire(Crm.HUBSPOT, "token", "interactive")
        limiter.acquire(Crm.SALESFORCE, "token", "interactive")
        clock.shift(60)
        return limiter

    return build


def test_a_call_in_an_idle_account_goes_at_once_and_is_counted(make: Make) -> None:
    limiter = make(accounts())

    assert limiter.acquire(Crm.HUBSPOT, BURST, "bulk").seconds == 0
    assert limiter.used(Crm.HUBSPOT) == {"total": 1, BURST: 1, "token": 1}
    assert limiter.used(Crm.SALESFORCE) == {"token": 1}


def test_calls_beyond_the_burst_wait_their_turn_one_after_the_other(make: Make) -> None:
    limiter = make(accounts({BURST: Window(10, 10)}))
    limiter.acquire(Crm.HUBSPOT, BURST, "bulk")

    first = limiter.acquire(Crm.HUBSPOT, BURST, "bulk").seconds
    second = limiter.acquire(Crm.HUBSPOT, BURST, "bulk").seconds

    assert 0 < first <= PATIENCE_S
    assert second > first + 0.9


def test_a_wait_beyond_patience_takes_no_place_in_the_queue(make: Make) -> None:
    limiter = make(accounts({BURST: Window(10, 10)}))
    waits = [limiter.acquire(Crm.HUBSPOT, BURST, "bulk").seconds for _ in range(6)]

    assert waits[-1] == pytest.approx(waits[-2], abs=0.2)
    assert waits[-1] > PATIENCE_S


def test_searches_have_their_own_window(make: Make) -> None:
    limiter = make(accounts())
    while limiter.acquire(Crm.HUBSPOT, BURST, "bulk").seconds == 0:
        pass

    assert limiter.acquire(Crm.HUBSPOT, SEARCH, "bulk").seconds == 0
    assert limiter.acquire(Crm.HUBSPOT, SEARCH, "bulk").seconds > 0.1


def test_salesforce_has_no_window(make: Make) -> None:
    limiter = make(accounts())

    assert {limiter.acquire(Crm.SALESFORCE, CALL, "bulk").seconds for _ in range(100)} == {0.0}


def test_a_penalty_holds_every_lane_of_that_kind_only(make: Make) -> None:
    limiter = make(accounts())
    limiter.penalise(Crm.HUBSPOT, BURST, 5)

    held = limiter.acquire(Crm.HUBSPOT, BURST, "interactive")
    assert held.seconds == pytest.approx(5, abs=0.2)
    assert held.reason == Reason.RATE_LIMITED
    assert limiter.acquire(Crm.HUBSPOT, SEARCH, "bulk").seconds == 0


def test_a_shorter_penalty_does_not_end_a_longer_one(make: Make) -> None:
    limiter = make(accounts())
    limiter.penalise(Crm.HUBSPOT, BURST, 10)
    limiter.penalise(Crm.HUBSPOT, BURST, 1)

    assert limiter.acquire(Crm.HUBSPOT, BURST, "bulk").seconds == pytest.approx(10, abs=0.2)


def test_a_used_up_day_holds_every_kind_of_call(make: Make) -> None:
    limiter = make(accounts())
    limiter.penalise(Crm.HUBSPOT, DAY, 900)

    held = limiter.acquire(Crm.HUBSPOT, SEARCH, "interactive")
    assert held.seconds == pytest.approx(900, abs=1)
    assert held.reason == Reason.BUDGET_HELD
    assert limiter.acquire(Crm.SALESFORCE, CALL, "interactive").seconds == 0


def test_of_two_holds_as_long_the_days_is_told(make: Make) -> None:
    limiter = make(accounts())
    limiter.penalise(Crm.HUBSPOT, BURST, 5)
    limiter.penalise(Crm.HUBSPOT, DAY, 5)

    assert limiter.acquire(Crm.HUBSPOT, BURST, "interactive").reason == Reason.BUDGET_HELD


@pytest.mark.parametrize("kind", [CALL, DAY])
def test_the_first_call_after_a_hold_is_counted(
    make: Make, clock: time_machine.Traveller, kind: str
) -> None:
    limiter = make(accounts())
    limiter.penalise(Crm.SALESFORCE, kind, 5)
    clock.shift(5)

    assert limiter.acquire(Crm.SALESFORCE, CALL, "bulk").seconds == 0
    assert limiter.used(Crm.SALESFORCE)["total"] == 1


def test_a_lane_stops_at_its_share_of_our_cap_and_the_others_go_on(make: Make) -> None:
    limiter = make(accounts(windows={}, daily=10))
    for _ in range(5):
        assert limiter.acquire(Crm.SALESFORCE, CALL, "upkeep").seconds == 0

    held = limiter.acquire(Crm.SALESFORCE, CALL, "upkeep")
    assert 0 < held.seconds <= LOOK_AGAIN_LONGEST_S
    assert held.reason == Reason.BUDGET_HELD
    assert limiter.acquire(Crm.SALESFORCE, CALL, "interactive").seconds == 0
    assert limiter.used(Crm.SALESFORCE)["total"] == 6


def test_retries_stop_first_then_what_sweeps_then_all(make: Make) -> None:
    limiter = make(accounts(windows={}, daily=100))
    went = []
    for lane, retry in (("changes", True), ("bulk", False), ("interactive", False)):
        while limiter.acquire(Crm.SALESFORCE, CALL, lane, retry=retry).seconds == 0:
            pass
        went.append(limiter.used(Crm.SALESFORCE)["total"])

    assert went == [75, 90, 95]


def test_a_new_day_starts_at_nothing(make: Make, clock: time_machine.Traveller) -> None:
    limiter = make(accounts(daily=2))
    while limiter.acquire(Crm.SALESFORCE, CALL, "interactive").seconds == 0:
        pass
    clock.shift(86_400)

    assert limiter.used(Crm.SALESFORCE) == {}
    assert limiter.acquire(Crm.SALESFORCE, CALL, "interactive").seconds == 0


def test_a_lane_with_a_larger_share_passes_a_saturated_one() -> None:
    clock = Clock()
    limiter = LocalLimiter(accounts(), now=clock)
    for _ in range(1000):  # fill the bulk lane's window and its queue for a minute
        limiter.acquire(Crm.HUBSPOT, BURST, "bulk")
        limiter.acquire(Crm.HUBSPOT, BURST, "bulk", queued=True)
        clock.now += 0.05

    assert limiter.acquire(Crm.HUBSPOT, BURST, "bulk").seconds > 0
    assert limiter.acquire(Crm.HUBSPOT, BURST, "interactive").seconds == 0


def test_a_person_hardly_waits_while_a_long_run_takes_all_it_may() -> None:
    clock = Clock()
    limiter = LocalLimiter(accounts(), now=clock)
    remembering(limiter, clock)
    drive(limiter, clock, ["bulk"] * 8, seconds=30)

    waited = 0.0
    for _ in range(6):  # the calls of a record, one after the other
        turn = limiter.acquire(Crm.HUBSPOT, BURST, "interactive")
        while turn.seconds:
            waited += turn.seconds
            clock.now += turn.seconds
            turn = limiter.acquire(Crm.HUBSPOT, BURST, "interactive", queued=True)
        drive(limiter, clock, ["bulk"] * 8, seconds=0.05)

    assert waited < 0.3


def test_while_work_waits_a_bulk_lane_uses_95_percent_of_the_window() -> None:
    clock = Clock()
    limiter = LocalLimiter(accounts(), now=clock)
    remembering(limiter, clock)
    going = drive(limiter, clock, ["bulk"] * 8, seconds=100)

    assert 0.95 * 19 * 100 <= len(going) <= 19 * 100


def test_a_call_is_a_first_try_unless_said_otherwise(make: Make) -> None:
    limiter = make(accounts(windows={}))
    limiter.hear(Crm.SALESFORCE, CALL, Told(Day(7_500, 10_000)), turn=Turn(0.0))

    assert limiter.acquire(Crm.SALESFORCE, CALL, "changes").seconds == 0


def test_a_crm_that_tells_no_limit_is_not_held_by_it(make: Make) -> None:
    limiter = make(accounts(windows={}))
    limiter.hear(Crm.SALESFORCE, CALL, Told(Day(5, 0)), turn=Turn(0.0))

    assert [limiter.acquire(Crm.SALESFORCE, CALL, "changes").seconds for _ in range(3)] == [0.0] * 3


def test_a_token_can_be_had_when_our_own_cap_is_used_up(make: Make) -> None:
    limiter = make(accounts(windows={}, daily=10))
    waits = [limiter.acquire(Crm.SALESFORCE, CALL, "interactive").seconds for _ in range(10)]
    assert waits[-1] > 0

    assert limiter.acquire(Crm.SALESFORCE, "token", "bulk").seconds == 0


def test_what_answers_say_of_the_day_is_passed_on_once_a_second_for_each_crm() -> None:
    clock = Clock(0.0)
    limiter = RedisLimiter(fakeredis.FakeRedis(), accounts(windows={}), monotonic=clock)
    told = []
    for now, used in ((0.0, 500), (0.9, 600), (1.0, 700)):
        clock.now = now
        for crm in Crm:
            limiter.hear(crm, CALL, Told(Day(used, 10_000)), turn=Turn(0.0))
            told.append(limiter.known(crm).day)

    assert told == [Day(used, 10_000) for used in (500, 500, 500, 500, 700, 700)]


def test_a_single_failure_makes_the_next_answer_worth_telling(make: Make) -> None:
    limiter = make(accounts(windows={}))
    assert not limiter.acquire(Crm.SALESFORCE, CALL, "changes").doubted
    limiter.fail(Crm.SALESFORCE)
    assert limiter.acquire(Crm.SALESFORCE, CALL, "changes").doubted


def test_a_wait_says_its_reason() -> None:
    assert waiting(Turn(1.5), Crm.HUBSPOT).reason == Reason.RATE_LIMITED
    assert waiting(Turn(900, Reason.BUDGET_HELD), Crm.HUBSPOT).reason == Reason.BUDGET_HELD


def test_without_its_redis_nothing_goes() -> None:
    limiter = RedisLimiter(redis.Redis(port=1, retry=Retry(NoBackoff(), 0)), accounts())

    with pytest.raises(RetryLater):
        limiter.acquire(Crm.HUBSPOT, BURST, "bulk")


def test_the_settings_decide_which_limiter_and_whose_account(redis_url: str) -> None:
    alone = Settings()
    shared = Settings(limits_url=redis_url)

    assert isinstance(open_limiter(alone), LocalLimiter)
    assert open_limiter(shared).acquire(Crm.SALESFORCE, CALL, "bulk").seconds == 0
    assert open_limiter(shared).used(Crm.SALESFORCE)["total"] == 1
    other = Settings(hubspot=HubSpotSettings(base_url="https://api-eu1.hubapi.com"))
    assert allowances(alone)[Crm.HUBSPOT].account != allowances(other)[Crm.HUBSPOT].account


def test_the_scripts_stand_beside_the_code_that_sends_them() -> None:
    folder = Path(allowances.__code__.co_filename).parent

    assert sorted(path.name for path in folder.glob("*.lua")) == ["heard.lua", "limiter.lua"]
