"""Runs: what was asked for, how far it is, and counts that always add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select, update
from sqlalchemy.engine import Connection

from guestlist.domain.outcome import Outcome, RunKind, RunState
from guestlist.domain.reason import Reason
from guestlist.store import run_statements as statements
from guestlist.store.tables import runs

LIVE = statements.LIVE
ENDED_EARLY = statements.ENDED_EARLY

ALLOWED_FROM: dict[RunState, tuple[RunState, ...]] = {
    RunState.RUNNING: (RunState.PAUSED,),
    RunState.PAUSED: (RunState.RUNNING,),
    RunState.CANCELLED: LIVE,
    RunState.STOPPED: LIVE,
    RunState.COMPLETE: (),
}
"""Where each state may be asked for; only :func:`finish_if_done` completes a run."""


@dataclass(frozen=True, slots=True)
class Run:
    """One row of ``runs``; ``enumerated`` is always the sum of the outcomes and :attr:`waiting`."""

    id: str
    kind: RunKind
    object: str
    lane: str
    state: RunState
    requested_by: str
    created_at: datetime
    enumerating: bool
    list_id: str | None = None
    list_version: int | None = None
    reason: Reason | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cursor: str | None = None
    enumerated: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    held: int = 0
    failed: int = 0
    cancelled: int = 0
    hubspot_calls: int = 0
    salesforce_calls: int = 0
    settings_version: str | None = None
    parent: str | None = None
    limit: int | None = None

    @property
    def outcomes(self) -> dict[Outcome, int]:
        return {outcome: getattr(self, outcome.value) for outcome in Outcome}

    @property
    def waiting(self) -> int:
        """Records that have no outcome yet: queued, claimed, or parked."""
        return self.enumerated - sum(self.outcomes.values())

    @property
    def began_at(self) -> datetime | None:
        """When somebody began to read whom it is about; where all were named, when it was made."""
        return self.started_at or (None if self.enumerating else self.created_at)


_NAMES = tuple(Run.__dataclass_fields__)
_COLUMNS = [runs.c[name] for name in _NAMES]


def create(
    conn: Connection,
    run_id: str,
    *,
    kind: RunKind,
    object: str,
    lane: str,
    requested_by: str,
    now: datetime,
    enumerating: bool = True,
    list_id: str | None = None,
    list_version: int | None = None,
    settings_version: str | None = None,
    parent: str | None = None,
    limit: int | None = None,
) -> Run:
    """A running run.  Asked again with the same id, the one that is there."""
    values = {
        "id": run_id,
        "kind": kind,
        "object": object,
        "lane": lane,
        "state": RunState.RUNNING,
        "requested_by": requested_by,
        "created_at": now,
        "enumerating": enumerating,
        "list_id": list_id,
        "list_version": list_version,
        "settings_version": settings_version,
        "parent": parent,
        "limit": limit,
    }
    conn.execute(statements.creating(conn.dialect.name), values)
    return _loaded(conn.execute(statements.getting(*_NAMES), {"of_run": run_id}).one())


def get(conn: Connection, run_id: str) -> Run | None:
    row = conn.execute(statements.getting(*_NAMES), {"of_run": run_id}).one_or_none()
    return None if row is None else _loaded(row)


def recent(
    conn: Connection,
    *,
    limit: int = 20,
    object: str | None = None,
    states: Sequence[RunState] | None = None,
    kinds: Sequence[RunKind] | None = None,
) -> list[Run]:
    """Newest first."""
    query = select(*_COLUMNS).order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
    if object is not None:
        query = query.where(runs.c.object == object)
    if states is not None:
        query = query.where(runs.c.state.in_(states))
    if kinds is not None:
        query = query.where(runs.c.kind.in_(kinds))
    return [_loaded(row) for row in conn.execute(query)]


def unfinished(conn: Connection) -> list[Run]:
    """Runs with anything left to do, those ended early included while records of theirs wait."""
    query = select(*_COLUMNS).where(runs.c.finished_at.is_(None)).order_by(runs.c.created_at)
    return [_loaded(row) for row in conn.execute(query)]


def set_state(
    conn: Connection,
    run_id: str,
    state: RunState,
    *,
    now: datetime,
    reason: Reason | None = None,
) -> bool:
    """Move the run to *state* where :data:`ALLOWED_FROM` lets it; ``False``: it may not."""
    values: dict[str, Any] = {"state": state, "reason": reason}
    if state in ENDED_EARLY:
        values["enumerating"] = False
    moved = conn.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state.in_(ALLOWED_FROM[state]))
        .values(values)
    ).rowcount
    if moved:
        finish_if_done(conn, run_id, now)
    return moved == 1


def take_producer(
    conn: Connection, run_id: str, token: str, *, until: datetime, now: datetime
) -> bool:
    """Take or renew the right to enumerate the run; ``False``: another holds it, or it is not
    running.

    Called first in the transaction of every page it is the fence: the row stays locked until that
    page is committed, and a producer that slept through its lease adds nothing.
    """
    terms = {"of_run": run_id, "of_token": token, "until": until, "at_now": now}
    return conn.execute(statements.taking_producer(), terms).rowcount == 1


def renew_producer(
    conn: Connection, run_id: str, token: str, *, until: datetime, now: datetime
) -> bool:
    """Hold on until then; ``False``: the time was over, or another has it."""
    held = conn.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.producer == token, runs.c.producer_until > now)
        .values(producer_until=until)
    )
    return held.rowcount == 1


def release_producer(conn: Connection, run_id: str, token: str) -> None:
    """Let another producer go on at once."""
    conn.execute(statements.releasing_producer(), {"of_run": run_id, "of_token": token})


def idle_producers(conn: Connection, *, now: datetime) -> list[str]:
    """Running runs that nobody enumerates although their list has not ended."""
    free = or_(runs.c.producer.is_(None), runs.c.producer_until <= now)
    running = (runs.c.finished_at.is_(None), runs.c.state == RunState.RUNNING)
    query = select(runs.c.id).where(*running, runs.c.enumerating, free)
    return list(conn.execute(query).scalars())


def under_way(conn: Connection, object: str, list_id: str) -> Run | None:
    """The live run over a list, if there is one; what polls found of its members is none."""
    query = select(*_COLUMNS).where(
        runs.c.object == object,
        runs.c.list_id == list_id,
        runs.c.kind == RunKind.LIST,
        runs.c.state.in_(LIVE),
    )
    row = conn.execute(query.limit(1)).one_or_none()
    return None if row is None else _loaded(row)


def checkpoint(
    conn: Connection, run_id: str, *, cursor: str | None, added: int, enumerating: bool
) -> bool:
    """Count *added* work rows and remember where enumeration continues, in their transaction."""
    terms = {"of_run": run_id, "added": added}
    new = {"new_cursor": cursor, "new_enumerating": enumerating}
    return conn.execute(statements.moving_on(), terms | new).rowcount == 1


def add_calls(conn: Connection, run_id: str, *, hubspot: int = 0, salesforce: int = 0) -> None:
    """Count API calls that were made for the run."""
    more = {"by_hubspot": hubspot, "by_salesforce": salesforce}
    conn.execute(statements.counting_calls(), more | {"of_run": run_id})


def count_outcomes(conn: Connection, run_id: str, counts: dict[Outcome, int]) -> None:
    """Move the counters, in the transaction that ended the work rows."""
    if counts:
        more = {f"more_{outcome}": counts.get(outcome, 0) for outcome in Outcome}
        conn.execute(statements.counting_outcomes(), more | {"of_run": run_id})


def finish_if_done(conn: Connection, run_id: str, now: datetime) -> bool:
    """End the run when all is enumerated and has its outcome; ``True``: this call did it."""
    return conn.execute(statements.finishing(), {"of_run": run_id, "at_now": now}).rowcount == 1


def lock(conn: Connection, run_id: str) -> RunState | None:
    """The run's state, held until the transaction ends.

    Whoever moves both a run's counters and its work rows takes this first: no deadlock.
    """
    return conn.execute(statements.locking(), {"of_run": run_id}).scalar_one_or_none()


def _loaded(row: Row[Any]) -> Run:
    return Run(**dict(zip(_NAMES, row, strict=True)))
