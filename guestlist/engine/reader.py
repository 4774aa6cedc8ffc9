"""Read one stream: a lease, and pages whose cursor and work rows go into one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from guestlist import failpoint
from guestlist.domain.cursor import due_before
from guestlist.domain.outcome import RunKind, RunState
from guestlist.domain.pack import chunks
from guestlist.engine.services import Services
from guestlist.store import cursors, polled, runs, work
from guestlist.store.cursors import Place
from schemas.records import Cursor
from schemas.settings import Lane

LONGEST = timedelta(seconds=240)
"""A look that takes longer goes on in the next task: no task runs for ever."""
BY = "guestlist"
"""Who asked for the runs that polls make."""


class Found(NamedTuple):
    """Records that need a look, and when they were proved to be in the list."""

    kind: RunKind
    keys: Sequence[str]
    proof_at: datetime | None = None


@dataclass(slots=True)
class Reader:
    """One look at one stream, while its lease is ours."""

    services: Services
    object: str
    place: Place
    holder: str
    began_at: datetime
    list_id: str | None = None
    found: int = 0
    """Records queued so far."""
    ended: bool = False
    _runs: dict[RunKind, str] = field(default_factory=dict)

    def renew(self) -> bool:
        """Hold on to the stream; ``False``: it is somebody else's by now."""
        until = self.services.lease_until()
        of = (self.object, self.place.stream)
        with self.services.database.begin() as connection:
            return cursors.renew(connection, *of, holder=self.holder, until=until)

    def move(
        self,
        cursor: Cursor,
        *,
        token: str | None,
        done: bool,
        find: Callable[[Connection], Sequence[Found]] = lambda _: (),
    ) -> bool:
        """Go on from *cursor*, and queue what *find* finds, in one transaction.

        *done* ends the look.  ``False``: the stream is somebody else's by now, nothing was done.
        """

        def unit(conn: Connection) -> list[tuple[str, Found]] | None:
            if not self._set(conn, cursor, token=token, done=done):
                return None
            queued = [(self._queue(conn, each), each) for each in find(conn) if each.keys]
            failpoint.hit("poll.rows_inserted")
            return queued

        queued = self.services.database.run(unit)
        if queued is None:
            return False
        self.ended = done
        failpoint.hit("poll.watermark_committed")
        for run_id, found in queued:
            self.found += len(found.keys)
            self._publish(run_id, found.keys)
        return True

    @property
    def tired(self) -> bool:
        """True when the rest is for the next task."""
        return self.services.clock() - self.began_at > LONGEST

    def full(self, kind: RunKind) -> bool:
        """Tell whether enough of what was found waits already, or the look took long enough."""
        if self.tired:
            return True
        with self.services.database.read() as connection:
            waiting = polled.in_flight(connection, self.object, kind)
        return waiting >= self.services.settings.flow.in_flight

    def _set(self, conn: Connection, cursor: Cursor, *, token: str | None, done: bool) -> bool:
        now, of = self.services.clock(), (self.object, self.place.stream, cursor)
        if done:
            return cursors.end(conn, *of, holder=self.holder, token=token, looked_at=now)
        until = self.services.lease_until()
        return cursors.move(conn, *of, holder=self.holder, token=token, until=until)

    def _queue(self, conn: Connection, found: Found) -> str:
        """Add rows to this look's run of their kind; it may have come to its end meanwhile."""
        now = self.services.clock()
        run_id = self._runs.get(found.kind)
        if run_id is None or runs.lock(conn, run_id) is not RunState.RUNNING:
            run_id = self._create(conn, found.kind, now)
            self._runs[found.kind] = run_id
        rows = [(key, found.proof_at) for key in dict.fromkeys(found.keys)]
        added = work.add(conn, run_id, rows, now=now)
        runs.checkpoint(conn, run_id, cursor=None, added=added, enumerating=False)
        runs.finish_if_done(conn, run_id, now)
        return run_id

    def _create(self, conn: Connection, kind: RunKind, now: datetime) -> str:
        run_id = f"{kind[0]}_{self.services.new_id()}"
        runs.create(
            conn,
            run_id,
            kind=kind,
            object=self.object,
            lane=Lane.CHANGES,
            requested_by=BY,
            now=now,
            enumerating=False,
            list_id=self.list_id,
            settings_version=self.services.settings_version,
        )
        return run_id

    def _publish(self, run_id: str, keys: Sequence[str]) -> None:
        width = self.services.settings.lanes[Lane.CHANGES].width
        for part in chunks(list(dict.fromkeys(keys)), width):
            self.services.publisher.sync(run_id, part, lane=Lane.CHANGES)


@contextmanager
def reading(
    services: Services,
    object: str,
    stream: str,
    *,
    every_s: float,
    unfinished: bool = False,
    list_id: str | None = None,
) -> Iterator[Reader | None]:
    """Hold a stream for one look; ``None``: it is not due, not there, or another holds it.

    *unfinished*: one whose last look broke off is always due.
    """
    now, holder = services.clock(), services.new_id()
    with services.database.begin() as connection:
        place = cursors.take(
            connection,
            object,
            stream,
            holder=holder,
            until=services.lease_until(),
            now=now,
            due_before=due_before(now, timedelta(seconds=every_s)),
            unfinished=unfinished,
        )
    if place is None:
        yield None
        return
    reader = Reader(services, object, place, holder, now, list_id)
    try:
        with services.keeper.keep(reader.renew):
            yield reader
    finally:
        if not reader.ended:
            with services.database.begin() as connection:
                cursors.release(connection, object, stream, holder)
