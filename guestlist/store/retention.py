"""Take the values out of what ended long ago; ids, outcomes, reasons, times and counts stay."""

from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.engine import Connection

from guestlist.store import meta
from guestlist.store.columns import from_ms, to_ms
from guestlist.store.tables import conflicts, problems, runs, work

STRIPPED = "values.stripped_until"
"""When the last run that was visited ended, and its id."""


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
