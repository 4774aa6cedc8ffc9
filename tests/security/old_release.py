"""A database as an earlier release left it."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from sqlalchemy import Connection

from guestlist.store.database import Database
from guestlist.store.schema import _config


@contextmanager
def at_revision(url: str, revision: str) -> Iterator[Connection]:
    """Make the schema of that revision, and yield a connection to it."""
    database = Database(url)
    try:
        with database.begin() as conn:
            command.upgrade(_config(conn), revision)
        with database.begin() as conn:
            yield conn
    finally:
        database.dispose()
