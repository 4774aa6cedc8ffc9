"""Which inclusion list a person chose for an object.  Choosing syncs nobody."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from guestlist.store import audit
from guestlist.store.batch import insert_into
from guestlist.store.tables import inclusion


class Chosen(NamedTuple):
    """The list as it was when it was chosen."""

    list_id: str
    name: str
    version: int
    chosen_at: datetime
    chosen_by: str


def choose(
    conn: Connection,
    object: str,
    *,
    list_id: str,
    name: str,
    version: int,
    who: str,
    now: datetime,
) -> None:
    values = {"list_id": list_id, "name": name, "version": version}
    row = values | {"chosen_at": now, "chosen_by": who}
    insert = insert_into(inclusion, conn.dialect.name).values(object=object, **row)
    conn.execute(insert.on_conflict_do_update(index_elements=["object"], set_=row))
    audit.append(conn, "list.chosen", who=who, now=now, detail={"object": object} | values)


def get(conn: Connection, object: str) -> Chosen | None:
    """``None``: no list is set, everybody may pass."""
    columns = [inclusion.c[name] for name in Chosen._fields]
    row = conn.execute(select(*columns).where(inclusion.c.object == object)).one_or_none()
    return None if row is None else Chosen(*row)


def clear(conn: Connection, object: str, *, who: str, now: datetime) -> bool:
    """Set no list; ``False``: none was set."""
    removed = conn.execute(
        delete(inclusion)
        .where(inclusion.c.object == object)
        .returning(inclusion.c.list_id, inclusion.c.name)
    ).one_or_none()
    if removed is None:
        return False
    detail = {"object": object, "list_id": removed.list_id, "name": removed.name}
    audit.append(conn, "list.cleared", who=who, now=now, detail=detail)
    return True
