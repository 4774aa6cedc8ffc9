"""Numbers over time, for charts: one value a name and a moment, kept for a while."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, delete, func, select, type_coerce
from sqlalchemy.engine import Connection

from guestlist.store.batch import insert_into
from guestlist.store.columns import Instant
from guestlist.store.tables import samples

_HOUR_MS = 3_600_000


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


def hourly(conn: Connection, name: str, *, since: datetime) -> list[Sample]:
    """A growing total as it first was, and as it last was in each hour; oldest first."""
    hour = type_coerce(samples.c.at, BigInteger) // _HOUR_MS
    query = (
        select(
            func.min(samples.c.at, type_=Instant),
            func.min(samples.c.value),
            func.max(samples.c.at, type_=Instant),
            func.max(samples.c.value),
        )
        .where(samples.c.name == name, samples.c.at >= since)
        .group_by(hour)
        .order_by(hour)
    )
    rows = list(conn.execute(query))
    return [*(Sample(*row[:2]) for row in rows[:1]), *(Sample(*row[2:]) for row in rows)]


def series(conn: Connection, name: str, *, since: datetime) -> list[Sample]:
    """Values of a name, oldest first."""
    query = (
        select(samples.c.at, samples.c.value)
        .where(samples.c.name == name, samples.c.at >= since)
        .order_by(samples.c.at)
    )
    return [Sample(*row) for row in conn.execute(query)]
