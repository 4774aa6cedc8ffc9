"""Records that a webhook named, until a run looks at them; and which webhook calls were seen."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, func, literal, select, true
from sqlalchemy.engine import Connection

from guestlist.store.batch import incoming, insert_into, rows_parameter
from guestlist.store.columns import Instant
from guestlist.store.tables import deliveries, hints


def is_new(conn: Connection, digest: str, *, now: datetime, forget: datetime) -> bool:
    """Remember a webhook call by the hash of its signature; ``False``: it was seen before.

    Calls from before *forget* are too old to be accepted anyway and need not be remembered.
    """
    conn.execute(delete(deliveries).where(deliveries.c.at < forget))
    new = insert_into(deliveries, conn.dialect.name).values(digest=digest, at=now)
    added = new.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return conn.execute(added).rowcount == 1


def mark(conn: Connection, marked: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Mark (object, key) pairs for a look; a pair that is marked already stays single."""
    rows = [[*pair] for pair in sorted(set(marked))]
    if not rows:
        return
    new = incoming("object", "key").subquery()
    at = bindparam("at_now", type_=Instant)
    insert = insert_into(hints, conn.dialect.name).from_select(
        ["object", "key", "at"], select(*new.c, at).where(true()), include_defaults=False
    )
    conn.execute(insert.on_conflict_do_nothing(), rows_parameter(rows) | {"at_now": now})


def waiting(conn: Connection) -> int:
    """How many records are marked."""
    return conn.execute(select(func.count(literal(1, Integer))).select_from(hints)).scalar_one()


def take(conn: Connection, object: str, *, limit: int) -> list[str]:
    """Return marked keys of an object, the oldest first, and unmark them."""
    query = (
        select(hints.c.key)
        .where(hints.c.object == object)
        .order_by(hints.c.at, hints.c.key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    keys = list(conn.execute(query).scalars())
    if keys:
        conn.execute(delete(hints).where(hints.c.object == object, hints.c.key.in_(keys)))
    return keys
