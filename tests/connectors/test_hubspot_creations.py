"""Creations in HubSpot: each known by its trace, a taken address by its holder."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from guestlist.connectors.hubspot import HubSpot
from guestlist.domain.write import Accepted, HubSpotWrite, Postponed, Refused, Unknown
from sandbox.crm import CRM
from sandbox.faults import Kind
from sandbox.wire import Request, Response
from tests.connectors.serving import Script, json, serving
from tests.connectors.worlds import Served

BATCH_CREATE = "POST *batch/create"


def creation(number: int, **properties: str) -> HubSpotWrite:
    named = {"email": f"new{number}@example.com", "lastname": f"New {number}"}
    return HubSpotWrite(None, {**named, **properties})


def test_creations_are_answered_in_the_order_given(world: Served, hubspot: HubSpot) -> None:
    view = hubspot.on("bulk")

    results = view.write("contacts", [creation(number) for number in range(250)])

    assert view.calls == 3
    ids = [each.id for each in results if isinstance(each, Accepted) and each.created]
    records = hubspot.read("contacts", ids, ["email"])
    addresses = [records[id].properties["email"] for id in ids]
    assert addresses == [f"new{number}@example.com" for number in range(250)]


def test_creations_and_updates_of_one_call_keep_their_places(
    hubspot: HubSpot, people: list[str]
) -> None:
    results = hubspot.write(
        "contacts",
        [HubSpotWrite(people[0], {"city": "Bern"}), creation(1), HubSpotWrite(people[1], {})],
    )

    updated, created, other = results
    assert (updated, other) == (
        Accepted(people[0], created=False),
        Accepted(people[1], created=False),
    )
    assert isinstance(created, Accepted)
    assert created.created


def test_a_taken_address_names_its_holder_and_fails_nobody_else(
    hubspot: HubSpot, people: list[str]
) -> None:
    view = hubspot.on("bulk")
    writes = [creation(number) for number in range(100)]
    writes[41] = creation(41, email="PERSON7@example.com")

    results = view.write("contacts", writes)

    refused = results.pop(41)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.existing_ids) == ("CONFLICT", (people[7],))
    assert all(isinstance(each, Accepted) for each in results)
    assert view.calls == 1


def test_of_two_creations_with_one_address_the_second_is_refused(hubspot: HubSpot) -> None:
    first, second = hubspot.write("contacts", [creation(1), creation(1)])

    assert isinstance(first, Accepted)
    assert isinstance(second, Refused)
    assert second.code == "CONFLICT"


def test_a_bad_value_among_creations_fails_alone(hubspot: HubSpot) -> None:
    writes = [creation(number) for number in range(100)]
    writes[13] = creation(13, lifecyclestage="no such stage")

    results = hubspot.write("contacts", writes)

    refused = results.pop(13)
    assert isinstance(refused, Refused)
    assert refused.fields == ("lifecyclestage",)
    assert all(isinstance(each, Accepted) for each in results)


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200])
def test_b1_a_lost_answer_leaves_its_creations_open_and_sends_no_more(
    world: Served, hubspot: HubSpot, people: list[str], kind: Kind
) -> None:
    world.fault(CRM.HUBSPOT, kind, BATCH_CREATE, after=1, times=1)
    writes = [creation(number) for number in range(250)]

    results = hubspot.write("contacts", [HubSpotWrite(people[0], {"city": "Bern"}), *writes])

    kinds = [type(each) for each in results]
    assert kinds == [Postponed] + [Accepted] * 100 + [Unknown] * 100 + [Postponed] * 50


# Answers the sandbox never gives --------------------------------------------------------------


def _refusing(address: str, status: int, **body: Any) -> Callable[[Request], Response]:
    """A portal that refuses whole batches with that address in them, as without trace ids."""

    def app(request: Request) -> Response:
        inputs = orjson.loads(request.body)["inputs"]
        if any(each["properties"]["email"] == address for each in inputs):
            return json(status, {"status": "error", **body})
        rows = [{"id": each["properties"]["email"], "properties": {}, **each} for each in inputs]
        return json(201, {"status": "COMPLETE", "results": rows})

    return app


@pytest.mark.parametrize(
    ("status", "code"), [(409, "CONFLICT"), (400, "VALIDATION_ERROR")], ids=["409", "400"]
)
def test_a_batch_of_creations_refused_as_a_whole_is_split_down_to_its_culprit(
    hubspot_at: Callable[..., HubSpot], status: int, code: str
) -> None:
    writes = [creation(number) for number in range(100)]
    app = _refusing("new37@example.com", status, message="Contact already exists", category=code)
    with serving(app) as address:
        client = hubspot_at(address)
        results = client.write("contacts", writes)

    refused = results.pop(37)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.existing_ids) == (code, ())
    assert all(isinstance(each, Accepted) for each in results)
    assert client.calls <= 15  # 2 log2(100) + 1


def test_results_without_a_trace_are_known_by_the_address_they_show(
    hubspot_at: Callable[..., HubSpot],
) -> None:
    """The recorded 207 has trace ids in its errors only."""
    writes = [creation(0), creation(1), HubSpotWrite(None, {"lastname": "Nobody"})]
    rows = [
        {"id": "12", "properties": {"lastname": "Nobody", "createdate": "2026-03-02T12:00:00Z"}},
        {"id": "11", "properties": {"email": "new1@example.com", "lastname": "other"}},
    ]
    conflict = {
        "status": "error",
        "category": "CONFLICT",
        "message": "Contact already exists. Existing ID: 7",
        "context": {"objectWriteTraceId": ["0"], "existingId": ["7"]},
    }
    body = {"status": "COMPLETE", "results": rows, "errors": [conflict], "numErrors": 1}
    with serving(Script(json(207, body))) as address:
        first, second, third = hubspot_at(address).write("contacts", writes)

    assert isinstance(first, Refused)
    assert first.existing_ids == ("7",)
    assert second == Accepted("11", created=True)
    assert third == Accepted("12", created=True)


def _without_traces(rows: list[dict[str, Any]]) -> Response:
    return json(201, {"results": rows})


def test_of_two_that_were_sent_alike_each_gets_one(hubspot_at: Callable[..., HubSpot]) -> None:
    same = [HubSpotWrite(None, {"lastname": "Same"}) for _ in range(2)]
    rows = [{"id": str(number), "properties": {"lastname": "Same"}} for number in range(2)]
    with serving(Script(_without_traces(rows))) as address:
        results = hubspot_at(address).write("contacts", same)

    assert results == [Accepted("0", created=True), Accepted("1", created=True)]


def test_two_that_only_show_the_same_are_left_open(hubspot_at: Callable[..., HubSpot]) -> None:
    writes = [HubSpotWrite(None, {"email": "a@example.com", "city": city}) for city in ("X", "Y")]
    rows = [{"id": str(number), "properties": {"email": "a@example.com"}} for number in range(2)]
    with serving(Script(_without_traces(rows))) as address:
        results = hubspot_at(address).write("contacts", writes)

    assert all(isinstance(each, Unknown) for each in results)


def test_the_last_one_without_an_answer_is_who_shows_another_value(
    hubspot_at: Callable[..., HubSpot],
) -> None:
    writes = [HubSpotWrite(None, {"name": name, "domain": f"{name}.example"}) for name in "ab"]
    rows = [
        {"id": "2", "properties": {"name": "b", "domain": "as-hubspot-writes-it.example"}},
        {"id": "1", "properties": {"name": "a", "domain": "a.example"}},
    ]
    with serving(Script(_without_traces(rows))) as address:
        results = hubspot_at(address).write("companies", writes)

    assert results == [Accepted("1", created=True), Accepted("2", created=True)]
