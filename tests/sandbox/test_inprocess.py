from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from sandbox.crm import CRM
from sandbox.faults import Kind, Rule, When
from sandbox.inprocess import session
from sandbox.mount import serve
from sandbox.wire import Request
from sandbox.world import World

HUBSPOT = "http://hubspot.test"
CONTACTS = f"{HUBSPOT}/crm/v3/objects/contacts"
Call = Callable[..., requests.Response]


@pytest.fixture
def seen() -> list[str]:
    return []


@pytest.fixture
def call(world: World, seen: list[str]) -> Call:
    def watch(crm: CRM, request: Request) -> None:
        seen.append(f"{crm} {request.method} {request.path}")

    addresses = {CRM.HUBSPOT: HUBSPOT, CRM.SALESFORCE: "http://salesforce.test"}
    calls = session(world, addresses, watch=watch)
    calls.headers["Authorization"] = f"Bearer {world.credentials.hubspot_token}"
    return calls.request


def create(call: Call, email: str = "a@example.com", **options: Any) -> requests.Response:
    return call("POST", CONTACTS, json={"properties": {"email": email}}, **options)


def test_a_call_is_answered_as_over_the_wire(world: World, call: Call) -> None:
    made = create(call)
    over_socket = {}
    with serve(world) as addresses:
        over_socket = requests.get(
            f"{addresses.hubspot}/crm/v3/objects/contacts/{made.json()['id']}",
            headers={"Authorization": f"Bearer {world.credentials.hubspot_token}"},
            timeout=10,
        ).json()
    assert made.status_code == 201
    assert call("GET", f"{CONTACTS}/{made.json()['id']}").json() == over_socket
    assert made.headers["date"] == "Mon, 02 Mar 2026 12:00:00 GMT"


def test_control_is_mounted_too(call: Call) -> None:
    assert call("GET", f"{HUBSPOT}/sandbox/state").status_code == 403
    headers = {"Host": "localhost"}
    assert call("GET", f"{HUBSPOT}/sandbox/state", headers=headers).json()["seed"] == "tests"


def test_the_watcher_sees_each_request_before_it_counts(call: Call, seen: list[str]) -> None:
    create(call)
    assert seen == ["hubspot POST /crm/v3/objects/contacts"]


def test_a_lost_response_was_applied(world: World, call: Call) -> None:
    world.faults.add(Rule(CRM.HUBSPOT, Kind.LOST_RESPONSE))
    with pytest.raises(requests.ConnectionError):
        create(call)
    assert len(world.journal.entries) == 1


def test_a_duplicate_is_applied_twice(world: World, call: Call) -> None:
    world.faults.add(Rule(CRM.HUBSPOT, Kind.DUPLICATE))
    assert create(call).status_code == 409
    assert len(world.journal.entries) == 1


def test_a_cut_body_is_noticed(world: World, call: Call) -> None:
    world.faults.add(Rule(CRM.HUBSPOT, Kind.TRUNCATE))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        create(call)
    assert len(world.journal.entries) == 1


def test_a_status_is_answered_without_being_applied(world: World, call: Call) -> None:
    world.faults.add(Rule(CRM.HUBSPOT, Kind.STATUS, status=429))
    assert create(call).status_code == 429
    assert world.journal.entries == []


def test_a_delay_moves_the_clock(world: World, call: Call) -> None:
    start = world.clock.timestamp()
    world.faults.add(Rule(CRM.HUBSPOT, Kind.DELAY, seconds=4))
    assert create(call, timeout=5).status_code == 201
    assert world.clock.timestamp() == start + 4


@pytest.mark.parametrize("timeout", [2, (1, 2)])
def test_a_held_answer_past_the_limit_was_applied(world: World, call: Call, timeout: Any) -> None:
    start = world.clock.timestamp()
    world.faults.add(Rule(CRM.HUBSPOT, Kind.DELAY, seconds=60))
    with pytest.raises(requests.ReadTimeout):
        create(call, timeout=timeout)
    assert world.clock.timestamp() == start + 2
    assert len(world.journal.entries) == 1


def test_a_zombie_lands_when_its_time_has_come(world: World, call: Call) -> None:
    start = world.clock.timestamp()
    delay = Rule(CRM.HUBSPOT, Kind.DELAY, seconds=60, when=When.BEFORE, times=1)
    world.faults.add(delay)
    with pytest.raises(requests.ReadTimeout):
        create(call, timeout=2)
    call("GET", CONTACTS)
    assert world.journal.entries == []
    world.clock.move(timedelta(seconds=58))
    assert world.clock.timestamp() == start + 60
    assert len(call("GET", CONTACTS).json()["results"]) == 1


def test_head_has_no_body(call: Call) -> None:
    answer = call("HEAD", CONTACTS)
    assert (answer.status_code, answer.content) == (200, b"")
