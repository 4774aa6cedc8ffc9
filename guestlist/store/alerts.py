"""What is wrong and what was told of it; and the messages on their way, a row for each channel."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from guestlist.domain.alert import State
from guestlist.store.alert_tables import alerts, letters


class Letter(NamedTuple):
    """A message to one channel."""

    id: int
    channel: str
    body: Mapping[str, Any]
    at: datetime
    attempts: int
    due_at: datetime | None = None
    sent_at: datetime | None = None
    problem: str | None = None
    """Why the last attempt failed."""


_STATE = [alerts.c[name] for name in State._fields]
_LETTER = [letters.c[name] for name in Letter._fields]


def states(conn: Connection) -> list[State]:
    """Return all that is or was wrong and not yet done with, oldest first."""
    query = select(*_STATE).order_by(alerts.c.since, alerts.c.kind, alerts.c.subject)
    return [State(*row) for row in conn.execute(query)]


def keep(conn: Connection, new: Sequence[State]) -> None:
    """Remember these states and no others."""
    conn.execute(delete(alerts))
    if new:
        conn.execute(insert(alerts), [state._asdict() for state in new])


def post(
    conn: Connection, body: Mapping[str, Any], *, channels: Iterable[str], now: datetime
) -> None:
    """Put a message on its way to each channel."""
    rows = [{"channel": each, "body": body, "at": now, "due_at": now} for each in channels]
    if rows:
        conn.execute(insert(letters), rows)


def sent_at(conn: Connection, *, since: datetime) -> list[datetime]:
    """Return when messages were put on their way, each once however many channels there are."""
    query = select(letters.c.at).distinct().where(letters.c.at >= since).order_by(letters.c.at)
    return list(conn.execute(query).scalars())


def take(conn: Connection, channel: str, *, now: datetime, until: datetime) -> Letter | None:
    """Take a channel's oldest message for the time *until*; ``None``: none is due.

    A message that has to wait lets none after it pass: they would tell of an end before its
    beginning.
    """
    query = (
        select(*_LETTER)
        .where(letters.c.channel == channel, letters.c.due_at.is_not(None))
        .order_by(letters.c.id)
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    if row is None or row.due_at > now:
        return None
    taken = conn.execute(
        update(letters)
        .where(letters.c.id == row.id, letters.c.due_at == row.due_at)
        .values(due_at=until, attempts=letters.c.attempts + 1)
    )
    return Letter(*row)._replace(attempts=row.attempts + 1) if taken.rowcount else None


def sent(conn: Connection, id: int, *, now: datetime) -> None:
    """Note that a message arrived."""
    done = {"due_at": None, "sent_at": now, "problem": None}
    conn.execute(update(letters).where(letters.c.id == id).values(**done))


def failed(conn: Connection, id: int, *, problem: str, due_at: datetime | None) -> None:
    """Note why a message did not arrive; it is tried again at *due_at*, or never."""
    row = update(letters).where(letters.c.id == id)
    conn.execute(row.values(due_at=due_at, problem=problem))


def last(conn: Connection, channel: str) -> Letter | None:
    """Return the newest message to a channel."""
    query = (
        select(*_LETTER).where(letters.c.channel == channel).order_by(letters.c.id.desc()).limit(1)
    )
    row = conn.execute(query).one_or_none()
    return Letter(*row) if row else None


def forget(conn: Connection, *, before: datetime) -> None:
    """Forget messages that were put on their way before."""
    conn.execute(delete(letters).where(letters.c.at < before))
