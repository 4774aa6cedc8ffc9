"""Linked records by key, for those who go through all of them."""

from sqlalchemy import select
from sqlalchemy.engine import Connection

from guestlist.store.tables import links


def page(conn: Connection, object: str, *, after_key: str = "", limit: int = 1000) -> list[str]:
    """Keys of linked records, those that left the list too, after *after_key*."""
    query = (
        select(links.c.key)
        .where(links.c.object == object, links.c.key > after_key)
        .order_by(links.c.key)
        .limit(limit)
    )
    return list(conn.execute(query).scalars())
