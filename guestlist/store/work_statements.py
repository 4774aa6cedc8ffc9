"""The statements of the work table, built once: SQLAlchemy compiles each once a database."""

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Insert,
    Select,
    String,
    Update,
    and_,
    bindparam,
    exists,
    null,
    or_,
    select,
    true,
    update,
)

from guestlist.domain.outcome import RunState, WorkState
from guestlist.store.batch import among_keys, incoming, insert_into, to_join
from guestlist.store.columns import Instant
from guestlist.store.tables import runs, work

_RUN = bindparam("of_run", type_=String)
_LEASE = bindparam("of_lease", type_=String)
_NOW = bindparam("at_now", type_=Instant)


def _ours() -> ColumnElement[bool]:
    return and_(work.c.run_id == _RUN, work.c.lease == _LEASE, work.c.state == WorkState.CLAIMED)


def _run_is_running() -> ColumnElement[bool]:
    return exists().where(runs.c.id == _RUN, runs.c.state == RunState.RUNNING)


@cache
def adding(dialect: str) -> Insert:
    new = incoming("key", "proof_at", numbers=frozenset({"proof_at"})).subquery()
    sent_at: ColumnElement[Any] = bindparam("sent_at", type_=Instant)
    columns = ["run_id", "key", "state", "due_at", "dispatched_at", "proof_at"]
    queued = bindparam("queued", WorkState.QUEUED, work.c.state.type)
    rows = select(_RUN, new.c.key, queued, _NOW, sent_at, new.c.proof_at)
    # SQLite needs a WHERE to tell the ON of a join from that of ON CONFLICT.
    return (
        insert_into(work, dialect)
        .from_select(columns, rows.where(true()), include_defaults=False)
        .on_conflict_do_nothing()
        .execution_options(preserve_rowcount=True)
    )


@cache
def claiming() -> Update:
    return (
        update(work)
        .where(
            work.c.run_id == _RUN,
            among_keys(work.c.key),
            work.c.due_at <= _NOW,
            _run_is_running(),
        )
        .values(
            state=WorkState.CLAIMED,
            lease=_LEASE,
            due_at=bindparam("until", type_=Instant),
            attempts=work.c.attempts + 1,
        )
        .returning(work.c.key, work.c.attempts, work.c.proof_at)
    )


@cache
def holding() -> Select[str]:
    return select(work.c.key).where(_ours(), among_keys(work.c.key), work.c.due_at > _NOW)


@cache
def finishing() -> Update:
    names = ("key", "outcome", "reason", "facts", "changes", "twin_type", "twin_id")
    result = to_join(incoming(*names))
    return (
        update(work)
        .where(_ours(), work.c.key == result.c.key)
        .values(
            state=WorkState.DONE,
            due_at=null(),
            lease=null(),
            finished_at=_NOW,
            outcome=result.c.outcome,
            reason=result.c.reason,
            facts=result.c.facts,
            changes=result.c.changes,
            twin_type=result.c.twin_type,
            twin_id=result.c.twin_id,
        )
        .returning(work.c.key, work.c.outcome)
    )


@cache
def parking() -> Update:
    numbers = frozenset({"due_at", "given_back"})
    row = to_join(incoming("key", "due_at", "reason", "facts", "given_back", numbers=numbers))
    return (
        update(work)
        .where(_ours(), work.c.key == row.c.key)
        .values(
            state=WorkState.WAITING,
            due_at=row.c.due_at,
            reason=row.c.reason,
            facts=row.c.facts,
            attempts=work.c.attempts - row.c.given_back,
            lease=null(),
            dispatched_at=null(),
        )
        .returning(work.c.key)
    )


@cache
def releasing() -> Update:
    return (
        update(work)
        .where(_ours(), among_keys(work.c.key))
        .values(
            state=WorkState.QUEUED,
            due_at=_NOW,
            attempts=work.c.attempts - 1,
            lease=null(),
            dispatched_at=null(),
        )
        .returning(work.c.key)
    )


def _due_and_not_sent() -> ColumnElement[bool]:
    sent_before = bindparam("sent_before", type_=Instant)
    not_sent = or_(work.c.dispatched_at.is_(None), work.c.dispatched_at <= sent_before)
    return and_(work.c.due_at <= _NOW, not_sent)


@cache
def runs_with_due_rows() -> Select[Any]:
    due = exists().where(work.c.run_id == runs.c.id, _due_and_not_sent())
    return (
        select(runs.c.id, runs.c.object, runs.c.lane)
        .where(runs.c.state == RunState.RUNNING, runs.c.finished_at.is_(None), due)
        .order_by(runs.c.created_at)
    )


@cache
def dispatching() -> Update:
    due = (
        select(work.c.key)
        .where(work.c.run_id == _RUN, _due_and_not_sent())
        .order_by(work.c.due_at)
        .limit(bindparam("at_most", type_=BigInteger))
        .with_for_update(skip_locked=True)
    )
    chosen = to_join(due, "chosen")
    return (
        update(work)
        .where(work.c.run_id == _RUN, work.c.key == chosen.c.key)
        .values(dispatched_at=_NOW)
        .returning(work.c.key)
    )
