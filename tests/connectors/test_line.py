from datetime import timedelta
from typing import Any

import pytest

from guestlist.connectors.allowance import BURST, SEARCH, Allowance, Told, Window
from guestlist.connectors.calls import Calls
from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.line import Line, bearer, user_agent
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.turn import PERSON_S, Turn
from guestlist.domain.budget import Day
from guestlist.domain.errors import RetryLater, Waiting
from guestlist.domain.reason import Reason
from sandbox import inprocess
from sandbox.crm import CRM
from sandbox.world import World
from schemas.records import Crm
from schemas.settings import HubSpotSettings, Secret
from tests.connectors.serving import Script, json, serving


class Answers:
    """A limiter that says what it was told to say, and remembers the questions."""

    def __init__(self, *waits: float, reason: Reason = Reason.RATE_LIMITED) -> None:
        self.waits = list(waits)
        self.reason = reason
        self.queued: list[bool] = []
        self.retries: list[bool] = []
        self.heard: list[Told | None] = []

    def acquire(
        self, crm: Crm, kind: str, lane: str, *, queued: bool = False, retry: bool = False
    ) -> Turn:
        self.queued.append(queued)
        self.retries.append(retry)
        return Turn(self.waits.pop(0), self.reason)

    def hear(self, crm: Crm, kind: str, told: Told, *, turn: Turn, welcome: bool = True) -> None:
        self.heard.append(told)

    def fail(self, crm: Crm) -> None:
        self.heard.append(None)

    def penalise(self, crm: Crm, kind: str, seconds: float) -> None:
        raise AssertionError("nobody said that an allowance is used up")

    def used(self, crm: Crm) -> dict[str, int]:
        return {}


def line(limiter: Any, slept: list[float], calls: Calls | None = None) -> Line:
    return Line(
        Crm.HUBSPOT,
        Transport(timeout_s=5),
        limiter=limiter,
        lane="bulk",
        sleep=slept.append,
        new_id=lambda: "an-id",
        calls=calls,
    )


def test_a_short_wait_is_slept_and_asked_again_from_its_place_in_the_queue() -> None:
    slept: list[float] = []
    limiter = Answers(0.5, 0.25, 0)
    with serving(Script(json(200, {}))) as address:
        line(limiter, slept).send(BURST, "GET", address, headers={})

    assert slept == [0.5, 0.25]
    assert limiter.queued == [False, True, True]


@pytest.mark.parametrize(("waits", "slept_before"), [((2.5,), []), ((1.5, 0.75), [1.5])])
def test_more_than_two_seconds_in_all_are_not_slept(
    waits: tuple[float, ...], slept_before: list[float]
) -> None:
    slept: list[float] = []
    held = line(Answers(*waits), slept)

    with pytest.raises(Waiting) as caught:
        held.send(BURST, "GET", "http://127.0.0.1:1", headers={})

    assert slept == slept_before
    assert caught.value.reason == Reason.RATE_LIMITED
    assert held.calls.total == 0


def test_a_person_waits_for_their_turn_where_a_worker_parks_its_batch() -> None:
    """No place in the queue is taken by whoever is told to come back later than a worker waits."""
    slept: list[float] = []
    limiter = Answers(8.0, 0.5, 0)
    with serving(Script(json(200, {}))) as address:
        patient = line(limiter, slept).on("interactive", patience_s=PERSON_S)
        patient.send(BURST, "GET", address, headers={})

    assert slept == [8.0, 0.5]
    assert limiter.queued == [False, False, True]


@pytest.mark.parametrize(
    ("wait", "reason", "said"),
    [
        (PERSON_S + 1, Reason.RATE_LIMITED, "HubSpot takes no more calls at the moment"),
        (
            45.0,
            Reason.BUDGET_HELD,
            "HubSpot: what this may use of the day's API calls is used up",
        ),
        (
            5.0,
            Reason.RETRY_AT,
            "HubSpot failed 10 times in a row and is left alone for a while",
        ),
    ],
)
def test_nor_does_a_person_wait_for_what_takes_longer_or_may_never_end(
    wait: float, reason: Reason, said: str
) -> None:
    slept: list[float] = []
    patient = line(Answers(wait, reason=reason), slept).on("interactive", patience_s=PERSON_S)

    with pytest.raises(Waiting) as caught:
        patient.send(BURST, "GET", "http://127.0.0.1:1", headers={})

    assert slept == []
    assert str(caught.value) == said


def test_a_view_for_what_was_tried_before_says_so() -> None:
    limiter = Answers(0, 0)
    with serving(Script(json(200, {}), json(200, {}))) as address:
        line(limiter, []).on("bulk", retry=True).send(BURST, "GET", address, headers={})
        line(limiter, []).on("bulk").send(BURST, "GET", address, headers={})

    assert limiter.retries == [True, False]


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_what_an_answer_says_is_heard_unless_the_crm_is_out_of_order(status: int) -> None:
    limiter = Answers(0, 0)
    told = Told(Day(3, 10))
    with serving(Script(json(400, {}), json(status, {}))) as address:
        for _ in range(2):
            line(limiter, []).send(BURST, "GET", address, headers={}, told=lambda _: told)

    assert limiter.heard == [told, None]


def test_no_answer_is_a_failure_of_the_crm() -> None:
    limiter = Answers(0)

    with pytest.raises(RetryLater):
        line(limiter, []).send(BURST, "GET", "http://127.0.0.1:1", headers={})

    assert limiter.heard == [None]


def test_every_request_bears_its_id_and_our_name() -> None:
    with serving(script := Script(json(200, {}))) as address:
        answer = line(Answers(0), []).send(BURST, "GET", address, headers=bearer("secret"))

    headers = script.requests[0].headers
    assert headers["x-request-id"] == answer.request_id == "an-id"
    assert headers["user-agent"] == user_agent()
    assert headers["authorization"] == "Bearer secret"
    assert user_agent().startswith("guestlist")


def test_a_view_counts_its_own_calls_and_its_origin_counts_all() -> None:
    whole = Calls()
    origin = line(Answers(0, 0, 0), [], whole)
    one, other = origin.on("changes"), origin.on("bulk")
    with serving(Script(json(200, {}), json(200, {}), json(200, {}))) as address:
        one.send(BURST, "GET", address, headers={})
        other.send(BURST, "GET", address, headers={})
        other.send(SEARCH, "GET", address, headers={})

    assert (one.calls.total, other.calls.total) == (1, 2)
    assert whole.by_kind() == {BURST: 2, SEARCH: 1}
    assert [one.lane, other.lane] == ["changes", "bulk"]


def test_a_bulk_lane_uses_95_percent_of_the_portals_limit_without_one_429() -> None:
    world = World("pace")
    world.clock.freeze(world.clock.now())
    address = "http://hubspot.test"
    windows = {BURST: Window(190, 10)}
    limiter = LocalLimiter(
        {Crm.HUBSPOT: Allowance("portal", windows, None, {"bulk": 0.96})},
        now=world.clock.timestamp,
    )
    client = HubSpot.connect(
        HubSpotSettings(base_url=address, token=Secret(world.credentials.hubspot_token)),
        limiter=limiter,
        lane="bulk",
        development=True,
        sleep=lambda seconds: world.clock.move(timedelta(seconds=seconds)),
        transport=Transport(
            timeout_s=5, sessions=lambda: inprocess.session(world, {CRM.HUBSPOT: address})
        ),
    )
    started = world.clock.timestamp()

    for _ in range(1000):
        client.account()  # raises on a 429

    spent = world.clock.timestamp() - started
    assert 1000 / spent >= 0.95 * 19
    assert client.calls == 1000
