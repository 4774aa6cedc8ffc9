"""S6, S10, S17, S19, S23: what the console takes from strangers, and what it refuses."""

import csv
import gzip
import io
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from console.web import guard, webhooks
from console.web.callers import CONFIRMED_FOR
from console.web.headers import HEADERS
from guestlist.connectors import http
from guestlist.connectors.hubspot import HubSpot
from guestlist.domain import decide
from guestlist.domain.errors import Unusable
from guestlist.engine.launch import start_records
from sandbox.crm import CRM
from sandbox.faults import Kind
from sandbox.wire import Response
from tests.connectors.serving import serving
from tests.console.conftest import Console
from tests.engine.conftest import Install
from tests.web.conftest import ORIGIN, Web, with_settings
from tests.web.marks import marks
from tests.web.test_webhooks import PATH, event, hooked, marked, send, signed, stamp

__all__ = ["hooked"]

# --- S6 -------------------------------------------------------------------------------------------


def test_S06_only_hubspots_own_call_of_this_very_body_is_taken(hooked: Web) -> None:
    body, now = orjson.dumps([event("1")]), stamp(hooked)
    good = signed(body, now)

    def call(content: bytes, timestamp: str, signature: str) -> int:
        headers = {
            "X-HubSpot-Signature-v3": signature,
            "X-HubSpot-Request-Timestamp": timestamp,
            "Content-Type": "application/json",
        }
        return hooked.client.post(PATH, data=content, headers=headers).status_code

    late = stamp(hooked, seconds=-300.501)
    elsewhere = signed(body, now, "http://localhost/webhooks/other")
    assert [
        call(body, now, good),
        call(body, late, signed(body, late)),
        call(body + b" ", now, good),
        call(body, "soon", good),
        call(body, now, elsewhere),
        call(body, now, ""),
    ] == [204, 403, 403, 403, 403, 403]


def test_S06_a_call_that_is_sent_again_does_nothing(hooked: Web) -> None:
    timestamp = stamp(hooked)
    assert send(hooked, [event("1")], timestamp=timestamp).status_code == 204
    with hooked.site.database.begin() as conn:
        taken = marks(conn)
    assert taken == 1
    hooked.console.workers.rest()
    assert send(hooked, [event("1")], timestamp=timestamp).status_code == 204
    assert marked(hooked) == 1


# --- S10 ------------------------------------------------------------------------------------------

FORMULAS = ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"]


def test_S10_an_export_for_people_holds_no_formula(chosen: Console) -> None:
    portal = chosen.world.portal
    for number, formula in enumerate(FORMULAS):
        who = {"email": f"f{number}@example.com", "lifecyclestage": "customer"}
        create = partial(portal.create, "contacts", {**who, "lastname": formula + "x" * 200})
        chosen.addresses.listening.call(create)
    chosen.json("sync", "start", "--wait", code=1)
    for line in (
        ("errors", "export"),
        ("runs", "export"),
        ("errors", "export", "--status", "open"),
    ):
        cells = [cell for row in csv.reader(io.StringIO(chosen.ok(*line))) for cell in row]
        assert cells
        assert [cell for cell in cells if cell[:1] in "=+-@\t\r\x00" and cell] == []


def test_S10_what_the_console_hands_out_holds_none_either(admin: Web) -> None:
    admin.console.json("sync", "start", "--wait", code=1)
    for path in ("/errors.csv", f"/runs/{admin.runs()[0].id}.csv"):
        answer = admin.client.get(path)
        if answer.status_code == 404:
            continue
        cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
        assert [cell for cell in cells if cell and cell[:1] in "=+-@\t\r\x00"] == []


# --- S15 ------------------------------------------------------------------------------------------


def test_S15_no_page_shows_a_token_and_no_probe_shows_a_person(admin: Web) -> None:
    world = admin.console.world
    admin.console.fault(crm="hubspot", kind="status", status=503, times=2, route="POST *batch*")
    admin.console.json("sync", "start", "--wait", code=1)
    held = world.credentials
    secrets = [held.hubspot_token, held.salesforce_client_secret, *world.org.sessions]
    people = [
        str(row.values.get("Email"))
        for row in world.org.table("Contact").rows.values()
        if row.values.get("Email")
    ]
    assert people
    seen = 0
    for rule in admin.app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or set()):
            continue
        answer = admin.client.get(str(rule))
        text = answer.get_data(as_text=True)
        seen += 1
        assert [each for each in secrets if each in text] == [], rule
        if rule.endpoint.startswith("probes."):
            assert [each for each in people if each in text] == [], rule
        answer.close()
    assert seen > 20


