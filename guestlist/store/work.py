"""The work table: one row a record a run, from its enumeration to its one outcome.

The lease is a fencing token.  Whoever claims a row writes a token of its own into it; results that
come with any other token change nothing and count nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, update
from sqlalchemy.engine import Connection

from guestlist.domain.outcome import Outcome, WorkState
from guestlist.domain.reason import Reason
from guestlist.domain.way import Way
from guestlist.domain.write import Change
from guestlist.store import runs, ways
from guestlist.store import work_statements as statements
from guestlist.store.batch import keys_parameter, rows_parameter
from guestlist.store.columns import to_json, to_ms
from guestlist.store.tables import work
from guestlist.store.turns import one_at_a_time


class Claimed(NamedTuple):
    """A row that is ours until the lease ends; ``attempts`` counts this one."""

    key: str
    attempts: int
    proof_at: datetime | None


class Finished(NamedTuple):
    """The one outcome of a record, with what a person needs to understand it."""

    key: str
    outcome: Outcome
    reason: Reason
    facts: Mapping[str, str] = {}
    changes: Sequence[Change] = ()
    twin: tuple[str, str] | None = None
    """(Salesforce type, id)."""
    way: Way = Way.NONE
    """Which way it went."""


class Parked(NamedTuple):
    """A record to look at again at ``due_at``."""

    key: str
    due_at: datetime
    reason: Reason
    facts: Mapping[str, str] = {}
    tried: bool = True
    """``False`` gives the attempt back: waiting for an allowance or a list is no failed try."""


class Dispatch(NamedTuple):
    """Rows of one run for which a message is to be sent."""

    run_id: str
    object: str
    lane: str
    attempts: int
    """How often each of the keys was tried; what often failed is sent in smaller parts."""
    keys: list[str]


def add(
    conn: Connection,
    run_id: str,
    keys: Iterable[tuple[str, datetime | None]],
    *,
    now: datetime,
    dispatched: bool = True,
) -> int:
    """Queue (key, time of its membership proof) pairs; how many were new to the run.

    The caller counts those with :func:`guestlist.store.runs.checkpoint` in the same transaction.
    *dispatched*: the caller sends their messages itself, :func:`dispatchable` leaves them alone
    for a while.  A run that has ended takes nothing.
    """
    if runs.lock(conn, run_id) not in runs.LIVE:
        return 0
    values = [[key, None if proof is None else to_ms(proof)] for key, proof in keys]
    parameters = rows_parameter(values) | {
        "of_run": run_id,
        "at_now": now,
        "sent_at": now if dispatched else None,
    }
    return conn.execute(statements.adding(conn.dialect.name), parameters).rowcount


def claim(
    conn: Connection,
    run_id: str,
    keys: Iterable[str],
    *,
    lease: str,
    until: datetime,
    now: datetime,
) -> list[Claimed]:
    """Take the rows of *keys* that nobody else holds, *lease* being a token never used before.

    Nothing unless the run is running.  A record that another run of the same object holds stays
    queued: two plans for one record at a time could write in the wrong order.
    """
    wanted = sorted(keys)
    parameters = keys_parameter(wanted) | {"of_run": run_id, "at_now": now}
    one_at_a_time(conn, "claim")
    terms = {"of_lease": lease, "until": until}
    claimed = [Claimed(*row) for row in conn.execute(statements.claiming(), parameters | terms)]
    if len(claimed) < len(wanted):
        conn.execute(statements.waking(), parameters)
    return claimed


def finish(
    conn: Connection, run_id: str, lease: str, results: Sequence[Finished], *, now: datetime
) -> frozenset[str]:
    """End rows and count them; the keys whose lease was still ours.

    Only these took effect: links and agreed values are to be stored for these alone.
    """
    if not results:
        return frozenset()
    runs.lock(conn, run_id)
    ours = _lock_ours(conn, run_id, lease, [result.key for result in results])
    ended = {result.key: result for result in results if result.key in ours}
    if ended:
        rows = rows_parameter(map(_finished_row, ended.values()))
        parameters = rows | {"of_run": run_id, "at_now": now}
        conn.execute(statements.finishing(conn.dialect.name), parameters)
        runs.count_outcomes(conn, run_id, Counter(result.outcome for result in ended.values()))
        ways.add(conn, run_id, Counter((each.outcome, each.way) for each in ended.values()))
    return ours


def park(conn: Connection, run_id: str, lease: str, parked: Sequence[Parked]) -> frozenset[str]:
    """Put rows aside until they are due; the keys whose lease was still ours."""
    if not parked:
        return frozenset()
    runs.lock(conn, run_id)
    ours = _lock_ours(conn, run_id, lease, [row.key for row in parked])
    waiting = {row.key: row for row in parked if row.key in ours}
    if waiting:
        parameters = rows_parameter(map(_parked_row, waiting.values())) | {"of_run": run_id}
        conn.execute(statements.parking(conn.dialect.name), parameters)
    return ours


def renew(
    conn: Connection,
    run_id: str,
    lease: str,
    keys: Iterable[str],
    *,
    until: datetime,
    now: datetime,
) -> bool:
    """Hold on until then to those of the rows that are still ours; ``False``: none is."""
    parameters = keys_parameter(keys) | {"of_run": run_id, "of_lease": lease, "at_now": now}
    held = conn.execute(statements.holding_on(), parameters).scalars().all()
    if held:
        conn.execute(statements.renewing(), parameters | keys_parameter(held) | {"until": until})
    return bool(held)


def dispatchable(conn: Connection, *, now: datetime, after: datetime, limit: int) -> list[Dispatch]:
    """Rows anybody may claim now and for which no message was sent since *after*, stamped as sent.

    Of each running run at most *limit* rows, those included that were sent since *after* and that
    nobody took yet: no run waits behind a longer one, and the broker holds no run whole.  Any
    number of callers share the rows between them.
    """
    parameters = {"at_now": now, "sent_before": after, "at_most": limit}
    found = []
    for run_id, name, lane in conn.execute(statements.runs_with_due_rows(), parameters).all():
        of_run = {"of_run": run_id}
        by_attempts: dict[int, list[str]] = {}
        for key, attempts in conn.execute(statements.due_rows(), parameters | of_run):
            by_attempts.setdefault(attempts, []).append(key)
        sent = keys_parameter(key for keys in by_attempts.values() for key in keys)
        conn.execute(statements.stamping(), sent | of_run | {"at_now": now})
        for attempts, keys in sorted(by_attempts.items()):
            found.append(Dispatch(run_id, name, lane, attempts, sorted(keys)))
    return found


def held_up(conn: Connection, lane: str, *, now: datetime, limit: int) -> dict[str, list[str]]:
    """Return the queued keys of a lane for which no message is under way, by run."""
    parameters = {"of_lane": lane, "at_now": now, "at_most": limit}
    found: dict[str, list[str]] = {}
    for run_id, key in conn.execute(statements.held_up(), parameters):
        found.setdefault(run_id, []).append(key)
    return found


def alike(
    conn: Connection, run: runs.Run, *, tried: int, now: datetime, limit: int
) -> dict[str, list[str]]:
    """Return keys that are due in other runs of its object, kind and lane, tried so often, by run.

    The oldest run first.
    """
    of_run = {"of_run": run.id, "of_object": run.object, "of_kind": run.kind, "of_lane": run.lane}
    parameters = {"at_now": now, "tried": tried, "at_most": limit}
    found: dict[str, list[str]] = {}
    for run_id, key in conn.execute(statements.alike(), parameters | of_run):
        found.setdefault(run_id, []).append(key)
    return found


def in_flight(conn: Connection, run_id: str) -> int:
    """How many records of the run are queued or held by a worker; parked ones wait elsewhere."""
    return conn.execute(statements.counting_in_flight(), {"of_run": run_id}).scalar_one()


def undispatch(conn: Connection, run_id: str) -> None:
    """Forget that messages were sent for a run's rows: those of a paused one were dropped."""
    conn.execute(statements.undispatching().where(work.c.run_id == run_id))


