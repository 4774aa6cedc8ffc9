"""Processes that die at one exact step: before or after a call, or a transaction's end."""

from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import BaseAdapter
from sqlalchemy import event

from guestlist.engine.services import Services
from tests.engine.world import ADDRESSES, Installation


class Killed(BaseException):
    """What ends a process that was killed: nothing of ours catches it."""


class Tripwire:
    """Counts a process's steps and kills it at the *at*-th; after that it does nothing any more.

    Not even the ``finally`` blocks of a killed process reach a CRM or the database.
    """

    def __init__(self, at: int) -> None:
        self.at = at
        self.steps = 0
        self.sprung = False
        self.where = ""

    def step(self, where: str) -> None:
        if self.sprung:
            raise Killed
        self.steps += 1
        if self.steps == self.at:
            self.sprung = True
            self.where = where
            raise Killed


class _Tripping(BaseAdapter):
    """Steps before a request is sent, and after the CRM has done what it asked for."""

    def __init__(self, inner: BaseAdapter, wire: Tripwire) -> None:
        super().__init__()
        self._inner = inner
        self._wire = wire

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:  # type: ignore[override]
        self._wire.step(f"before {request.method} {request.path_url}")
        answer = self._inner.send(request, **more)
        self._wire.step(f"after {request.method} {request.path_url}")
        return answer

    def close(self) -> None:
        self._inner.close()


def doomed(here: Installation, wire: Tripwire) -> Services:
    """Start a process that *wire* kills."""
    made = here.worker(sessions=_sessions(here, wire))
    engine = made.database.engine
    event.listen(engine, "begin", lambda _connection: wire.step("begin"), insert=True)
    event.listen(engine, "commit", lambda _connection: wire.step("commit"))
    return made


def _sessions(here: Installation, wire: Tripwire) -> Callable[[], requests.Session]:
    def make() -> requests.Session:
        session = here.session()
        for address in ADDRESSES.values():
            session.mount(address, _Tripping(session.get_adapter(address), wire))
        return session

    return make
