"""Which objects a person let us follow: nothing is polled before."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Connection

from guestlist.store import audit
from guestlist.store.batch import insert_into
from guestlist.store.tables import follows


class Follow(NamedTuple):
    """An object that is followed, or was until ``stopped_at``."""

    object: str
    since: datetime
    """HubSpot's time when it was turned on: no change before that is looked for."""
    by: str
    started_at: datetime
    stopped_at: datetime | None

    @property
    def on(self) -> bool:
        return self.stopped_at is None


_COLUMNS = [follows.c[name] for name in Follow._fields]
_ALL = select(*_COLUMNS).order_by(follows.c.object)
_ONE = select(*_COLUMNS).where(follows.c.object == bindparam("of_object"))


def on(conn: Connection, object: str, *, since: datetime, by: str, now: datetime) -> bool:
    """Follow *object* from *since*; ``False``: it is followed already."""
    row = {"since": since, "by": by, "started_at": now, "stopped_at": None}
    insert = insert_into(follows, conn.dialect.name).values(object=object, **row)
    turned = conn.execute(
        insert.on_conflict_do_update(
            index_elements=["object"], set_=row, where=follows.c.stopped_at.is_not(None)
        ).returning(follows.c.object)
    )
    if turned.one_or_none() is None:
        return False
    detail = {"object": object, "since": since.isoformat()}
    audit.append(conn, "follow.on", who=by, now=now, detail=detail)
    return True


def off(conn: Connection, object: str, *, by: str, now: datetime) -> bool:
    """Stop following *object*; ``False``: it was not followed."""
    stopped = conn.execute(
        update(follows)
        .where(follows.c.object == object, follows.c.stopped_at.is_(None))
        .values(stopped_at=now)
    )
    if not stopped.rowcount:
        return False
    audit.append(conn, "follow.off", who=by, now=now, detail={"object": object})
    return True


def get(conn: Connection, object: str) -> Follow | None:
    """``None``: it was never followed."""
    row = conn.execute(_ONE, {"of_object": object}).one_or_none()
    return None if row is None else Follow(*row)


def all(conn: Connection) -> list[Follow]:
    """Every object that is or was followed, by name."""
    return [Follow(*row) for row in conn.execute(_ALL)]
