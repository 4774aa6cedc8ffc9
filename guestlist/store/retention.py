"""Forget what ended long ago: first its values, then, much later, the runs with all their rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, tuple_, update
from sqlalchemy.engine import Connection

from guestlist.domain.outcome import RunKind
from guestlist.store import meta
from guestlist.store.batch import incoming, rows_parameter
from guestlist.store.columns import from_ms, to_ms
from guestlist.store.tables import conflicts, problems, runs, work

STRIPPED = "values.stripped_until"
"""When the last run that was visited ended, and its id."""
RUNS, ROWS = 500, 5000
"""Runs, and rows of them, that one transaction deletes at most: others wait for it."""


def drop_runs(conn: Connection, kinds: Sequence[RunKind], *, before: datetime) -> int | None:
    """Delete the oldest runs of *kinds* that ended before then; how many, all their rows as well.

    ``None``: they have more rows than a transaction deletes, and the runs stay for now.
    """
    old = (
        select(runs.c.id)
        .where(runs.c.kind.in_(kinds), runs.c.finished_at < before)
        .order_by(runs.c.created_at)
        .limit(RUNS)
    )
    ids = list(conn.execute(old).scalars())
    if not ids:
        return 0
    these = rows_parameter([id] for id in ids)
    part = select(work.c.run_id, work.c.key).where(work.c.run_id.in_(incoming("id"))).limit(ROWS)
    rows = delete(work).where(tuple_(work.c.run_id, work.c.key).in_(part))
    if conn.execute(rows, these).rowcount == ROWS:
        return None
    return conn.execute(delete(runs).where(runs.c.id.in_(incoming("id"))), these).rowcount


def strip_runs(conn: Connection, *, before: datetime, limit: int) -> int:
    """Take the facts and changes out of the oldest runs that ended before then; how many runs.

    Each run is visited once: what is kept of it does not grow again.
    """
    at, after = meta.get(conn, STRIPPED) or (0, "")
    since = from_ms(at)
    later = or_(runs.c.finished_at > since, and_(runs.c.finished_at == since, runs.c.id > after))
    old = (
        select(runs.c.id, runs.c.finished_at)
        .where(later, runs.c.finished_at < before)
        .order_by(runs.c.finished_at, runs.c.id)
        .limit(limit)
    )
    ended = conn.execute(old).all()
    for id, _ in ended:
        valued = or_(work.c.facts.is_not(None), work.c.changes.is_not(None))
        row = update(work).where(work.c.run_id == id, valued).values(facts=None, changes=None)
        conn.execute(row)
    if ended:
        last = ended[-1]
        meta.put(conn, STRIPPED, [to_ms(last.finished_at), last.id])
    return len(ended)


def drop_settled(conn: Connection, *, before: datetime) -> int:
    """Delete conflicts decided, and errors solved, before then; what waits for a person stays."""
    waits = conflicts.c.restore_asked_at.is_not(None) & conflicts.c.restored_at.is_(None)
    gone = conn.execute(delete(conflicts).where(conflicts.c.decided_at < before, ~waits)).rowcount
    solved = delete(problems).where(problems.c.resolved_at < before)
    return gone + conn.execute(solved).rowcount
