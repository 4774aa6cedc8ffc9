"""Who changed what by hand, for ever: rows are added and read, never changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from guestlist.store.tables import audit


class Entry(NamedTuple):
    """One thing a person did."""

    at: datetime
    who: str
    what: str
    detail: Mapping[str, Any]


def append(
    conn: Connection, what: str, *, who: str, now: datetime, detail: Mapping[str, Any]
) -> None:
    """Note *what* (``list.chosen`` ...) in the transaction that does it."""
    conn.execute(insert(audit).values(at=now, who=who, what=what, detail=dict(detail)))


def recent(conn: Connection, *, limit: int = 50) -> list[Entry]:
    """Newest first."""
    columns = (audit.c.at, audit.c.who, audit.c.what, audit.c.detail)
    query = select(*columns).order_by(audit.c.id.desc()).limit(limit)
    return [Entry(*row) for row in conn.execute(query)]
