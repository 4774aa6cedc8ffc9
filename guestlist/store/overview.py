"""What the console's pages ask of the state: totals, ages and pages, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.engine import Connection

from guestlist.domain.outcome import Outcome, RunKind, RunState, WorkState
from guestlist.domain.reason import Reason
from guestlist.store.columns import Instant
from guestlist.store.runs import Run
from guestlist.store.tables import audit, links, problems, runs, work


class Noted(NamedTuple):
    """One line of the audit, with the number that pages go by."""

    id: int
    at: datetime
    who: str
    what: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """Open sync errors with one reason."""

    reason: Reason
    count: int
    new: int
    """Of these, first seen since the moment asked for."""


_RUN = [runs.c[name] for name in Run.__dataclass_fields__]


def runs_page(
    conn: Connection,
    *,
    before: str | None = None,
    object: str | None = None,
    states: Sequence[RunState] = (),
    kinds: Sequence[RunKind] = (),
    limit: int,
) -> list[Run]:
    """Runs that began before the run *before*, newest first."""
    query = select(*_RUN).order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
    if before is not None:
        at = select(runs.c.created_at).where(runs.c.id == before).scalar_subquery()
        older = or_(runs.c.created_at < at, and_(runs.c.created_at == at, runs.c.id < before))
        query = query.where(older)
    if object is not None:
        query = query.where(runs.c.object == object)
    if states:
        query = query.where(runs.c.state.in_(states))
    if kinds:
        query = query.where(runs.c.kind.in_(kinds))
    return [Run(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001


def audit_page(
    conn: Connection,
    *,
    before: int | None = None,
    what: str | None = None,
    who: str | None = None,
    limit: int,
) -> list[Noted]:
    """Lines of the audit before the line *before*, newest first; *what* may be a beginning."""
    columns = [audit.c[name] for name in Noted._fields]
    query = select(*columns).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    if what:
        query = query.where(audit.c.what.startswith(what, autoescape=True))
    if who:
        query = query.where(audit.c.who == who)
    return [Noted(*row) for row in conn.execute(query)]


def open_errors(conn: Connection, *, since: datetime, object: str | None = None) -> list[Counted]:
    """Open sync errors by reason, the most frequent first."""
    new = func.count().filter(problems.c.first_at >= since)
    query = (
        select(problems.c.reason, func.count(), new)
        .where(problems.c.resolved_at.is_(None), problems.c.ignored_at.is_(None))
        .group_by(problems.c.reason)
    )
    if object is not None:
        query = query.where(problems.c.object == object)
    found = [Counted(*row) for row in conn.execute(query)]
    return sorted(found, key=lambda each: -each.count)


def open_count(
    conn: Connection, *, object: str | None = None, fingerprint: str | None = None
) -> int:
    """How many records have an open sync error."""
    query = select(func.count()).where(
        problems.c.resolved_at.is_(None), problems.c.ignored_at.is_(None)
    )
    if object is not None:
        query = query.where(problems.c.object == object)
    if fingerprint is not None:
        query = query.where(problems.c.fingerprint == fingerprint)
    return conn.execute(query).scalar_one()


def oldest_waiting(conn: Connection, run_id: str) -> datetime | None:
    """Since when the run's longest-waiting record could be taken; ``None``: none can."""
    query = select(func.min(work.c.due_at, type_=Instant)).where(
        work.c.run_id == run_id,
        work.c.due_at.is_not(None),
        work.c.state == WorkState.QUEUED,
    )
    oldest: datetime | None = conn.execute(query).scalar_one()
    return oldest


def first_run_at(conn: Connection) -> datetime | None:
    """When the first run that is kept began; ``None``: there is none."""
    query = select(func.min(runs.c.created_at, type_=Instant))
    first: datetime | None = conn.execute(query).scalar_one()
    return first


def totals(conn: Connection) -> dict[tuple[str, Outcome], int]:
    """Records by object and outcome, over all runs that are kept."""
    columns = [func.coalesce(func.sum(runs.c[outcome.value]), 0) for outcome in Outcome]
    query = select(runs.c.object, *columns).group_by(runs.c.object)
    return {
        (name, outcome): int(count)
        for name, *counts in conn.execute(query)
        for outcome, count in zip(Outcome, counts, strict=True)
    }


def calls(conn: Connection) -> dict[str, int]:
    """API calls by CRM, over all runs that are kept."""
    names = ("hubspot", "salesforce")
    sums = [func.coalesce(func.sum(runs.c[f"{name}_calls"]), 0) for name in names]
    row = conn.execute(select(*sums)).one()
    return {name: int(count) for name, count in zip(names, row, strict=True)}


def link_count(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(links)).scalar_one()
