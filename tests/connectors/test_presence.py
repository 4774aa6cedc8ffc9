"""Who is there, by the clock of a real Redis."""

from datetime import UTC, datetime, timedelta

import pytest
import redis
import requests

from guestlist.connectors.allowance import allowances
from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.limiter import RedisLimiter
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.presence import FORGOTTEN_S, Heard, Kind, Presence, open_presence
from guestlist.domain.errors import MissingScope, Unauthorized
from schemas.records import Crm
from schemas.settings import HubSpotSettings, Secret, Settings
from tests.connectors.serving import Script, json, serving

KEY = "guestlist:presence:worker"


def test_a_node_that_was_noted_is_heard_of(redis_url: str) -> None:
    presence = open_presence(Settings(limits_url=redis_url))
    assert presence.heard(Kind.WORKER) == Heard({})
    presence.note(Kind.WORKER, "a@here")
    presence.note(Kind.WORKER, "b@here")
    presence.note(Kind.BEAT, "beat@here")
    heard = presence.heard(Kind.WORKER)
    assert heard
    assert set(heard.ages) == {"a@here", "b@here"}
    assert heard.present == 2
    assert heard.age is not None
    assert heard.age < 30


def test_a_killed_node_is_forgotten_unless_it_was_the_last(redis_url: str) -> None:
    presence = open_presence(Settings(limits_url=redis_url))
    with redis.Redis.from_url(redis_url) as client:
        seconds, _ = client.time()
        client.hset(KEY, "old@here", str(seconds - FORGOTTEN_S - 10))
        heard = presence.heard(Kind.WORKER)
        assert heard
        assert (heard.present, heard.age and heard.age > FORGOTTEN_S) == (0, True)
        presence.note(Kind.WORKER, "new@here")
        assert set(client.hkeys(KEY)) == {b"new@here"}


def test_without_redis_nobody_knows_and_nobody_is_stopped() -> None:
    for presence in (Presence(None), open_presence(Settings(limits_url="redis://127.0.0.1:1/0"))):
        presence.note(Kind.WORKER, "a@here")
        assert presence.heard(Kind.WORKER) is None


@pytest.mark.parametrize("shared", [False, True])
def test_a_refused_token_is_known_and_a_missing_scope_is_not_that(
    redis_url: str, *, shared: bool
) -> None:
    settings = Settings(hubspot=HubSpotSettings(token=Secret("made-up")))
    given = allowances(settings)
    limiter = (
        RedisLimiter(redis.Redis.from_url(redis_url), given) if shared else LocalLimiter(given)
    )
    scopes = json(403, {"category": "MISSING_SCOPES", "message": "no scope"})
    expired = json(401, {"category": "EXPIRED_AUTHENTICATION", "message": "expired"})
    fine = json(200, {"results": []})
    now = [datetime(2026, 3, 2, 12, tzinfo=UTC)]
    with serving(Script(scopes, expired, expired, *[fine] * 2)) as address:
        hubspot = HubSpot.connect(
            HubSpotSettings(base_url=address, token=Secret("made-up")),
            limiter=limiter,
            development=True,
            clock=lambda: now[0],
            transport=Transport(timeout_s=5, sessions=requests.Session),
        )
        with pytest.raises(MissingScope):
            hubspot.owners()
        assert not limiter.known(Crm.HUBSPOT).refused
        with pytest.raises(Unauthorized):
            hubspot.owners()
        assert limiter.known(Crm.HUBSPOT).refused
        now[0] += timedelta(hours=1)
        hubspot.owners()
        assert not limiter.known(Crm.HUBSPOT).refused
