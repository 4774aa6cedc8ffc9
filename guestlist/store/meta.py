"""Single facts about this installation, by name."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from guestlist.store.batch import insert_into
from guestlist.store.tables import meta

_VALUE = select(meta.c.value).where(meta.c.name == bindparam("of_name"))


def get(conn: Connection, name: str) -> Any:
    """The JSON value, or ``None``."""
    return conn.execute(_VALUE, {"of_name": name}).scalar_one_or_none()


def put(conn: Connection, name: str, value: Any) -> None:
    insert = insert_into(meta, conn.dialect.name).values(name=name, value=value)
    conn.execute(
        insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
    )


def put_once(conn: Connection, name: str, value: Any) -> None:
    """Set a fact that is not set yet; the first to set it wins."""
    insert = insert_into(meta, conn.dialect.name).values(name=name, value=value)
    conn.execute(insert.on_conflict_do_nothing())
