"""S16: the record of who did what shows when somebody changed it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from guestlist.store import audit, meta
from guestlist.store.database import Database
from guestlist.store.schema import upgrade
from guestlist.store.tables import audit as lines
from tests.console.conftest import Console
from tests.security.old_release import at_revision

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def database(database_url: str):
    upgrade(database_url)
    made = Database(database_url)
    yield made
    made.dispose()


def note(database: Database, *things: str) -> None:
    for what in things:
        with database.begin() as conn:
            audit.append(conn, what, who="ann", now=NOON, detail={"b": 1, "a": ["ü", None]})


def problem(database: Database, *, kept: str = "") -> str:
    with database.read() as conn:
        return audit.verify(conn, kept=kept).problem


def test_S16_what_nobody_touched_is_as_it_was_written(database: Database) -> None:
    with database.read() as conn:
        assert audit.verify(conn) == audit.Verified(0, "", "")
    note(database, "one", "two", "three")
    with database.read() as conn:
        found = audit.verify(conn)
    assert (found.lines, found.problem) == (3, "")
    note(database, "four")
    assert problem(database, kept=found.head) == ""


def _second(conn: Connection) -> int:
    ids = select(lines.c.id).order_by(lines.c.id).offset(1).limit(1)
    return int(conn.execute(ids).scalar_one())


def _changed(column: str, value: object) -> Callable[[Connection], object]:
    def change(conn: Connection) -> None:
        conn.execute(update(lines).where(lines.c.id == _second(conn)).values({column: value}))

    return change


def _removed(conn: Connection) -> None:
    conn.execute(delete(lines).where(lines.c.id == _second(conn)))


def _cut(conn: Connection) -> None:
    last = select(func.max(lines.c.id)).scalar_subquery()
    conn.execute(delete(lines).where(lines.c.id == last))


def _added(conn: Connection) -> None:
    row = {"at": NOON, "who": "eve", "what": "list.approved", "detail": {}, "digest": "0" * 64}
    conn.execute(insert(lines).values(row))


def _emptied(conn: Connection) -> None:
    conn.execute(delete(lines))


@pytest.mark.parametrize(
    "tamper",
    [
        _changed("who", "eve"),
        _changed("what", "list.rejected"),
        _changed("detail", {"b": 2, "a": ["ü", None]}),
        _changed("at", datetime(2026, 3, 2, 13, tzinfo=UTC)),
        _changed("digest", None),
        _removed,
        _cut,
        _added,
        _emptied,
    ],
)
def test_S16_a_line_that_was_tampered_with_fails_to_verify(
    database: Database, tamper: Callable[[Connection], object]
) -> None:
    note(database, "one", "two", "three")
    assert problem(database) == ""
    with database.begin() as conn:
        tamper(conn)
    assert problem(database)


def test_S16_a_chain_written_anew_does_not_hold_the_head_that_was_kept(database: Database) -> None:
    note(database, "one", "two")
    with database.read() as conn:
        kept = audit.verify(conn).head
    with database.begin() as conn:
        conn.execute(delete(lines))
        meta.put(conn, audit.HEAD, "")
    note(database, "one", "another")
    assert problem(database) == ""
    assert "written anew" in problem(database, kept=kept)


def test_S16_lines_written_at_the_same_time_make_one_chain(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: note(database, f"thing {number}"), range(40)))
    with database.read() as conn:
        found = audit.verify(conn)
    assert (found.lines, found.problem) == (40, "")


def test_S16_lines_of_a_release_before_are_chained_by_the_migration(database_url: str) -> None:
    with at_revision(database_url, "0011") as conn:
        conn.exec_driver_sql(
            "INSERT INTO audit (at, who, what, detail) "
            """VALUES (1, 'ann', 'old', '{"b":1,"a":["ü",null]}')"""
        )
    upgrade(database_url)
    database = Database(database_url)
    try:
        note(database, "new")
        with database.read() as conn:
            found = audit.verify(conn)
        assert (found.lines, found.problem) == (2, "")
    finally:
        database.dispose()


def test_S16_a_person_verifies_it_by_the_command(chosen: Console) -> None:
    told = chosen.json("audit-log", "verify")
    assert (told["lines"], told["problem"]) == (1, None)
    assert "list.chosen" in chosen.ok("audit-log", "ls")
    assert chosen.json("audit-log", "verify", "--head", told["head"])["problem"] is None
    assert chosen.json("audit-log", "verify", "--head", "0" * 64, code=1)["problem"]
    database = Database(f"sqlite:///{chosen.folder}/state/guestlist.db")
    with database.begin() as conn:
        conn.execute(update(lines).values(who="eve"))
    database.dispose()
    assert "line 1" in chosen.json("audit-log", "verify", code=1)["problem"]
    assert "NOT as it was written" in chosen("audit-log", "verify").stdout
