"""One transaction at a time where rows alone can not keep two apart."""

from zlib import crc32

from sqlalchemy import text
from sqlalchemy.engine import Connection


def one_at_a_time(conn: Connection, what: str) -> None:
    """Let nobody else in here until this transaction ends; SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": crc32(what.encode())})
