"""The alerts page, its twin in the API, and the command: they show, and send a test message."""

from dataclasses import replace

import pytest

from console.web.app import create_app
from console.web.lookout import Lookout
from guestlist.domain.role import Role
from schemas.settings import AlertSettings, Secret
from tests.alerts.conftest import Sink, sink
from tests.console.conftest import Console
from tests.web.conftest import Web

__all__ = ["sink"]


@pytest.fixture
def told(web: Web, sink: Sink) -> Web:
    """The same console, with a webhook to tell."""
    settings = replace(web.loaded.settings, alerts=AlertSettings(webhook_url=Secret(sink.url)))
    loaded = replace(web.loaded, settings=settings)
    services = replace(web.site.services, settings=settings)
    made = Web(create_app(loaded, services), web.console, loaded, web.clock)
    made.sign_in()
    return made


def test_a_test_message_is_sent_from_the_settings_page(told: Web, sink: Sink) -> None:
    assert "/settings/alerts/test" in told.get("/settings")
    assert "none yet" in told.get("/settings/alerts")
    answer = told.post("/settings/alerts/test")
    assert answer.status_code == 200
    assert "sent" in answer.text
    [text] = sink.texts()
    assert text.startswith("Test: this message was asked for by admin")
    assert "made-up-secret" not in answer.text


def test_what_went_wrong_is_shown_without_the_secret_address(told: Web, sink: Sink) -> None:
    sink.status = 410
    page = told.post("/settings/alerts/test").text
    assert "not sent" in page
    assert "answered 410" in page
    assert "made-up-secret" not in page + told.get("/settings")


def test_without_a_channel_the_page_says_how_to_set_one(admin: Web) -> None:
    page = admin.get("/settings/alerts")
    assert "alerts.webhook_url" in page
    assert "No channel is set: nobody was told" in admin.post("/settings/alerts/test").text


def test_the_api_tells_the_same(told: Web, sink: Sink) -> None:
    operator, viewer = told.token(Role.OPERATOR), told.token(Role.VIEWER, "reader")
    found = told.client.get("/api/v1/alerts", headers=viewer).json
    assert found == {
        "alerts": [],
        "channels": [{"channel": "webhook", "last_at": None, "problem": None, "sent_at": None}],
    }
    assert told.client.post("/api/v1/alerts/test", headers=viewer).status_code == 403
    tried = told.client.post("/api/v1/alerts/test", headers=operator).json
    assert tried == {"channels": [{"channel": "webhook", "problem": None}]}
    sink.status = 500
    tried = told.client.post("/api/v1/alerts/test", headers=operator).json
    assert tried
    assert tried["channels"][0]["problem"] == "the webhook answered 500"


def test_what_is_wrong_is_on_the_page_until_it_is_over(told: Web) -> None:
    from threading import Event

    services = told.site.services
    services.limiter.refuse(next(iter(services.limiter._accounts)))  # type: ignore[attr-defined]
    ended = Event()
    lookout = Lookout(lambda: services)

    class Once(Event):
        """Lets one look pass."""

        def wait(self, timeout: float | None = None) -> bool:
            done = ended.is_set()
            ended.set()
            return done

    lookout.run(Once())
    assert "refuses our credential" in told.get("/settings/alerts")


def test_the_command_sends_a_test_message_and_shows_what_is_wrong(
    console: Console, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert console("alerts", "test").exit_code == 78
    assert "no channel is set" in console.ok("alerts", "show")
    monkeypatch.setenv("GUESTLIST_ALERTS_WEBHOOK_URL", sink.url)
    assert console.ok("alerts", "test").strip() == "webhook: sent"
    assert len(sink.taken) == 1
    assert "nothing is wrong" in console.ok("alerts", "show")
    assert console.json("alerts", "show")["channels"][0]["channel"] == "webhook"
    sink.status = 403
    told = console.json("alerts", "test", code=69)
    assert told["channels"][0]["problem"].startswith("the webhook answered 403")
    audit = console.ok("audit-log", "ls")
    assert "alerts.tested" in audit
    assert "made-up-secret" not in audit
