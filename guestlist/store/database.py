"""One database by URL: SQLite for one machine, PostgreSQL to scale out; and its transactions."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from guestlist.domain.errors import Misconfigured, RetryLater

T = TypeVar("T")

TRIES = 6
FIRST_WAIT_S = 0.05
BUSY_TIMEOUT_MS = 30_000

_AWAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN}
_OUT_OF_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_AGAIN = {
    "25006": "read_only_sql_transaction",  # of a server that was the primary until just now
    "40001": "serialization_failure",
    "40P01": "deadlock_detected",
    "55P03": "lock_not_available",
    "57P01": "admin_shutdown",
    "57P02": "crash_shutdown",
    "57P03": "cannot_connect_now",
    "53300": "too_many_connections",
}
"""By code: where the state is in SQLite, PostgreSQL's driver takes no memory."""
_NO_CONNECTION = "08"
"""Class of codes, of which a pooler sends some in place of its server."""
_DISK_FULL = "53100"


class Database:
    """Connections and transactions.  Threads may share it; a forked process makes its own."""

    def __init__(self, url: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self.engine = _engine(_with_driver(url))
        self._readers = self.engine.execution_options(guestlist_reads=True)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction; committed on leaving, rolled back on an error."""
        with self.engine.begin() as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: on SQLite it neither waits for a writer nor stops one."""
        with self._readers.begin() as conn:
            yield conn

    def run(self, unit: Callable[[Connection], T]) -> T:
        """What *unit* returns, committed.  A lost connection, a deadlock or a lock runs it anew.

        A unit may run again after a commit whose answer was lost: it has to be idempotent.
        Raises ``RetryLater`` when the database stays away or has no room left.
        """
        for attempt in range(TRIES):
            try:
                with self.begin() as conn:
                    return unit(conn)
            except DBAPIError as error:
                if _no_room(error):
                    raise RetryLater("The database has no room left to write.") from error
                if not _passing(error):
                    raise
                if attempt == TRIES - 1:
                    raise RetryLater("The database did not answer in time.") from error
            self._sleep(FIRST_WAIT_S * 2**attempt)
        raise AssertionError("unreachable")

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def takes_nothing(error: Exception) -> bool:
    """Tell whether the database takes nothing from anybody now: it is away, locked or full."""
    cause = error.__cause__ if isinstance(error, RetryLater) else error
    return isinstance(cause, DBAPIError) and (_passing(cause) or _no_room(cause))


def _with_driver(url: str) -> URL:
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return parsed
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise Misconfigured(f"The database URL names {other}; sqlite and postgresql are known.")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        arguments = {"application_name": "guestlist", "connect_timeout": 10}
        return create_engine(url, pool_pre_ping=True, pool_recycle=1800, connect_args=arguments)
    if url.database in (None, "", ":memory:"):
        raise Misconfigured("SQLite needs a file: every thread has its own connection.")
    Path(str(url.database)).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver begins no transaction of its own: _begin_sqlite does, and says which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(conn: Connection) -> None:
    # A deferred transaction that reads first and writes later fails at once beside another writer.
    reads = conn.get_execution_options().get("guestlist_reads", False)
    word = "BEGIN" if reads else "BEGIN IMMEDIATE"
    driver: Any = conn.connection.driver_connection
    try:
        # Past SQLAlchemy, which takes longer for this word than for the rest of a small look.
        driver.execute(word)
    except sqlite3.Error as error:
        raise DBAPIError.instance(word, None, error, sqlite3.Error) from error


def _passing(error: DBAPIError) -> bool:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _primary_code(cause) in _AWAY
    return error.connection_invalidated or _sqlstate(error) in _AGAIN or _no_connection(error)


def _no_connection(error: DBAPIError) -> bool:
    """True for a connection that was never made: psycopg gives most no code of the server's."""
    code = _sqlstate(error)
    return isinstance(error, OperationalError) and (code or _NO_CONNECTION)[:2] == _NO_CONNECTION


def _sqlstate(error: DBAPIError) -> str | None:
    code: str | None = getattr(error.orig, "sqlstate", None)
    return code


def _no_room(error: DBAPIError) -> bool:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _primary_code(cause) in _OUT_OF_ROOM
    return _sqlstate(error) == _DISK_FULL


def _primary_code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
