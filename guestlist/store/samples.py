"""Numbers over time, for charts: one value a name and a moment, kept for a while."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from guestlist.store.batch import insert_into
from guestlist.store.tables import samples


class Sample(NamedTuple):
    at: datetime
    value: int


def put(conn: Connection, values: Mapping[str, int], *, at: datetime, forget: datetime) -> None:
    """Store values of one moment; the first process to do so wins."""
    conn.execute(delete(samples).where(samples.c.at < forget))
    rows = [{"name": name, "at": at, "value": value} for name, value in values.items()]
    if rows:
        new = insert_into(samples, conn.dialect.name).values(rows)
        conn.execute(new.on_conflict_do_nothing())


def series(conn: Connection, name: str, *, since: datetime) -> list[Sample]:
    """Values of a name, oldest first."""
    query = (
        select(samples.c.at, samples.c.value)
        .where(samples.c.name == name, samples.c.at >= since)
        .order_by(samples.c.at)
    )
    return [Sample(*row) for row in conn.execute(query)]
