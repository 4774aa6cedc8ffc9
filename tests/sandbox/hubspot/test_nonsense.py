"""Wrong input of every kind to every call: HubSpot's own 4xx, never a mistake of the sandbox."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from sandbox.hubspot.portal import Portal
from sandbox.wire import Request
from tests.sandbox.hubspot.conftest import TOKEN, Caller
from tests.sandbox.hubspot.filter_branches import nested
from tests.sandbox.hubspot.valid_calls import CONTACTS, LISTS, Sent, valid_calls

NONSENSE: tuple[Any, ...] = (
    *(nested(300), None, True, -1, 1.5, 10**30, [], ["x", 5], [None], [[]], {}, {"id": {}}),
    *("", "x", "²²²²²", "--55555", "9" * 5000, "inf", "nan", "\x00"),
)
NO_BODIES = (b"", b"{", b"\xff\xfe", b"null", b"[]", b'"x"', b"[" * 900 + b"]" * 900)


@pytest.fixture
def calls(portal: Portal) -> list[Sent]:
    portal.options.limits_enabled = False
    return valid_calls(portal)


def send(portal: Portal, sent: Sent, *, raw: bytes | None = None) -> int:
    """Return the status; what the sandbox fails on raises."""
    body = json.dumps(sent.body).encode() if raw is None and sent.body is not None else raw or b""
    head = {"authorization": f"Bearer {TOKEN}"}
    return portal.handle(Request(sent.method, sent.path, sent.query, head, body)).status


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every part of a body."""
    yield way
    items = value.items() if isinstance(value, dict) else ()
    for key, part in enumerate(value) if isinstance(value, list) else items:
        yield from places(part, (*way, key))


def put(body: Any, way: tuple[Any, ...], wrong: Any) -> Any:
    """Return the body with another part in one place."""
    if not way:
        return wrong
    changed = deepcopy(body)
    part = changed
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = wrong
    return changed


def test_the_valid_calls_are_valid(portal: Portal, calls: list[Sent]) -> None:
    for sent in calls:
        assert send(portal, sent) < 300, sent


def test_no_body_is_a_mistake_of_the_sandbox(portal: Portal, calls: list[Sent]) -> None:
    for sent in calls:
        if sent.body is None:
            continue
        for raw in NO_BODIES:
            status = send(portal, sent, raw=raw)
            assert status in {400, 404} or raw == b"[]", (sent, raw)
        for way in places(sent.body):
            for wrong in NONSENSE:
                send(portal, sent._replace(body=put(sent.body, way, wrong)))
    portal.load(json.loads(json.dumps(portal.dump())))
    assert send(portal, Sent("GET", CONTACTS)) == 200


def test_no_query_and_no_path_is_a_mistake_of_the_sandbox(
    portal: Portal, calls: list[Sent]
) -> None:
    words = [wrong for wrong in NONSENSE if isinstance(wrong, str)]
    for sent in calls:
        for wrong in words:
            for name in sent.query:
                send(portal, sent._replace(query={**sent.query, name: wrong}))
            parts = sent.path.split("/")
            for place in range(3, len(parts)):
                path = "/".join([*parts[:place], wrong, *parts[place + 1 :]])
                assert send(portal, sent._replace(path=path)) != 500


@pytest.mark.parametrize(
    ("found", "kind", "token"),
    [
        ({}, "Object", "START_OBJECT"),
        ([1], "Array", "START_ARRAY"),
    ],
)
def test_a_value_that_is_no_text_has_the_words_of_a_parser(
    api: Caller, found: Any, kind: str, token: str
) -> None:
    status, body = api("POST", CONTACTS, {"properties": {"email": found}})
    assert status == 400
    assert body["message"].endswith(
        "Cannot deserialize value of type `java.lang.String` "
        f"from {kind} value (token `JsonToken.{token}`)"
    )
    assert "category" not in body


def test_a_wrong_type_fails_the_whole_batch_with_trace_ids_too(api: Caller, portal) -> None:
    inputs = [
        {"objectWriteTraceId": "1", "properties": {"email": "a@example.com"}},
        {"objectWriteTraceId": "2", "properties": {"email": ["b@example.com"]}},
    ]
    assert api("POST", f"{CONTACTS}/batch/create", {"inputs": inputs})[0] == 400
    assert not portal.journal.entries


@pytest.mark.parametrize(
    ("path", "body", "missing"),
    [
        (CONTACTS, {}, "properties"),
        (f"{CONTACTS}/batch/read", {}, "inputs"),
        (f"{CONTACTS}/batch/update", {"inputs": [{"properties": {}}]}, "id"),
        (f"{CONTACTS}/merge", {"primaryObjectId": "1"}, "objectIdToMerge"),
        (LISTS, {"name": "x"}, "objectTypeId, processingType"),
        ("/crm/v3/properties/contacts/groups", {"name": "x"}, "label"),
    ],
)
def test_what_is_not_set_is_named(api: Caller, path: str, body: Any, missing: str) -> None:
    status, answer = api("POST", path, body)
    assert (status, answer["category"]) == (400, "VALIDATION_ERROR")
    assert answer["message"].endswith(f"Some required fields were not set: [{missing}]")


@pytest.mark.parametrize("value", ["inf", "nan", "1_000", "0x10", "1e999", "²"])
def test_a_number_is_one_that_everybody_reads_so(api: Caller, value: str) -> None:
    sent = {"properties": {"email": "a@example.com", "followercount": value}}
    status, body = api("POST", CONTACTS, sent)
    assert (status, body["errors"][0]["code"]) == (400, "INVALID_LONG")


def test_a_number_with_an_exponent_is_refused_in_words_of_its_own(api: Caller) -> None:
    sent = {"properties": {"email": "a@example.com", "followercount": "1.4e-14"}}
    (error,) = api("POST", CONTACTS, sent)[1]["errors"]
    assert (error["code"], error["message"]) == (
        "INVALID_INTEGER",
        "1.4e-14 was not a valid number.",
    )
