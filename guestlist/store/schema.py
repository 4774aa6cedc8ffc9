"""Bring a database to the newest schema, from nothing or from any release."""

from importlib.resources import files
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from guestlist.store.database import Database

# Any constant: two upgrades of one PostgreSQL at the same time wait for each other on it.
_UPGRADE_LOCK = 4_711_011_011


class Versions(NamedTuple):
    """Alembic revisions; ``current`` is ``None`` for an empty database."""

    current: str | None
    newest: str | None

    @property
    def equal(self) -> bool:
        return self.current == self.newest


def upgrade(url: str) -> Versions:
    """Apply the migrations that are missing, all or none; the versions before."""
    database = Database(url)
    try:
        with database.begin() as conn:
            if database.dialect == "postgresql":
                conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
            before = _versions(conn)
            if not before.equal:
                command.upgrade(_config(conn), "head")
            return before
    finally:
        database.dispose()


def versions(database: Database) -> Versions:
    with database.read() as conn:
        return _versions(conn)


def _versions(conn: Connection) -> Versions:
    newest = ScriptDirectory.from_config(_config(conn)).get_current_head()
    return Versions(MigrationContext.configure(conn).get_current_revision(), newest)


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config
