"""Versions that people made of a mapping or of settings; rows are added and read, never changed.

The table is named for the mappings it was made for, and an older release that reads it passes over
what is none.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from guestlist.store import audit
from guestlist.store.batch import insert_into
from guestlist.store.tables import mappings

Body = Mapping[str, Any]


class Version(NamedTuple):
    """One version of an object's mapping, or of what is kept under another name."""

    object: str
    version: int
    base: str
    """What the files said that it was made from, in one word."""
    body: Body | None
    """What it holds instead; ``None``: as the files say."""
    note: str
    made_at: datetime
    made_by: str


_COLUMNS = [mappings.c[name] for name in Version._fields]


def newest(conn: Connection) -> dict[str, Version]:
    """Return the newest version under each name that has one."""
    latest = (
        select(mappings.c.object, func.max(mappings.c.version).label("version"))
        .group_by(mappings.c.object)
        .subquery()
    )
    query = select(*_COLUMNS).join(
        latest,
        (mappings.c.object == latest.c.object) & (mappings.c.version == latest.c.version),
    )
    return {row.object: Version(*row) for row in conn.execute(query)}


def revision(conn: Connection) -> int:
    """Return a number that moves whenever any version is added."""
    return conn.execute(select(func.count()).select_from(mappings)).scalar_one()


def get(conn: Connection, object: str, version: int) -> Version | None:
    query = select(*_COLUMNS).where(mappings.c.object == object, mappings.c.version == version)
    row = conn.execute(query).one_or_none()
    return None if row is None else Version(*row)


def page(
    conn: Connection, object: str, *, before: int | None = None, limit: int = 50
) -> list[Version]:
    """Newest first, those before version *before*."""
    query = select(*_COLUMNS).where(mappings.c.object == object)
    if before is not None:
        query = query.where(mappings.c.version < before)
    query = query.order_by(mappings.c.version.desc()).limit(limit)
    return [Version(*row) for row in conn.execute(query)]


def add(conn: Connection, made: Version, *, what: str, changed: Mapping[str, Any]) -> bool:
    """Add a version and note it in the audit; ``False``: there is one of that number already.

    *what* is the audit's name for it, *changed* what it says beside the number.
    """
    row = insert_into(mappings, conn.dialect.name).values(**made._asdict())
    added = row.on_conflict_do_nothing().returning(mappings.c.version)
    if conn.execute(added).one_or_none() is None:
        return False
    detail = {"object": made.object, "version": made.version, "note": made.note, **changed}
    audit.append(conn, what, who=made.made_by, now=made.made_at, detail=detail)
    return True
