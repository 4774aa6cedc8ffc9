"""The small runs that polls make: how much of them waits, and how their records ended."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.engine import Connection

from guestlist.domain.membership import Looked
from guestlist.domain.outcome import RunKind, WorkState
from guestlist.store.batch import incoming, rows_parameter
from guestlist.store.tables import runs, work

_IN_FLIGHT = (
    select(func.count())
    .select_from(runs.join(work, work.c.run_id == runs.c.id))
    .where(
        runs.c.object == bindparam("of_object"),
        runs.c.kind == bindparam("of_kind"),
        runs.c.finished_at.is_(None),
        work.c.due_at.is_not(None),
        work.c.state.in_((WorkState.QUEUED, WorkState.CLAIMED)),
    )
)


def in_flight(conn: Connection, object: str, kind: RunKind) -> int:
    """How many records of such runs are queued or held by a worker."""
    return conn.execute(_IN_FLIGHT, {"of_object": object, "of_kind": kind}).scalar_one()


def looks(conn: Connection, object: str, keys: Iterable[str], *, since: datetime) -> list[Looked]:
    """How looks at these records ended since then, in runs of any kind."""
    query = (
        select(work.c.key, work.c.outcome, work.c.reason, work.c.finished_at)
        .join_from(runs, work, work.c.run_id == runs.c.id)
        .where(
            runs.c.object == object,
            or_(runs.c.finished_at.is_(None), runs.c.finished_at >= since),
            work.c.key.in_(incoming("key")),
            work.c.finished_at >= since,
            work.c.outcome.is_not(None),
            work.c.reason.is_not(None),
        )
    )
    rows = conn.execute(query, rows_parameter([key] for key in keys))
    return [
        Looked(key, outcome, reason, finished_at)
        for key, outcome, reason, finished_at in rows
        if outcome is not None and reason is not None and finished_at is not None
    ]
