from collections.abc import Callable
from datetime import datetime
from threading import Barrier, Thread

from sqlalchemy.engine import Connection

from guestlist.store import cursors
from guestlist.store.cursors import Place
from guestlist.store.database import Database
from schemas.records import Cursor
from tests.store.rows import LEASE, NOW, SECOND

START = Cursor(NOW - 60 * SECOND)


def take(
    conn: Connection,
    holder: str,
    *,
    now: datetime = NOW,
    due_before: datetime | None = None,
    unfinished: bool = False,
) -> Place | None:
    return cursors.take(
        conn,
        "contacts",
        "hubspot",
        holder=holder,
        until=now + LEASE,
        now=now,
        due_before=due_before,
        unfinished=unfinished,
    )


def move(conn: Connection, to: Cursor, *, holder: str = "me", token: str | None = None) -> bool:
    of = ("contacts", "hubspot", to)
    return cursors.move(conn, *of, holder=holder, until=NOW + LEASE, token=token)


def end(
    conn: Connection, to: Cursor = START, *, holder: str = "me", token: str | None = None
) -> bool:
    of = ("contacts", "hubspot", to)
    return cursors.end(conn, *of, holder=holder, looked_at=NOW, token=token)


def begun(database: Database) -> None:
    with database.begin() as conn:
        cursors.start(conn, "contacts", "hubspot", START)


def test_a_stream_goes_on_where_it_was_moved_to(database: Database) -> None:
    begun(database)
    there = Cursor(NOW, "17")
    with database.begin() as conn:
        assert take(conn, "me")
        assert move(conn, there, token="half-way")
        cursors.release(conn, "contacts", "hubspot", "me")
        assert cursors.get(conn, "contacts", "hubspot") == Place("hubspot", there, "half-way", None)


def test_starting_what_is_there_moves_nothing(database: Database) -> None:
    begun(database)
    with database.begin() as conn:
        take(conn, "me")
        end(conn, token="x")
        cursors.start(conn, "contacts", "hubspot", Cursor(NOW + SECOND))
        kept = cursors.get(conn, "contacts", "hubspot")
    assert kept == Place("hubspot", START, "x", NOW)


def test_nobody_takes_what_another_holds_until_the_lease_is_over(database: Database) -> None:
    begun(database)
    with database.begin() as conn:
        assert take(conn, "me")
        assert take(conn, "you") is None
        assert take(conn, "you", now=NOW + LEASE)


def test_a_stream_that_is_not_there_is_not_taken(database: Database) -> None:
    with database.begin() as conn:
        assert take(conn, "me") is None
        assert cursors.get(conn, "contacts", "hubspot") is None


def test_who_slept_through_the_lease_moves_nothing(database: Database) -> None:
    begun(database)
    with database.begin() as conn:
        take(conn, "me")
        take(conn, "you", now=NOW + LEASE)
        assert not move(conn, Cursor(NOW))
        assert not end(conn, Cursor(NOW))
        assert not cursors.renew(conn, "contacts", "hubspot", holder="me", until=NOW)
        cursors.release(conn, "contacts", "hubspot", "me")
        assert take(conn, "me", now=NOW + LEASE) is None
        place = cursors.get(conn, "contacts", "hubspot")
    assert place is not None
    assert place.cursor == START


def test_a_stream_looked_at_since_it_was_due_is_left_alone(database: Database) -> None:
    begun(database)
    with database.begin() as conn:
        assert take(conn, "me", due_before=NOW - 30 * SECOND)
        end(conn)
        assert take(conn, "you", due_before=NOW - SECOND) is None
        assert take(conn, "you", due_before=NOW)


def test_a_look_that_broke_off_is_due_at_once_if_its_token_says_so(database: Database) -> None:
    begun(database)
    with database.begin() as conn:
        take(conn, "me")
        end(conn)
        take(conn, "me")
        move(conn, START, token="half-way")
        cursors.release(conn, "contacts", "hubspot", "me")
        assert take(conn, "you", due_before=NOW - SECOND) is None
        assert take(conn, "you", due_before=NOW - SECOND, unfinished=True)


def test_a_lease_is_renewed_and_lets_go_at_the_end_of_the_look(database: Database) -> None:
    begun(database)
    later = NOW + LEASE
    with database.begin() as conn:
        take(conn, "me")
        assert cursors.renew(conn, "contacts", "hubspot", holder="me", until=later + SECOND)
        assert take(conn, "you", now=later) is None
        assert end(conn)
        assert take(conn, "you")


def test_a_stream_that_was_dropped_moves_no_more(database: Database) -> None:
    begun(database)
    with database.begin() as conn:
        take(conn, "me")
        cursors.drop(conn, "contacts", ["hubspot", "joins:1"])
        assert not move(conn, START)
        assert cursors.of_object(conn, "contacts") == []


def test_moving_on_within_a_look_leaves_the_time_of_the_last(database: Database) -> None:
    begun(database)
    with database.begin() as conn:
        take(conn, "me")
        end(conn)
        take(conn, "me")
        move(conn, Cursor(NOW, "1"))
        (place,) = cursors.of_object(conn, "contacts")
    assert place.looked_at == NOW


def test_of_many_that_take_a_stream_at_once_one_has_it(database: Database) -> None:
    begun(database)
    together, won = Barrier(4), list[str]()

    def try_it(holder: str) -> Callable[[], None]:
        def attempt() -> None:
            together.wait()
            with database.begin() as conn:
                if take(conn, holder):
                    won.append(holder)

        return attempt

    threads = [Thread(target=try_it(f"worker{n}")) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
