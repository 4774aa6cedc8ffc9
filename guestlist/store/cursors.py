"""How far each stream of changes was read, and who reads it now.

A cursor moves in the transaction that adds the work rows it covers.  The holder's token is a fence:
a reader that slept through its lease moves nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlalchemy.engine import Connection

from guestlist.store import cursor_statements as statements
from guestlist.store.batch import insert_into
from guestlist.store.tables import cursors
from schemas.records import Cursor


class Place(NamedTuple):
    """Where a stream goes on.  ``token``: what else its reader wrote down for the next one."""

    stream: str
    cursor: Cursor
    token: str | None
    looked_at: datetime | None
    """Our time of the last look, for its schedule only."""
    held_until: datetime | None = None


def start(conn: Connection, object: str, stream: str, cursor: Cursor) -> None:
    """Make the stream begin at *cursor*, unless it is there already."""
    row = {"object": object, "stream": stream, "at": cursor.at, "id": cursor.id}
    insert = insert_into(cursors, conn.dialect.name).values(row)
    conn.execute(insert.on_conflict_do_nothing())


def take(
    conn: Connection,
    object: str,
    stream: str,
    *,
    holder: str,
    until: datetime,
    now: datetime,
    due_before: datetime | None = None,
    unfinished: bool = False,
) -> Place | None:
    """Take the right to read the stream; ``None``: another holds it, or it is not there.

    With *due_before*, ``None`` also when somebody looked since then; *unfinished*: but not where
    a token says that the last look broke off.
    """
    terms: dict[str, Any] = {"of_holder": holder, "until": until, "at_now": now}
    if due_before is not None:
        terms["due_before"] = due_before
    statement = statements.taking(when_due=due_before is not None, unfinished=unfinished)
    taken = conn.execute(statement, _of(object, stream) | terms).one_or_none()
    return None if taken is None else _loaded(taken)


def get(conn: Connection, object: str, stream: str) -> Place | None:
    row = conn.execute(statements.getting(), _of(object, stream)).one_or_none()
    return None if row is None else _loaded(row)


def of_object(conn: Connection, object: str) -> list[Place]:
    """Every stream of *object*, by name."""
    return [_loaded(row) for row in conn.execute(statements.of_object(), {"of_object": object})]


def move(
    conn: Connection,
    object: str,
    stream: str,
    cursor: Cursor,
    *,
    holder: str,
    until: datetime,
    token: str | None = None,
) -> bool:
    """Go on from *cursor*, and hold on *until* then; ``False``: it is somebody else's by now."""
    values: dict[str, Any] = {"at": cursor.at, "id": cursor.id, "token": token}
    return _change(conn, object, stream, holder, values | {"held_until": until})


def end(
    conn: Connection,
    object: str,
    stream: str,
    cursor: Cursor,
    *,
    holder: str,
    looked_at: datetime,
    token: str | None = None,
) -> bool:
    """End a look and let go; the next begins at *cursor*.  ``False``: as for :func:`move`."""
    values: dict[str, Any] = {"at": cursor.at, "id": cursor.id, "token": token}
    free = {"holder": None, "held_until": None, "looked_at": looked_at}
    return _change(conn, object, stream, holder, values | free)


def renew(conn: Connection, object: str, stream: str, *, holder: str, until: datetime) -> bool:
    """Hold on until then; ``False``: as for :func:`move`."""
    return _change(conn, object, stream, holder, {"held_until": until})


def release(conn: Connection, object: str, stream: str, holder: str) -> None:
    """Let another reader go on at once, from where this one got to."""
    _change(conn, object, stream, holder, {"holder": None, "held_until": None})


def drop(conn: Connection, object: str, streams: Iterable[str]) -> None:
    """Forget streams; who reads one just now moves nothing any more."""
    named = cursors.c.stream.in_(list(streams))
    conn.execute(delete(cursors).where(cursors.c.object == object, named))


def _of(object: str, stream: str) -> dict[str, Any]:
    return {"of_object": object, "of_stream": stream}


def _change(
    conn: Connection, object: str, stream: str, holder: str, values: dict[str, Any]
) -> bool:
    new = {f"new_{name}": value for name, value in values.items()}
    terms = _of(object, stream) | {"of_holder": holder} | new
    return conn.execute(statements.changing(*values), terms).rowcount == 1


def _loaded(row: Any) -> Place:
    return Place(
        row.stream, Cursor(row.at, row.id), row.token, row.looked_at, held_until=row.held_until
    )
