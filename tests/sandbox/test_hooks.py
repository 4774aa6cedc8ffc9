"""What the CRMs send by themselves, as a receiver that nobody here wrote would see it."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from defusedxml.ElementTree import fromstring
from hubspot.utils.signature import Signature

from sandbox.world import World
from tests.sandbox.conftest import Control, add_contact
from tests.services.processes import wait_until
from tests.services.receiver import receiving

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
ACK = b"<r><Ack>true</Ack></r>"


@dataclass
class Receiver:
    """Keeps what it is sent, and answers as told."""

    address: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    taken: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        return [event for _, body in self.taken for event in orjson.loads(body)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    def answer(headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        made.taken.append((headers, body))
        return made.answers.pop(0) if made.answers else (200, ACK)

    with receiving(answer) as address:
        made.address = f"{address}/hook"
        yield made


def hooked(control: Control, receiver: Receiver, **more: Any) -> None:
    control.ok("POST", "hubspot/webhook", {"url": receiver.address, "secret": SECRET, **more})


def done(control: Control) -> bool:
    [hook] = control.ok("GET", "hooks")
    return bool(hook["sent"]) and not hook["waiting"]


def test_hubspot_tells_of_a_creation_and_each_property(
    control: Control, receiver: Receiver, world: World
) -> None:
    hooked(control, receiver)
    contact = add_contact(control, "ada@example.com")
    wait_until(lambda: done(control), what="the webhook")
    events = receiver.events()
    assert {each["objectId"] for each in events} == {int(contact)}
    assert {each["subscriptionType"] for each in events} == {
        "contact.creation",
        "contact.propertyChange",
    }
    told = {each.get("propertyName"): each.get("propertyValue") for each in events}
    assert told["email"] == "ada@example.com"
    assert {each["changeSource"] for each in events} == {"CRM_UI"}


def test_its_signature_is_one_the_official_client_takes(
    control: Control, receiver: Receiver, world: World
) -> None:
    hooked(control, receiver)
    add_contact(control, "ada@example.com")
    wait_until(lambda: done(control), what="the webhook")
    headers, body = receiver.taken[0]
    timestamp = headers["x-hubspot-request-timestamp"]
    assert int(timestamp) == int(world.clock.timestamp() * 1000)
    expected = Signature.get_signature(
        SECRET,
        body.decode(),
        signature_version="v3",
        http_uri=receiver.address,
        http_method="POST",
        timestamp=timestamp,
    )
    given = headers["x-hubspot-signature-v3"]
    assert given == (expected.decode() if isinstance(expected, bytes) else expected)
    text = b"POST" + receiver.address.encode() + body + timestamp.encode()
    assert given == base64.b64encode(hmac.digest(SECRET.encode(), text, hashlib.sha256)).decode()


def test_a_call_holds_at_most_a_hundred_events_and_comes_again_until_it_is_answered(
    control: Control, receiver: Receiver
) -> None:
    receiver.answers = [(500, b""), (403, b"")]
    hooked(control, receiver)
    people = [
        {"properties": {"email": f"p{at}@example.com", "lastname": "Doe"}} for at in range(60)
    ]
    control.ok("POST", "hubspot/contacts/create", people)
    wait_until(lambda: done(control), what="every webhook")
    sizes = [len(orjson.loads(body)) for _, body in receiver.taken]
    assert max(sizes) == 100
    attempts = {each["attemptNumber"] for each in receiver.events()}
    assert {0, 1} <= attempts
    assert len({each["objectId"] for each in receiver.events()}) == 60
    [hook] = control.ok("GET", "hooks")
    assert hook["failed"] == 2


def test_a_value_that_stayed_is_no_event(control: Control, receiver: Receiver) -> None:
    contact = add_contact(control, "ada@example.com", firstname="Ada")
    hooked(control, receiver)
    control.ok(
        "POST", "hubspot/contacts/update", {"id": contact, "properties": {"firstname": "Ada"}}
    )
    control.ok("POST", "hubspot/contacts/archive", {"id": contact})
    wait_until(lambda: done(control), what="the webhook")
    assert [each["subscriptionType"] for each in receiver.events()] == ["contact.deletion"]


def test_a_merge_tells_of_all_three_records(control: Control, receiver: Receiver) -> None:
    pair = {"primary": add_contact(control, "a@x.com"), "merged": add_contact(control, "b@x.com")}
    hooked(control, receiver)
    new = control.ok("POST", "hubspot/contacts/merge", pair)["id"]
    wait_until(lambda: done(control), what="the webhook")
    (event,) = receiver.events()
    assert event["subscriptionType"] == "contact.merge"
    assert event["objectId"] == event["primaryObjectId"] == int(pair["primary"])
    assert (event["mergedObjectIds"], event["newObjectId"]) == ([int(pair["merged"])], int(new))


def test_salesforce_sends_rows_until_they_are_acknowledged(
    control: Control, receiver: Receiver, world: World
) -> None:
    receiver.answers = [(200, b"<r><Ack>false</Ack></r>")]
    control.ok("POST", "salesforce/outbound-message", {"url": receiver.address})
    made = control.ok("POST", "salesforce/Contact/insert", {"fields": {"LastName": "Lovelace <3"}})
    wait_until(lambda: done(control), what="the outbound message")
    assert len(receiver.taken) == 2
    texts = [
        {each.tag.rpartition("}")[2]: each.text for each in fromstring(body).iter() if each.text}
        for _, body in receiver.taken
    ]
    assert texts[0] == texts[1]
    assert texts[0]["OrganizationId"] == world.org.organization_id
    assert (texts[0]["LastName"], texts[0]["Id"]) == ("Lovelace <3", made["id"])


def test_nobody_is_told_after_hooks_are_dropped_and_elsewhere_nobody_ever_is(
    control: Control, receiver: Receiver
) -> None:
    hooked(control, receiver)
    assert control.ok("DELETE", "hooks") == []
    add_contact(control, "ada@example.com")
    assert control.ok("GET", "hooks") == []
    assert receiver.taken == []
    elsewhere = {"url": "https://example.com/hook", "secret": SECRET}
    assert "this machine" in control.refused("POST", "hubspot/webhook", elsewhere)
