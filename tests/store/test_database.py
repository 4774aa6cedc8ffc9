import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import IntegrityError

from guestlist.domain.errors import Misconfigured, RetryLater
from guestlist.store import listing, meta
from guestlist.store.database import TRIES, Database
from guestlist.store.schema import upgrade
from tests.services.processes import PATIENCE
from tests.store.rows import a_page, a_run, the_run


@contextmanager
def opened(url: str, **changes: Any) -> Iterator[Database]:
    database = Database(url, **changes)
    try:
        yield database
    finally:
        database.dispose()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "guestlist.db"
    upgrade(f"sqlite:///{path}")
    return path


def seen(database: Database) -> object:
    with database.read() as conn:
        return meta.get(conn, "seen")


def put_seen(conn: Connection) -> str:
    meta.put(conn, "seen", "yes")
    return "put"


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_a_database_that_does_not_serve_is_refused_with_the_reason(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"database URL|needs a file"):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_the_usual_schemes_of_postgresql_mean_our_driver(scheme: str) -> None:
    with opened(f"{scheme}://ann@localhost/x") as database:
        assert database.engine.dialect.driver == "psycopg"


def test_E8_eight_writers_wait_for_each_other_on_sqlite(sqlite_file: Path) -> None:
    failures: list[BaseException] = []
    with opened(f"sqlite:///{sqlite_file}") as database:

        def count_up() -> None:
            try:
                for _ in range(50):
                    with database.begin() as conn:
                        meta.put(conn, "count", (meta.get(conn, "count") or 0) + 1)
            except BaseException as error:  # noqa: BLE001 - shown by the assertion below
                failures.append(error)

        threads = [Thread(target=count_up) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert failures == []
        with database.read() as conn:
            assert meta.get(conn, "count") == 400


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.begin() as writer:
        put_seen(writer)
        assert seen(database) is None
    assert seen(database) == "yes"


def test_a_failed_unit_leaves_nothing(database: Database) -> None:
    def unit(conn: Connection) -> None:
        put_seen(conn)
        raise LookupError

    with pytest.raises(LookupError):
        database.run(unit)
    assert seen(database) is None


def test_an_error_of_ours_is_not_tried_again(database: Database) -> None:
    calls = []

    def unit(conn: Connection) -> None:
        calls.append(1)
        conn.execute(text("INSERT INTO meta (name) VALUES ('no value')"))

    with pytest.raises(IntegrityError):
        database.run(unit)
    assert len(calls) == 1


def test_a_locked_sqlite_file_is_tried_again(sqlite_file: Path) -> None:
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                other.execute("COMMIT")

        with opened(f"sqlite:///{sqlite_file}", sleep=sleep) as database:
            _set_on_connect(database, "busy_timeout = 0")
            assert database.run(put_seen) == "put"
    assert waits == sorted(waits)
    assert len(waits) == 2


def test_a_file_locked_for_good_is_something_to_retry_later(sqlite_file: Path) -> None:
    waits: list[float] = []
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with opened(f"sqlite:///{sqlite_file}", sleep=waits.append) as database:
            _set_on_connect(database, "busy_timeout = 0")
            with pytest.raises(RetryLater, match="did not answer"):
                database.run(put_seen)
    assert len(waits) == TRIES - 1


def test_E9_a_full_disk_stops_the_work_and_the_counts_stay_exact(sqlite_file: Path) -> None:
    with opened(f"sqlite:///{sqlite_file}") as database:
        database.run(a_run)
        database.dispose()
        _set_on_connect(database, "max_page_count = 60")
        pages = iter(range(1000))

        def a_page_more(conn: Connection) -> int:
            page = next(pages)
            return a_page(conn, [f"{page}-{number}" for number in range(50)], last=False)

        with pytest.raises(RetryLater, match="no room"):
            any(not database.run(a_page_more) for _ in range(1000))
        with database.read() as conn:
            assert conn.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            rows = listing.page(conn, "r_1", limit=10_000)
        assert the_run(database).enumerated == len(rows)
        assert len(rows) % 50 == 0


def _set_on_connect(database: Database, pragma: str) -> None:
    event.listen(
        database.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {pragma}")
    )


def test_E7_a_connection_that_is_lost_runs_the_unit_anew(postgres_url: str) -> None:
    upgrade(postgres_url)
    waits: list[float] = []
    with opened(postgres_url, sleep=waits.append) as database:

        def unit(conn: Connection) -> str:
            if not waits:
                _end(conn, postgres_url)
            return put_seen(conn)

        assert database.run(unit) == "put"
        assert seen(database) == "yes"
    assert len(waits) == 1


def _end(conn: Connection, url: str) -> None:
    backend = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


def test_E7_a_pooled_connection_that_died_meanwhile_is_noticed(postgres_url: str) -> None:
    upgrade(postgres_url)
    with opened(postgres_url) as database:
        with database.read() as conn:
            backend = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        with database.begin() as conn:
            put_seen(conn)


def test_E7_of_two_units_in_a_deadlock_both_succeed(postgres_url: str) -> None:
    upgrade(postgres_url)
    both_hold_one = Barrier(2, timeout=PATIENCE)
    with opened(postgres_url) as database:
        with database.begin() as conn:
            meta.put(conn, "a", 0)
            meta.put(conn, "b", 0)

        def count_up(first: str, second: str) -> None:
            tries: list[int] = []

            def unit(conn: Connection) -> None:
                tries.append(1)
                _increment(conn, first)
                if len(tries) == 1:
                    both_hold_one.wait()
                _increment(conn, second)

            database.run(unit)

        threads = [Thread(target=count_up, args=pair) for pair in [("a", "b"), ("b", "a")]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        with database.read() as conn:
            assert (meta.get(conn, "a"), meta.get(conn, "b")) == (2, 2)


def _increment(conn: Connection, name: str) -> None:
    statement = "UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = :n"
    conn.execute(text(statement), {"n": name})


def test_a_server_that_is_away_is_something_to_retry_later(tmp_path: Path) -> None:
    waits: list[float] = []
    url = f"postgresql://nobody@/none?host={tmp_path}"
    with (
        opened(url, sleep=waits.append) as database,
        pytest.raises(RetryLater, match="did not answer"),
    ):
        database.run(put_seen)
    assert len(waits) == TRIES - 1
