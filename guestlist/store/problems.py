"""Sync errors: what a person has to act on, one row a record, until it syncs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Insert,
    Select,
    Update,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    true,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.types import String

from guestlist.domain.reason import Reason
from guestlist.store.batch import among_keys, incoming, insert_into, keys_parameter, rows_parameter
from guestlist.store.columns import Instant, Json, to_json
from guestlist.store.tables import problems
from schemas.records import Crm


class Status(StrEnum):
    """Where a problem is."""

    OPEN = "open"
    IGNORED = "ignored"
    RESOLVED = "resolved"


class Failure(NamedTuple):
    """Why one record failed, in the CRM's own words; ``crm`` is ``None`` when our check refused."""

    key: str
    reason: Reason
    fingerprint: str
    crm: Crm | None
    code: str
    message: str
    fields: Sequence[str] = ()
    correlation_id: str = ""


class Problem(NamedTuple):
    """A failure with its history; ``attempts`` counts failures since ``first_at``."""

    key: str
    reason: Reason
    fingerprint: str
    crm: Crm | None
    code: str
    message: str
    fields: Sequence[str]
    correlation_id: str
    run_id: str
    first_at: datetime
    last_at: datetime
    attempts: int
    ignored_at: datetime | None
    resolved_at: datetime | None

    @property
    def status(self) -> Status:
        if self.resolved_at is not None:
            return Status.RESOLVED
        return Status.OPEN if self.ignored_at is None else Status.IGNORED


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Open problems with one cause."""

    reason: Reason
    fingerprint: str
    count: int
    first_at: datetime
    last_at: datetime
    example_key: str
    example: str
    fields: Sequence[str]


_COLUMNS = [problems.c[name] for name in Problem._fields]
_OBJECT = bindparam("of_object", type_=String)
_NOW = bindparam("at_now", type_=Instant)


def put_many(
    conn: Connection,
    object: str,
    failures: Iterable[Failure],
    *,
    run_id: str,
    now: datetime,
) -> None:
    """Store failures.  An ignored one stays ignored while its cause is the same."""
    rows = [_row(failure) for failure in sorted(failures, key=lambda failure: failure.key)]
    if rows:
        parameters = {"of_object": object, "of_run": run_id, "at_now": now}
        conn.execute(_putting(conn.dialect.name), rows_parameter(rows) | parameters)


def resolve(conn: Connection, object: str, keys: Iterable[str], *, now: datetime) -> int:
    """Records that synced have no problem any more."""
    parameters = keys_parameter(keys) | {"of_object": object, "at_now": now}
    return conn.execute(_resolving(), parameters).rowcount


def ignore(conn: Connection, object: str, keys: Iterable[str], *, now: datetime) -> int:
    """Leave open problems out of the counts until their cause changes."""
    parameters = keys_parameter(keys) | {"of_object": object, "at_now": now}
    return conn.execute(_ignoring(), parameters).rowcount


def groups(conn: Connection, object: str | None = None) -> list[ProblemGroup]:
    """Open problems by cause, the most frequent first."""
    query = _grouping() if object is None else _grouping().where(problems.c.object == object)
    return [ProblemGroup(*row) for row in conn.execute(query)]


def page(
    conn: Connection,
    object: str,
    *,
    status: Status | None = Status.OPEN,
    reason: Reason | None = None,
    fingerprint: str | None = None,
    after_key: str = "",
    limit: int = 100,
) -> list[Problem]:
    """Problems by key, those after *after_key*."""
    query = (
        select(*_COLUMNS)
        .where(problems.c.object == object, problems.c.key > after_key)
        .order_by(problems.c.key)
        .limit(limit)
    )
    if status is not None:
        query = query.where(_has(status))
    if reason is not None:
        query = query.where(problems.c.reason == reason)
    if fingerprint is not None:
        query = query.where(problems.c.fingerprint == fingerprint)
    return [Problem(*row) for row in conn.execute(query)]


def get(conn: Connection, object: str, key: str) -> Problem | None:
    query = select(*_COLUMNS).where(problems.c.object == object, problems.c.key == key)
    row = conn.execute(query).one_or_none()
    return None if row is None else Problem(*row)


def _row(failure: Failure) -> list[Any]:
    return [
        failure.key,
        failure.reason,
        failure.fingerprint,
        failure.crm,
        failure.code[:200],
        failure.message.replace("\x00", "\N{REPLACEMENT CHARACTER}"),
        to_json([*failure.fields]),
        failure.correlation_id[:200],
    ]


def _has(status: Status) -> ColumnElement[bool]:
    resolved = problems.c.resolved_at.is_not(None)
    ignored = problems.c.ignored_at.is_not(None)
    match status:
        case Status.RESOLVED:
            return resolved
        case Status.IGNORED:
            return ~resolved & ignored
        case Status.OPEN:
            return ~resolved & ~ignored


@cache
def _putting(dialect: str) -> Insert:
    names = list(Failure._fields)
    failure = incoming(*names).subquery()
    rows = select(
        _OBJECT,
        *failure.c,
        bindparam("of_run", type_=String),
        _NOW.label("first_at"),
        _NOW.label("last_at"),
        literal(1),
    )
    columns = ["object", *names, "run_id", "first_at", "last_at", "attempts"]
    insert = insert_into(problems, dialect).from_select(columns, rows.where(true()))
    anew = problems.c.resolved_at.is_not(None)
    other_cause = problems.c.fingerprint != insert.excluded.fingerprint
    kept = {
        "first_at": case((anew, insert.excluded.first_at), else_=problems.c.first_at),
        "attempts": case((anew, 1), else_=problems.c.attempts + 1),
        "ignored_at": case((anew | other_cause, null()), else_=problems.c.ignored_at),
        "resolved_at": null(),
    }
    moved = {name: insert.excluded[name] for name in (*names, "run_id", "last_at") if name != "key"}
    return insert.on_conflict_do_update(index_elements=["object", "key"], set_=moved | kept)


@cache
def _resolving() -> Update:
    return (
        update(problems)
        .where(
            among_keys(problems.c.object, _OBJECT, problems.c.key),
            problems.c.resolved_at.is_(None),
        )
        .values(resolved_at=_NOW)
    )


@cache
def _ignoring() -> Update:
    return (
        update(problems)
        .where(among_keys(problems.c.object, _OBJECT, problems.c.key), _has(Status.OPEN))
        .values(ignored_at=_NOW)
    )


@cache
def _grouping() -> Select[Any]:
    count = func.count()
    return (
        select(
            problems.c.reason,
            problems.c.fingerprint,
            count,
            func.min(problems.c.first_at, type_=Instant),
            func.max(problems.c.last_at, type_=Instant),
            func.min(problems.c.key),
            func.min(problems.c.message),
            func.min(problems.c.fields, type_=Json),
        )
        .where(_has(Status.OPEN))
        .group_by(problems.c.reason, problems.c.fingerprint)
        .order_by(count.desc(), problems.c.fingerprint)
    )
