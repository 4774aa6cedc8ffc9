"""Records that a webhook named, until a run looks at them; and which of their calls were seen."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, select, true
from sqlalchemy.engine import Connection

from guestlist.store.batch import incoming, insert_into, rows_parameter
from guestlist.store.columns import Instant
from guestlist.store.tables import deliveries, hints


def fresh(conn: Connection, digests: Iterable[str], *, now: datetime) -> set[str]:
    """Remember what came, by its hash, and return what was not seen before."""
    rows = [[each] for each in sorted(set(digests))]
    if not rows:
        return set()
    new = incoming("digest").subquery()
    at = bindparam("at_now", type_=Instant)
    insert = insert_into(deliveries, conn.dialect.name).from_select(
        ["digest", "at"], select(*new.c, at).where(true()), include_defaults=False
    )
    added = insert.on_conflict_do_nothing().returning(deliveries.c.digest)
    return set(conn.execute(added, rows_parameter(rows) | {"at_now": now}).scalars())


def forget(conn: Connection, *, before: datetime) -> None:
    """Forget what came so long ago that nobody sends it again."""
    conn.execute(delete(deliveries).where(deliveries.c.at < before))


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
