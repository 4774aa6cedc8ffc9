"""HubSpot's webhooks: only HubSpot's own, only recent ones, and never more than a hint."""

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from console.web.app import create_app
from console.web.marking import Marking
from console.web.webhooks import signature
from guestlist.domain.outcome import RunKind
from schemas.settings import Secret
from tests.web.conftest import Web
from tests.web.marks import marks

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
PATH = "/webhooks/hubspot"


def event(record: str | int, **more: Any) -> dict[str, Any]:
    return {
        "eventId": 1,
        "subscriptionType": "contact.propertyChange",
        "objectId": record,
        "propertyName": "firstname",
        "propertyValue": "Mallory",
        **more,
    }


def signed(body: bytes, timestamp: str, address: str = f"http://localhost{PATH}") -> str:
    text = b"POST" + address.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()


@pytest.fixture
def hooked(web: Web) -> Web:
    settings = web.loaded.settings
    hubspot = replace(settings.hubspot, webhook_secret=Secret(SECRET))
    loaded = replace(web.loaded, settings=replace(settings, hubspot=hubspot))
    return Web(create_app(loaded, web.site.services), web.console, loaded, web.clock)


def stamp(web: Web, *, seconds: float = 0) -> str:
    return str(round((web.now().timestamp() + seconds) * 1000))


def send(web: Web, events: Any, *, timestamp: str | None = None, **headers: str) -> TestResponse:
    body = events if isinstance(events, bytes) else orjson.dumps(events)
    timestamp = timestamp or stamp(web)
    given = {
        "X-HubSpot-Signature-v3": signed(body, timestamp),
        "X-HubSpot-Request-Timestamp": timestamp,
        "Content-Type": "application/json",
        **headers,
    }
    return web.client.post(PATH, data=body, headers=given)


def marked(web: Web) -> int:
    with web.site.database.read() as conn:
        return marks(conn)


def test_the_signature_is_that_of_the_official_client() -> None:
    body = b'{"example_field":"example_value"}'
    made = signature(SECRET, "POST", "https://www.example.com/webhook_uri", body, "15000000")
    assert made == "fJwL147O2CMyGGBDGZPgScloA+jw6X0dJhSOkvWD3sY="


def test_only_the_escapes_that_hubspot_names_are_decoded() -> None:
    plain = signature(SECRET, "POST", "https://a.test/x?a=b:c", b"", "1")
    assert signature(SECRET, "POST", "https://a.test/x?a=b%3Ac", b"", "1") == plain
    assert signature(SECRET, "POST", "https://a.test/x?a=b%20c", b"", "1") != plain


def test_a_call_marks_its_records_and_a_run_looks_at_them(hooked: Web) -> None:
    person = hooked.console.outside()
    assert send(hooked, [event(int(person)), event(person), event(person)]).status_code == 204
    assert marked(hooked) == 1
    [run_id] = Marking(lambda: hooked.site.services).flush()
    run = hooked.ended(run_id)
    assert (run.kind, run.enumerated, run.requested_by) == (RunKind.CHANGES, 1, "webhook")
    assert marked(hooked) == 0
    assert Marking(lambda: hooked.site.services).flush() == []


def test_no_value_of_an_event_is_trusted_or_kept(hooked: Web) -> None:
    assert send(hooked, [event(hooked.console.outside())]).status_code == 204
    assert b"Mallory" not in hooked.state()


@pytest.mark.parametrize("seconds", [-300.5, 300.5, -86_400])
def test_a_call_from_another_time_is_refused(hooked: Web, seconds: float) -> None:
    answer = send(hooked, [event("1")], timestamp=stamp(hooked, seconds=seconds))
    assert answer.status_code == 403


@pytest.mark.parametrize("seconds", [-299, 299])
def test_a_call_within_five_minutes_is_taken(hooked: Web, seconds: float) -> None:
    answer = send(hooked, [event("1")], timestamp=stamp(hooked, seconds=seconds))
    assert answer.status_code == 204


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "-5", "٣", "1" * 30])
def test_a_time_that_is_none_is_refused(hooked: Web, timestamp: str) -> None:
    headers = {"X-HubSpot-Request-Timestamp": timestamp.encode().decode("latin-1")}
    assert send(hooked, [event("1")], **headers).status_code == 403


@pytest.mark.parametrize("given", ["", "bm9uc2Vuc2U=", "ü"])
def test_a_signature_that_does_not_fit_is_refused(hooked: Web, given: str) -> None:
    answer = send(hooked, [event("1")], **{"X-HubSpot-Signature-v3": given})
    assert answer.status_code == 403
    assert marked(hooked) == 0


def test_a_body_with_one_byte_more_is_refused(hooked: Web) -> None:
    body, timestamp = orjson.dumps([event("1")]), stamp(hooked)
    headers = {"X-HubSpot-Signature-v3": signed(body, timestamp)}
    assert send(hooked, body + b" ", timestamp=timestamp, **headers).status_code == 403


def test_the_same_call_again_does_nothing(hooked: Web) -> None:
    timestamp, person = stamp(hooked), hooked.console.outside()
    assert send(hooked, [event(person)], timestamp=timestamp).status_code == 204
    [run_id] = Marking(lambda: hooked.site.services).flush()
    hooked.ended(run_id)
    assert send(hooked, [event(person)], timestamp=timestamp).status_code == 204
    assert Marking(lambda: hooked.site.services).flush() == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{}", b'"x"', b"[1]", orjson.dumps([event("1")] * 101), b"[" * 100_000],
)
def test_a_body_that_is_no_list_of_events_is_refused(hooked: Web, body: bytes) -> None:
    assert send(hooked, body).status_code == 400


@pytest.mark.parametrize(
    "named",
    [
        {"objectId": None},
        {"objectId": "1; DROP"},
        {"objectId": "9" * 30},
        {"objectId": True},
        {"objectId": ["1"]},
        {"subscriptionType": "deal.creation"},
        {"subscriptionType": None},
    ],
)
def test_an_event_about_nothing_of_ours_marks_nothing(hooked: Web, named: dict[str, Any]) -> None:
    assert send(hooked, [{**event("1"), **named}]).status_code == 204
    assert marked(hooked) == 0


def test_a_merge_marks_both_records(hooked: Web) -> None:
    merge = event("1", subscriptionType="contact.merge", primaryObjectId=1, newObjectId=2)
    assert send(hooked, [merge]).status_code == 204
    assert marked(hooked) == 2


def test_a_burst_costs_no_more_than_its_records(hooked: Web) -> None:
    for number in range(100):
        events = [event(number % 7 + 1, eventId=number * 100 + at) for at in range(100)]
        assert send(hooked, events).status_code == 204
    assert marked(hooked) == 7
    assert len(Marking(lambda: hooked.site.services).flush()) == 1


def test_without_a_secret_no_webhook_is_taken(web: Web) -> None:
    assert send(web, [event("1")]).status_code == 404
