"""A person's command waits for its turn, where a worker puts its batch back."""

import pytest

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.turn import PATIENCE_S, PERSON_S
from guestlist.domain.errors import Waiting
from schemas.settings import HubSpotSettings, Secret
from tests.connectors.limits import Clock, accounts
from tests.connectors.serving import Script, json, serving
from tests.connectors.test_hubspot_errors import BURST_429

READ = json(200, {"results": [{"id": "1", "properties": {}, "updatedAt": "2026-01-01T00:00:00Z"}]})


def reading(*, patience_s: float, script: Script, clock: Clock) -> list[str]:
    """Read a record over a line of such patience."""
    with serving(script) as address:
        hubspot = HubSpot.connect(
            HubSpotSettings(base_url=address, token=Secret("a-token")),
            limiter=LocalLimiter(accounts(windows={}), now=clock),
            development=True,
            sleep=clock.sleep,
            patience_s=patience_s,
        )
        return list(hubspot.read("contacts", ["1"], ["email"]))


def test_what_others_used_up_is_waited_for_and_asked_again() -> None:
    """A plan once ended with 75 where another app had used up HubSpot's ten seconds."""
    clock, script = Clock(), Script(json(429, BURST_429), json(429, BURST_429), READ)
    assert reading(patience_s=PERSON_S, script=script, clock=clock) == ["1"]
    assert clock.slept == [10.0, 10.0]


def test_a_worker_leaves_it_to_the_work_table() -> None:
    clock, script = Clock(), Script(json(429, BURST_429), READ)
    with pytest.raises(Waiting):
        reading(patience_s=PATIENCE_S, script=script, clock=clock)
    assert len(script.requests) == 1
    assert clock.slept == []


def test_a_person_is_told_in_the_end() -> None:
    clock, script = Clock(), Script(*[json(429, BURST_429)] * 20)
    with pytest.raises(Waiting):
        reading(patience_s=PERSON_S, script=script, clock=clock)
    assert sum(clock.slept) == PERSON_S
