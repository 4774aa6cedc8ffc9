"""The statements of the work table, built once: SQLAlchemy compiles each once a database.

Those of a batch find their rows by primary key: conditions on ``due_at`` are hidden from planners
that would rather walk its index and hold each of thousands of rows against each key of the batch.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Insert,
    Integer,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    not_,
    null,
    or_,
    select,
    true,
    update,
)

from guestlist.domain.outcome import RunState, WorkState
from guestlist.store.batch import among_keys, incoming, insert_into
from guestlist.store.columns import Instant
from guestlist.store.tables import runs, work

_RUN = bindparam("of_run", type_=String)
_LEASE = bindparam("of_lease", type_=String)
_NOW = bindparam("at_now", type_=Instant)
_NEVER = 2**62


def _state(name: str, state: WorkState) -> ColumnElement[WorkState]:
    return bindparam(name, state, work.c.state.type)


def _in_batch() -> ColumnElement[bool]:
    return among_keys(work.c.run_id, _RUN, work.c.key)


def _ours() -> ColumnElement[bool]:
    return and_(
        _in_batch(),
        work.c.lease == _LEASE,
        work.c.state == WorkState.CLAIMED,
    )


@cache
def adding(dialect: str) -> Insert:
    new = incoming("key", "proof_at", numbers=frozenset({"proof_at"})).subquery()
    sent_at: ColumnElement[Any] = bindparam("sent_at", type_=Instant)
    columns = ["run_id", "key", "state", "due_at", "dispatched_at", "proof_at"]
    state = _state("queued", WorkState.QUEUED)
    rows = select(_RUN, new.c.key, state, _NOW, sent_at, new.c.proof_at)
    # SQLite needs a WHERE to tell the ON of a join from that of ON CONFLICT.
    return (
        insert_into(work, dialect)
        .from_select(columns, rows.where(true()), include_defaults=False)
        .on_conflict_do_nothing()
        .execution_options(preserve_rowcount=True)
    )


@cache
def claiming() -> Update:
    running = exists().where(runs.c.id == _RUN, runs.c.state == RunState.RUNNING)
    due = func.coalesce(work.c.due_at, _NEVER, type_=Instant) <= _NOW
    return (
        update(work)
        .where(_in_batch(), due, running, not_(_held_elsewhere()))
        .values(
            state=WorkState.CLAIMED,
            lease=_LEASE,
            due_at=bindparam("until", type_=Instant),
            attempts=work.c.attempts + 1,
        )
        .returning(work.c.key, work.c.attempts, work.c.proof_at)
    )


def _held_elsewhere() -> ColumnElement[bool]:
    """Another run of the same object has the record right now."""
    other, theirs, ours = work.alias(), runs.alias(), runs.alias()
    return exists().where(
        other.c.key == work.c.key,
        other.c.lease.is_not(None),
        other.c.run_id != _RUN,
        other.c.due_at > _NOW,
        theirs.c.id == other.c.run_id,
        ours.c.id == _RUN,
        theirs.c.object == ours.c.object,
    )


@cache
def waking() -> Update:
    """Rows that could not be claimed because another run held them: to be sent again soon."""
    queued = func.coalesce(work.c.due_at, _NEVER, type_=Instant) <= _NOW
    return update(work).where(_in_batch(), queued).values(dispatched_at=null())


@cache
def holding_on() -> Select[str]:
    """Rows whose lease is ours and not over, locked in the order of :func:`locking`."""
    held = func.coalesce(work.c.due_at, 0, type_=Instant) > _NOW
    return select(work.c.key).where(_ours(), held).order_by(work.c.key).with_for_update()


@cache
def renewing() -> Update:
    return update(work).where(_ours()).values(due_at=bindparam("until", type_=Instant))


@cache
def locking() -> Select[str]:
    """Our rows, whether or not the lease is over: until somebody else claims them they are ours."""
    return select(work.c.key).where(_ours()).order_by(work.c.key).with_for_update()


@cache
def finishing(dialect: str) -> Insert:
    """End locked rows.  All exist: the upsert only finds each by its key, without a join."""
    names = ["key", "outcome", "reason", "facts", "changes", "twin_type", "twin_id"]
    result = incoming(*names).subquery()
    rows = select(_RUN, _state("done", WorkState.DONE), _NOW, *result.c).where(true())
    ended = insert_into(work, dialect).from_select(
        ["run_id", "state", "finished_at", *names], rows, include_defaults=False
    )
    moved = {name: ended.excluded[name] for name in ("state", "finished_at", *names[1:])}
    return ended.on_conflict_do_update(
        index_elements=["run_id", "key"], set_=moved | {"due_at": null(), "lease": null()}
    )


@cache
def parking(dialect: str) -> Insert:
    """Put locked rows aside, as :func:`finishing` does."""
    names = ["key", "due_at", "reason", "facts", "attempts"]
    row = incoming(*names, numbers=frozenset({"due_at", "attempts"})).subquery()
    rows = select(_RUN, _state("waiting", WorkState.WAITING), *row.c).where(true())
    parked = insert_into(work, dialect).from_select(
        ["run_id", "state", *names], rows, include_defaults=False
    )
    moved = {name: parked.excluded[name] for name in ("state", "due_at", "reason", "facts")}
    given_back = {"attempts": work.c.attempts - parked.excluded.attempts}
    return parked.on_conflict_do_update(
        index_elements=["run_id", "key"],
        set_=moved | given_back | {"lease": null(), "dispatched_at": null()},
    )


def _due_and_not_sent() -> ColumnElement[bool]:
    """Nobody was told of the row, or long ago, or whoever was told let the lease run out."""
    sent_before = bindparam("sent_before", type_=Instant)
    lapsed = and_(work.c.state == WorkState.CLAIMED, work.c.dispatched_at <= work.c.due_at)
    not_sent = or_(work.c.dispatched_at.is_(None), work.c.dispatched_at <= sent_before, lapsed)
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
def held_up() -> Select[Any]:
    """Rows of a lane that nobody took because another run had their records."""
    lane = bindparam("of_lane", type_=String)
    return (
        select(work.c.run_id, work.c.key)
        .join(runs, runs.c.id == work.c.run_id)
        .where(
            runs.c.state == RunState.RUNNING,
            runs.c.finished_at.is_(None),
            runs.c.lane == lane,
            work.c.state == WorkState.QUEUED,
            work.c.due_at <= _NOW,
            work.c.dispatched_at.is_(None),
        )
        .limit(bindparam("at_most", type_=BigInteger))
    )


@cache
def alike() -> Select[Any]:
    """Rows of other runs of the same object, kind and lane that are due and were tried as often."""
    same = ("object", "kind", "lane")
    return (
        select(work.c.run_id, work.c.key)
        .join(runs, runs.c.id == work.c.run_id)
        .where(
            runs.c.finished_at.is_(None),
            runs.c.state == RunState.RUNNING,
            runs.c.id != _RUN,
            *(runs.c[name] == bindparam(f"of_{name}", type_=runs.c[name].type) for name in same),
            work.c.due_at <= _NOW,
            work.c.attempts == bindparam("tried", type_=Integer),
        )
        .order_by(runs.c.created_at)
        .limit(bindparam("at_most", type_=BigInteger))
    )


@cache
def due_rows() -> Select[str, int]:
    room = bindparam("at_most", type_=BigInteger) - _under_way().scalar_subquery()
    return (
        select(work.c.key, work.c.attempts)
        .where(work.c.run_id == _RUN, _due_and_not_sent())
        .order_by(work.c.due_at)
        .limit(case((room > 0, room), else_=0))
        .with_for_update(skip_locked=True)
    )


def _under_way() -> Select[int]:
    """Count the rows of a run whose message was sent lately, and that nobody took yet."""
    sent = work.alias()
    lately = sent.c.dispatched_at > bindparam("sent_before", type_=Instant)
    waits = and_(sent.c.due_at <= _NOW, sent.c.state != WorkState.CLAIMED)
    return select(func.count()).where(sent.c.run_id == _RUN, waits, lately)


@cache
def stamping() -> Update:
    return update(work).where(_in_batch()).values(dispatched_at=_NOW)


@cache
def counting_in_flight() -> Select[int]:
    under_way = (WorkState.QUEUED, WorkState.CLAIMED)
    return select(func.count()).where(
        work.c.run_id == _RUN, work.c.due_at.is_not(None), work.c.state.in_(under_way)
    )


@cache
def undispatching() -> Update:
    return (
        update(work)
        .where(work.c.due_at.is_not(None), work.c.state != WorkState.CLAIMED)
        .values(dispatched_at=null())
    )
