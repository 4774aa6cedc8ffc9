"""Rows for the store's tests: defaults plus keyword changes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from guestlist.domain.outcome import Outcome, RunKind
from guestlist.domain.reason import Reason
from guestlist.store import runs, work
from guestlist.store.database import Database
from guestlist.store.runs import Run
from guestlist.store.work import Claimed, Finished

NOW = datetime(2026, 3, 29, 0, 59, 59, 123_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE = 300 * SECOND


def a_run(conn: Connection, run_id: str = "r_1", **changes: Any) -> Run:
    values: dict[str, Any] = {
        "kind": RunKind.LIST,
        "object": "contacts",
        "lane": "bulk",
        "requested_by": "tester",
        "now": NOW,
    }
    return runs.create(conn, run_id, **values | changes)


def a_page(
    conn: Connection,
    keys: Sequence[str],
    run_id: str = "r_1",
    *,
    now: datetime = NOW,
    last: bool = True,
    dispatched: bool = True,
) -> int:
    """What a producer commits for one page of a list."""
    added = work.add(conn, run_id, [(key, now) for key in keys], now=now, dispatched=dispatched)
    runs.checkpoint(conn, run_id, cursor=None, added=added, enumerating=not last)
    return added


def a_queue(database: Database, keys: Sequence[str], run_id: str = "r_1", **changes: Any) -> None:
    """A run whose enumeration is over, with *keys* queued."""
    with database.begin() as conn:
        a_run(conn, run_id, **changes)
        a_page(conn, keys, run_id)


def claim(
    conn: Connection,
    keys: Sequence[str],
    lease: str,
    *,
    run_id: str = "r_1",
    now: datetime = NOW,
) -> list[Claimed]:
    return work.claim(conn, run_id, keys, lease=lease, until=now + LEASE, now=now)


def created(key: str) -> Finished:
    return Finished(key, Outcome.CREATED, Reason.SYNCED)


def the_run(database: Database, run_id: str = "r_1") -> Run:
    with database.read() as conn:
        run = runs.get(conn, run_id)
    assert run is not None
    return run


def ended(database: Database, run_id: str, keys: list[str], **changes: object) -> None:
    """Make a run whose records were all created."""
    a_queue(database, keys, run_id, **changes)
    with database.begin() as conn:
        claim(conn, keys, "mine", run_id=run_id)
        work.finish(conn, run_id, "mine", [created(key) for key in keys], now=NOW)
        runs.finish_if_done(conn, run_id, NOW)
