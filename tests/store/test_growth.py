"""What is asked often, or under a lock, walks through no history: years of runs have ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from guestlist.store import runs, work
from guestlist.store.database import Database
from guestlist.store.schema import upgrade
from guestlist.store.tables import metadata
from tests.store.rows import NOW, a_queue


@contextmanager
def _asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.fixture
def sqlite(tmp_path: Any) -> Iterator[Database]:
    """SQLite, which says in one line a table how it goes through it."""
    url = f"sqlite:///{tmp_path / 'growth.db'}"
    upgrade(url)
    database = Database(url)
    yield database
    database.dispose()


def test_a_sweep_goes_through_the_runs_by_an_index(sqlite: Database) -> None:
    a_queue(sqlite, ["1"])
    with _asked(sqlite) as asked, sqlite.begin() as conn:
        work.dispatchable(conn, now=NOW, after=NOW, limit=9)
        runs.idle_producers(conn, now=NOW)
        runs.unfinished(conn)
    with sqlite.read() as conn:
        ways = [
            (row.detail, statement)
            for statement, parameters in asked
            for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert ways
    assert [way for way in ways if way[0].startswith("SCAN") and "INDEX" not in way[0]] == []


def test_whoever_refers_to_a_row_that_goes_is_found_by_an_index() -> None:
    """Deleting 500 of 100,000 runs held SQLite's only writer up for eleven seconds."""
    leading = {
        (table.name, columns[0].name)
        for table in metadata.tables.values()
        for columns in (table.primary_key.columns, *(each.columns for each in table.indexes))
    }
    referring = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if column.foreign_keys
    }
    few = {("sessions", "user")}
    assert referring > few
    assert referring - leading == few
