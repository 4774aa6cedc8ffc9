"""What a process does between its calls, and until when it has nothing to do."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from guestlist.connectors.http import Answer, Transport
from guestlist.domain.outcome import RunState
from guestlist.engine.services import Services
from guestlist.store.tables import runs, work

Watch = Callable[[str, str, bytes], None]
"""Takes a call's method, address and body."""


class Missed(BaseException):
    """What no task ends with."""


class Unkept:
    """Renews no lease: time goes by in leaps here, and a test says who sleeps through which."""

    def __init__(self, _lease_s: float) -> None:
        pass

    def keep(self, _renew: Callable[[], bool]) -> AbstractContextManager[None]:
        return nullcontext()


class Watched(Transport):
    """Lets the test act before each call, outside of the call's own time limit."""

    def __init__(self, watches: Sequence[Watch], **more: Any) -> None:
        super().__init__(**more)
        self._watches = watches

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        for watch in tuple(self._watches):
            watch(method, url, body)
        return super().send(method, url, headers=headers, body=body)


def next_due(services: Services) -> datetime | None:
    """When a sweep finds something to do at the earliest; ``None``: never again."""
    after = timedelta(seconds=services.settings.flow.dispatch_after_s)
    rows = (
        select(work.c.due_at, work.c.dispatched_at)
        .join(runs, runs.c.id == work.c.run_id)
        .where(work.c.due_at.is_not(None), runs.c.state != RunState.PAUSED)
    )
    producers = select(runs.c.producer_until).where(
        runs.c.enumerating, runs.c.state == RunState.RUNNING
    )
    with services.database.read() as connection:
        due = [
            max(due_at, sent_at + after) if sent_at else due_at
            for due_at, sent_at in connection.execute(rows)
        ]
        due += [until or services.clock() for until in connection.execute(producers).scalars()]
    return min(due, default=None)
