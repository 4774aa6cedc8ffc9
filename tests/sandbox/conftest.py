import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from sandbox.clock import Clock
from sandbox.mount import Addresses, serve
from sandbox.world import World

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def standing_clock() -> Clock:
    clock = Clock()
    clock.freeze(NOON)
    return clock


@dataclass(frozen=True)
class Control:
    """A client of the control API."""

    address: str

    def __call__(self, method: str, route: str, given: Any = None) -> requests.Response:
        url = f"{self.address}/sandbox/{route}"
        return requests.request(method, url, json=given, timeout=30)

    def ok(self, method: str, route: str, given: Any = None) -> Any:
        answer = self(method, route, given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, method: str, route: str, given: Any = None) -> str:
        answer = self(method, route, given)
        assert answer.status_code == 400, answer.text
        return str(answer.json()["error"])


def lines(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def add_contact(control: Control, email: str, **properties: str) -> str:
    given = {"properties": {"email": email, "lastname": "Doe", **properties}}
    made: str = control.ok("POST", "hubspot/contacts/create", given)["id"]
    return made


@pytest.fixture
def world() -> World:
    """An empty world whose clock stands still."""
    return World("tests", clock=standing_clock())


@pytest.fixture
def served(world: World) -> Iterator[Addresses]:
    with serve(world) as addresses:
        yield addresses


@pytest.fixture
def control(served: Addresses) -> Control:
    return Control(served.salesforce)


@pytest.fixture
def hubspot(served: Addresses, world: World) -> Callable[..., requests.Response]:
    """Call HubSpot as the product does."""
    session_headers = {"Authorization": f"Bearer {world.credentials.hubspot_token}"}

    def call(method: str, path: str, **options: Any) -> requests.Response:
        headers = {**session_headers, **options.pop("headers", {})}
        return requests.request(
            method, served.hubspot + path, headers=headers, timeout=30, **options
        )

    return call
