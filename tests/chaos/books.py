"""What our own tables say at the end, as far as the verdict asks for it."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import func, select

from guestlist.domain.outcome import WorkState
from guestlist.store.database import Database
from guestlist.store.tables import links, runs, work
from schemas.settings import Lane

WIDTH = 200


class Message(NamedTuple):
    """A look that was asked for."""

    run_id: str
    lane: Lane
    keys: list[str]


def said(database: Database) -> dict[str, str | None]:
    """Return the reason of the last look at each record."""
    query = (
        select(work.c.key, work.c.reason)
        .where(work.c.state == WorkState.DONE)
        .order_by(work.c.finished_at)
    )
    with database.read() as connection:
        return dict(row.t for row in connection.execute(query))


def unended(database: Database) -> list[str]:
    query = select(work.c.key).where(work.c.state != WorkState.DONE)
    with database.read() as connection:
        return list(connection.execute(query).scalars())


def twice(database: Database) -> list[str]:
    """Return the Salesforce ids that more than one link names."""
    query = select(links.c.twin_id).group_by(links.c.twin_id).having(func.count() > 1)
    with database.read() as connection:
        return [f"{id} is linked twice" for id in connection.execute(query).scalars()]


def messages(database: Database) -> Iterator[Message]:
    """Yield every look there ever was, as messages."""
    query = (
        select(work.c.run_id, runs.c.lane, work.c.key)
        .join_from(work, runs, work.c.run_id == runs.c.id)
        .order_by(work.c.run_id, work.c.key)
    )
    with database.read() as connection:
        by_run: dict[tuple[str, str], list[str]] = {}
        for run_id, lane, key in connection.execute(query):
            by_run.setdefault((run_id, lane), []).append(key)
    for (run_id, lane), keys in by_run.items():
        for start in range(0, len(keys), WIDTH):
            yield Message(run_id, Lane(lane), keys[start : start + WIDTH])
