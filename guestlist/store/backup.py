"""A copy of an SQLite database while everything runs.  PostgreSQL brings its own: pg_dump."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from guestlist.domain.errors import Misconfigured


def back_up(url: str, to: Path) -> int:
    """Copy the database to a new file, as it is at one instant; the file's size in bytes.

    Raises ``Misconfigured`` for PostgreSQL, without a database, or when *to* is there already.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise Misconfigured("PostgreSQL is backed up by its own pg_dump; see docs/operating.md.")
    source = Path(str(parsed.database))
    if not source.exists():
        raise Misconfigured(f"{source} is not there: nothing to back up.")
    if to.exists():
        raise Misconfigured(f"{to} is there already; name another file.")
    partial = to.with_name(f"{to.name}.partial")
    partial.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"file:{source.absolute()}?mode=ro", uri=True)) as held,
        closing(sqlite3.connect(partial)) as copy,
    ):
        partial.chmod(0o600)
        held.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    partial.replace(to)
    return to.stat().st_size