def undispatch_all(conn: Connection) -> None:
    """Forget it of every run: the broker has lost them all."""
    conn.execute(statements.undispatching())


def cancel_waiting(
    conn: Connection, run_id: str, *, now: datetime, reason: Reason = Reason.CANCELLED
) -> int:
    """End the rows of a cancelled or stopped run that nobody holds, and count them.

    Rows that a worker still holds end with its result, or here on a later call when their lease is
    over; :func:`guestlist.store.runs.unfinished` names the runs to call this for.
    """
    if runs.lock(conn, run_id) not in runs.ENDED_EARLY:
        return 0
    free = or_(
        work.c.state.in_((WorkState.QUEUED, WorkState.WAITING)),
        and_(work.c.state == WorkState.CLAIMED, work.c.due_at <= now),
    )
    count = conn.execute(
        update(work)
        .where(work.c.run_id == run_id, work.c.due_at.is_not(None), free)
        .values(
            state=WorkState.DONE,
            outcome=Outcome.CANCELLED,
            reason=reason,
            due_at=None,
            lease=None,
            finished_at=now,
        )
    ).rowcount
    runs.count_outcomes(conn, run_id, {Outcome.CANCELLED: count})
    return count


def _lock_ours(conn: Connection, run_id: str, lease: str, keys: Sequence[str]) -> frozenset[str]:
    parameters = keys_parameter(keys) | {"of_run": run_id, "of_lease": lease}
    return frozenset(conn.execute(statements.locking(), parameters).scalars())


def _finished_row(result: Finished) -> list[Any]:
    twin_type, twin_id = result.twin or (None, None)
    return [
        result.key,
        result.outcome,
        result.reason,
        to_json(result.facts) if result.facts else None,
        to_json([[*change] for change in result.changes]) if result.changes else None,
        twin_type,
        twin_id,
    ]


def _parked_row(row: Parked) -> list[Any]:
    facts = to_json(row.facts) if row.facts else None
    return [row.key, to_ms(row.due_at), row.reason, facts, 0 if row.tried else 1]