# --- S17 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "csrf"),
    [
        ({}, True),
        ({"Origin": "https://evil.test"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": ORIGIN}, False),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, True),
    ],
)
def test_S17_a_forged_request_is_a_403_at_every_view_that_changes_something(
    admin: Web,
    headers: dict[str, str],
    csrf: bool,  # noqa: FBT001
) -> None:
    data = {"csrf": admin.csrf()} if csrf else {}
    refused = {}
    for rule in admin.app.url_map.iter_rules():
        methods = {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
        if not methods or guard.needed(admin.app, rule.endpoint) == guard.OPEN:
            continue
        path = admin.app.url_map.bind("localhost").build(
            rule.endpoint, dict.fromkeys(rule.arguments, "1"), method=next(iter(methods))
        )
        answer = admin.client.open(path, method=min(methods), data=data, headers=headers)
        refused[rule.endpoint] = answer.status_code
    assert len(refused) > 15
    assert {name: code for name, code in refused.items() if code != 403} == {}


def test_S17_the_session_is_bound_to_the_host_the_browser_and_the_clock(web: Web) -> None:
    public = with_settings(web, public_url="https://sync.acme.example")
    public.add_user("admin")
    login = {"name": "admin", "password": "correct horse battery"}
    where = {"Host": "sync.acme.example", "Origin": "https://sync.acme.example"}
    cookie = public.client.post("/login", data=login, headers=where).headers["Set-Cookie"]
    for part in ("__Host-guestlist=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    web.sign_in()
    web.clock.ahead += CONFIRMED_FOR * 2
    assert web.post("/access/tokens", name="ci", role="viewer").status_code == 403
    web.clock.ahead += CONFIRMED_FOR * 60
    assert web.client.get("/runs").status_code in {302, 303}


def test_S17_every_answer_carries_the_headers(admin: Web) -> None:
    for path in ("/", "/login", "/api/v1/runs", "/nowhere", "/healthz", "/metrics"):
        answer = admin.client.get(path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert answer.headers["Cache-Control"] == "no-store"
    assert "'none'" in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


# --- S19 ------------------------------------------------------------------------------------------


def _broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError("a checker's own mistake, with ada@example.com in it")


def test_S19_a_gate_that_fails_lets_nobody_through(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = install(retries__attempts=1)
    here.contact("ada@example.com")
    monkeypatch.setattr(decide, "admit", _broken)
    here.start()
    here.settle(unexpected=RuntimeError)
    assert here.writes() == []


def test_S19_membership_that_can_not_be_read_lets_nobody_through(install: Install) -> None:
    here = install(retries__attempts=2)
    key = here.contact("ada@example.com")
    for route in ("GET /crm/*memberships*", "POST /crm/*memberships*"):
        here.fault(CRM.HUBSPOT, Kind.STATUS, route, status=503)
    start_records(here.services, "contacts", [key], by="tester")
    here.settle()
    assert here.writes() == []
    assert here.outcomes() != {}


@pytest.mark.parametrize("name", ["identify", "needed", "_refuse_foreign_host"])
def test_S19_a_guard_that_fails_opens_no_page(
    admin: Web, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(guard, name, _broken)
    for path in ("/runs", "/api/v1/runs", "/access"):
        answer = admin.client.get(path)
        assert answer.status_code == 500
        assert "ada@" not in answer.text


@pytest.mark.parametrize("name", ["signature", "_checked", "_address"])
def test_S19_a_signature_check_that_fails_takes_no_call(
    hooked: Web, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(webhooks, name, _broken)
    answer = send(hooked, [event("1")])
    assert answer.status_code == 500
    assert "ada@" not in answer.text
    assert marked(hooked) == 0


# --- S23 ------------------------------------------------------------------------------------------

TEN_MB = b"[" + b"1," * 5_000_000 + b"1]"
DEEP = b"[" * 10_000 + b"]" * 10_000
BOMB = gzip.compress(b"0" * 50_000_000)
LIMIT_S = 1.0
"""Of processor time: a loaded machine may take longer by the clock."""


def cheaply(ask: Callable[[], TestResponse]) -> TestResponse:
    """Ask, and once more if that was dear: garbage is collected once, a body hurts each time."""
    spent = []
    for _ in range(2):
        began = time.thread_time()
        answer = ask()
        spent.append(time.thread_time() - began)
        if spent[-1] < LIMIT_S:
            return answer
    pytest.fail(f"{answer.request.path} took {spent} s", pytrace=False)


def changing_views(web: Web) -> list[tuple[str, str]]:
    """Method and path of every view that takes a body."""
    adapter = web.app.url_map.bind("localhost")
    found = []
    for rule in web.app.url_map.iter_rules():
        for method in sorted({"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())):
            arguments = dict.fromkeys(rule.arguments, "1")
            found.append((method, adapter.build(rule.endpoint, arguments, method=method)))
    return found


@pytest.mark.parametrize("body", [TEN_MB, DEEP, BOMB], ids=["10 MB", "depth 10,000", "gzip bomb"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_S23_a_body_made_to_hurt_is_refused_at_once_by_every_view(
    admin: Web, body: bytes, kind: str
) -> None:
    token = admin.token()
    for method, path in changing_views(admin):
        headers = {"Content-Type": kind, "Origin": ORIGIN, **token}
        if body is BOMB:
            headers["Content-Encoding"] = "gzip"
        ask = partial(admin.client.open, path, method=method, data=body, headers=headers)
        answer = cheaply(ask)
        page = body is DEEP and not path.startswith(("/api/", "/webhooks/"))
        unread = page and answer.status_code in {200, 303}
        assert unread or 400 <= answer.status_code < 500, path


@pytest.mark.parametrize("body", [TEN_MB, DEEP, BOMB], ids=["10 MB", "depth 10,000", "gzip bomb"])
def test_S23_a_webhook_made_to_hurt_is_refused_before_it_is_read(hooked: Web, body: bytes) -> None:
    timestamp = stamp(hooked)
    headers = {
        "X-HubSpot-Signature-v3": signed(body, timestamp),
        "X-HubSpot-Request-Timestamp": timestamp,
        "Content-Type": "application/json",
    }
    answer = cheaply(partial(hooked.client.post, PATH, data=body, headers=headers))
    assert answer.status_code in {400, 413}
    assert marked(hooked) == 0


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_S23_no_body_at_all_makes_a_webhook_fail(hooked: Web, body: bytes) -> None:
    answer = send(hooked, body)
    assert answer.status_code in {204, 400}


def test_S23_an_answer_that_unpacks_without_end_is_given_up(
    hubspot_at: Callable[..., HubSpot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 1_000_000)
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    with (
        serving(lambda _: Response(200, BOMB, headers)) as address,
        pytest.raises(Unusable, match="longer than 1000000 bytes"),
    ):
        hubspot_at(address).account()
