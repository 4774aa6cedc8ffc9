"""Work rows for people to read: counts, pages and the history of one record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from guestlist.domain.outcome import Outcome, WorkState
from guestlist.domain.reason import Reason
from guestlist.domain.write import Change
from guestlist.store.tables import runs, work


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a run are in one place."""

    state: WorkState
    outcome: Outcome | None
    reason: Reason | None
    count: int


class WorkRow(NamedTuple):
    """One record in one run."""

    run_id: str
    key: str
    state: WorkState
    outcome: Outcome | None
    reason: Reason | None
    facts: Mapping[str, str]
    changes: Sequence[Change]
    twin: tuple[str, str] | None
    attempts: int
    due_at: datetime | None
    proof_at: datetime | None
    finished_at: datetime | None


_COLUMNS = (
    work.c.run_id,
    work.c.key,
    work.c.state,
    work.c.outcome,
    work.c.reason,
    work.c.facts,
    work.c.changes,
    work.c.twin_type,
    work.c.twin_id,
    work.c.attempts,
    work.c.due_at,
    work.c.proof_at,
    work.c.finished_at,
)


def outcomes(conn: Connection, run_id: str) -> list[Tally]:
    """Counts by state, outcome and reason, the largest first."""
    place = (work.c.state, work.c.outcome, work.c.reason)
    query = select(*place, func.count()).where(work.c.run_id == run_id).group_by(*place)
    return sorted((Tally(*row) for row in conn.execute(query)), key=lambda tally: -tally.count)


def page(
    conn: Connection,
    run_id: str,
    *,
    state: WorkState | None = None,
    outcome: Outcome | None = None,
    reason: Reason | None = None,
    key: str | None = None,
    after_key: str = "",
    limit: int = 100,
) -> list[WorkRow]:
    """Rows of a run by key, those after *after_key*; or that of one *key*."""
    query = (
        select(*_COLUMNS)
        .where(work.c.run_id == run_id, work.c.key > after_key)
        .order_by(work.c.key)
        .limit(limit)
    )
    for column, wanted in (
        (work.c.state, state),
        (work.c.outcome, outcome),
        (work.c.reason, reason),
        (work.c.key, key),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    return [_loaded(row) for row in conn.execute(query)]


def history(
    conn: Connection, object: str, keys: Sequence[str], *, limit: int = 20
) -> list[WorkRow]:
    """What became of one record, newest run first; *keys* are all the names it has."""
    query = (
        select(*_COLUMNS)
        .join_from(runs, work, work.c.run_id == runs.c.id)
        .where(runs.c.object == object, work.c.key.in_(keys))
        .order_by(runs.c.created_at.desc())
        .limit(limit)
    )
    return [_loaded(row) for row in conn.execute(query)]


def _loaded(row: Sequence[Any]) -> WorkRow:
    run_id, key, state, outcome, reason, facts, changes, twin_type, twin_id, *rest = row
    twin = None if twin_type is None else (twin_type, twin_id)
    written = tuple(Change(*change) for change in changes or ())
    return WorkRow(run_id, key, state, outcome, reason, facts or {}, written, twin, *rest)
