import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from sandbox.clock import Clock
from sandbox.hubspot.portal import Portal
from sandbox.journal import Journal
from sandbox.wire import Request, Response

TOKEN = "pat-na1-test"
Api = Callable[..., tuple[int, Any]]


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.freeze(datetime(2026, 10, 5, 14, 30, tzinfo=UTC))
    return clock


@pytest.fixture
def portal(clock: Clock) -> Portal:
    journal = Journal()
    portal = Portal(clock, journal, random.Random(7))
    journal.membership = portal.membership
    portal.tokens[TOKEN] = "guestlist"
    return portal


class Caller:
    """Asks the portal and returns status and parsed body; ``last`` keeps the whole response."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.token = TOKEN
        self.last = Response(0)

    def __call__(
        self, method: str, path: str, body: Any = None, *, headers: Any = None, **query: str
    ) -> tuple[int, Any]:
        sent = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        given = {"authorization": f"Bearer {self.token}", **(headers or {})}
        self.last = self.portal.handle(Request(method, path, query, given, sent))
        return self.last.status, orjson.loads(self.last.body) if self.last.body else None


@pytest.fixture
def api(portal: Portal) -> Caller:
    return Caller(portal)


@pytest.fixture
def wait(clock: Clock) -> Callable[[float], None]:
    """Let the sandbox clock run on by some seconds."""
    return lambda seconds: clock.move(timedelta(seconds=seconds))
