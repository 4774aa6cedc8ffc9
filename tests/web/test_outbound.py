"""Salesforce's outbound messages: only our org's, by a secret address, never more than a hint."""

from dataclasses import replace

import pytest
import requests
from defusedxml.ElementTree import fromstring
from werkzeug.test import TestResponse

from console.web.app import create_app
from console.web.marking import Marking
from guestlist.domain.outcome import RunKind
from sandbox.salesforce.outbound import Notification, message
from schemas.settings import Secret
from tests.services.processes import wait_until
from tests.web.conftest import Web
from tests.web.marks import marks

SECRET = "s3cretS3cretS3cretS3cretS3cretS3cret"
PATH = f"/webhooks/salesforce/{SECRET}"
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<notifications>&d;</notifications>"""
XXE = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]><notifications>&secret;</notifications>"""


@pytest.fixture
def hooked(web: Web) -> Web:
    settings = web.loaded.settings
    salesforce = replace(
        settings.salesforce,
        outbound_secret=Secret(SECRET),
        organization_id=web.console.world.org.organization_id[:15],
    )
    loaded = replace(web.loaded, settings=replace(settings, salesforce=salesforce))
    return Web(create_app(loaded, web.site.services), web.console, loaded, web.clock)


def row(number: int, *, type: str = "Contact", notification: int = 0) -> Notification:
    return Notification(
        f"04l{notification or number:012d}AAA",
        type,
        f"003{number:012d}AAA",
        {"LastName": "Mallory", "Email": "mallory@evil.example"},
    )


def body(web: Web, *rows: Notification) -> bytes:
    return message(web.console.world.org.organization_id, rows)


def send(web: Web, content: bytes, path: str = PATH) -> TestResponse:
    return web.client.post(path, data=content, headers={"Content-Type": "text/xml; charset=utf-8"})


def marked(web: Web) -> int:
    with web.site.database.read() as conn:
        return marks(conn)


def test_a_message_marks_its_rows_and_is_acknowledged(hooked: Web) -> None:
    answer = send(hooked, body(hooked, row(1), row(2), row(3, type="Account")))
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/xml")
    acks = [each.text for each in fromstring(answer.data).iter() if each.tag.endswith("}Ack")]
    assert acks == ["true"]
    assert marked(hooked) == 2


def test_no_value_and_no_session_of_a_message_is_kept(hooked: Web) -> None:
    content = body(hooked, row(1)).replace(
        b'<SessionId xsi:nil="true"/>', b"<SessionId>00Dxx!AQ4session</SessionId>"
    )
    assert send(hooked, content).status_code == 200
    state = hooked.state()
    assert not [each for each in (b"Mallory", b"evil.example", b"AQ4session") if each in state]


def test_the_same_notification_again_does_nothing(hooked: Web) -> None:
    assert send(hooked, body(hooked, row(1))).status_code == 200
    [run_id] = Marking(lambda: hooked.site.services).flush()
    hooked.ended(run_id)
    assert send(hooked, body(hooked, row(1), row(1))).status_code == 200
    assert marked(hooked) == 0
    assert send(hooked, body(hooked, row(1), row(1, notification=9))).status_code == 200
    assert marked(hooked) == 1


def test_a_burst_costs_no_more_than_its_rows(hooked: Web) -> None:
    for call in range(100):
        rows = [row(at % 7 + 1, notification=call * 100 + at + 1) for at in range(100)]
        assert send(hooked, body(hooked, *rows)).status_code == 200
    assert marked(hooked) == 7
    assert len(Marking(lambda: hooked.site.services).flush()) == 1


def test_another_org_is_refused(hooked: Web) -> None:
    content = message("00DAAAAAAAAAAAAAAA", [row(1)])
    assert send(hooked, content).status_code == 403
    assert marked(hooked) == 0


def test_whoever_does_not_know_the_address_is_told_nothing(hooked: Web) -> None:
    content = body(hooked, row(1))
    for path in ("wrong", SECRET[:-1], f"{SECRET}x", "é"):
        assert send(hooked, content, f"/webhooks/salesforce/{path}").status_code == 404
    assert hooked.client.get(PATH).status_code == 405
    assert marked(hooked) == 0


def test_without_a_secret_no_message_is_taken(web: Web) -> None:
    assert send(web, body(web, row(1))).status_code == 404
    assert send(web, body(web, row(1)), "/webhooks/salesforce/").status_code == 404


@pytest.mark.parametrize("content", [BOMB, XXE], ids=["billion laughs", "XXE"])
def test_S7_what_declares_entities_is_refused_unread(hooked: Web, content: bytes) -> None:
    answer = send(hooked, content)
    assert answer.status_code == 400
    assert "root:" not in answer.text
    assert marked(hooked) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"<a>",
        b"<notifications/>",
        b"\xff\xfe",
        b'<?xml version="1.0" encoding="made-up"?><a/>',
        b"<a>" * 100_000,
    ],
)
def test_a_body_that_is_no_message_is_refused(hooked: Web, content: bytes) -> None:
    assert send(hooked, content).status_code == 400


@pytest.mark.parametrize("id", ["", "1; DROP", "9" * 30, "é" * 18])
def test_a_row_without_a_usable_id_is_refused(hooked: Web, id: str) -> None:
    assert send(hooked, body(hooked, row(1)._replace(record_id=id))).status_code == 400
    assert send(hooked, body(hooked, row(1)._replace(id=id))).status_code == 400
    assert send(hooked, body(hooked, *[row(1)] * 101)).status_code == 400
    assert marked(hooked) == 0


def test_what_salesforce_sends_by_itself_becomes_a_run(hooked: Web) -> None:
    """The sandbox's org sends a message of a person's edit; the first one is not answered well."""
    world, addresses = hooked.console.world, hooked.console.addresses
    control = f"{addresses.salesforce}/sandbox"
    with hooked.serving() as address:
        hook = {"url": f"{address}{PATH}", "repeat": 1.0}
        added = requests.post(f"{control}/salesforce/outbound-message", json=hook, timeout=30)
        assert added.status_code == 200, added.text
        contact = addresses.listening.call(
            lambda: next(each.id for each in world.org.table("Contact").stamped_since(""))
        )
        edit = {"id": contact, "fields": {"Title": "Chief & <sole> Editor"}}
        done = requests.post(f"{control}/salesforce/Contact/update", json=edit, timeout=30)
        assert done.status_code == 200, done.text
        wait_until(lambda: marked(hooked) > 0, what="the outbound message")
        wait_until(lambda: world.hooks.shown()[0]["sent"] == 1, what="its acknowledgement")
    [run_id] = Marking(lambda: hooked.site.services).flush()
    run = hooked.ended(run_id)
    assert (run.kind, run.enumerated, run.requested_by) == (RunKind.CHANGES, 1, "webhook")
