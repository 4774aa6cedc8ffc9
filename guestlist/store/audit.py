"""Who changed what by hand, for ever: rows are added and read, never changed.

Each line carries a digest of itself and of the digest before it, so that a line that was changed,
taken out or put in between shows.  The last digest is kept apart, so that a missing end shows too.
Whoever may write to the database may forge all of it: keep the last digest elsewhere as well.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, text, update
from sqlalchemy.engine import Connection

from guestlist.store import meta
from guestlist.store.columns import to_ms
from guestlist.store.tables import audit

HEAD = "audit.head"
FIRST = ""
"""What stands for the digest before the first line."""
_APPEND_LOCK = 4_711_011_012
"""Any constant: on PostgreSQL two lines written at the same time wait for each other on it."""
_PAGE = 1000


class Entry(NamedTuple):
    """One thing a person did."""

    at: datetime
    who: str
    what: str
    detail: Mapping[str, Any]


class Line(NamedTuple):
    """A line as the chain has it."""

    id: int
    at: datetime
    who: str
    what: str
    detail: Mapping[str, Any]
    digest: str | None


class Verified(NamedTuple):
    """What a walk along the whole chain found."""

    lines: int
    head: str
    """The last digest: what to keep elsewhere."""
    problem: str
    """Empty: every line is as it was written, and none is missing."""


def append(
    conn: Connection, what: str, *, who: str, now: datetime, detail: Mapping[str, Any]
) -> None:
    """Note *what* (``list.chosen`` ...) in the transaction that does it."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _APPEND_LOCK})
    values = {"at": now, "who": who, "what": what, "detail": dict(detail)}
    conn.execute(insert(audit).values(values))
    _chain(conn)


def recent(conn: Connection, *, limit: int = 50) -> list[Entry]:
    """Newest first."""
    columns = (audit.c.at, audit.c.who, audit.c.what, audit.c.detail)
    query = select(*columns).order_by(audit.c.id.desc()).limit(limit)
    return [Entry(*row) for row in conn.execute(query)]


def verify(conn: Connection, *, kept: str = FIRST) -> Verified:
    """Walk along the chain; a problem is told of the first line where it shows.

    *kept* is a head that was kept elsewhere: the chain has to contain it still.
    """
    lines, before, kept_is_there = 0, FIRST, kept == FIRST
    for line in _lines(conn):
        if line.digest != digest(before, line):
            told = f"line {line.id} is not as it was written, or one before it is missing"
            return Verified(lines, before, told)
        lines, before = lines + 1, line.digest
        kept_is_there |= before == kept
    problem = ""
    if (meta.get(conn, HEAD) or FIRST) != before:
        problem = "lines at the end are missing, or were not written by Guestlist"
    elif not kept_is_there:
        problem = "the digest that was kept is not in the chain: it was written anew"
    return Verified(lines, before, problem)


def digest(before: str, line: Line) -> str:
    """Return the digest of a line that follows the digest *before*."""
    content = [before, line.id, to_ms(line.at), line.who, line.what, line.detail]
    words = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(words.encode()).hexdigest()


def _chain(conn: Connection) -> None:
    """Chain the new line, and any that a release before this one wrote meanwhile."""
    chained = select(audit.c.id, audit.c.digest).where(audit.c.digest.is_not(None))
    last = conn.execute(chained.order_by(audit.c.id.desc()).limit(1)).one_or_none()
    after, before = (last.id, last.digest or FIRST) if last else (0, FIRST)
    for line in _page(conn, after=after, limit=None):
        before = digest(before, line)
        conn.execute(update(audit).where(audit.c.id == line.id).values(digest=before))
    meta.put(conn, HEAD, before)


def _lines(conn: Connection) -> Iterator[Line]:
    after = 0
    while page := _page(conn, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def _page(conn: Connection, *, after: int, limit: int | None) -> list[Line]:
    columns = [audit.c[name] for name in Line._fields]
    query = select(*columns).where(audit.c.id > after).order_by(audit.c.id).limit(limit)
    return [Line(*row) for row in conn.execute(query)]
