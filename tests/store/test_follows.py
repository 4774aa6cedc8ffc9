from guestlist.store import audit, follows
from guestlist.store.database import Database
from guestlist.store.follows import Follow
from tests.store.rows import NOW, SECOND


def test_an_object_is_followed_once_turned_on_and_until_turned_off(database: Database) -> None:
    with database.begin() as conn:
        assert follows.get(conn, "contacts") is None
        assert not follows.off(conn, "contacts", by="ann", now=NOW)
        assert follows.on(conn, "contacts", since=NOW - SECOND, by="ann", now=NOW)
        assert follows.get(conn, "contacts") == Follow("contacts", NOW - SECOND, "ann", NOW, None)
        assert follows.off(conn, "contacts", by="bob", now=NOW + SECOND)
        stopped = follows.get(conn, "contacts")
    assert stopped is not None
    assert (stopped.on, stopped.stopped_at) == (False, NOW + SECOND)


def test_turning_on_what_is_on_keeps_since_when(database: Database) -> None:
    with database.begin() as conn:
        assert follows.on(conn, "contacts", since=NOW, by="ann", now=NOW)
        assert not follows.on(conn, "contacts", since=NOW + SECOND, by="bob", now=NOW + SECOND)
        assert [each.since for each in follows.all(conn)] == [NOW]


def test_turning_on_again_follows_from_then_on(database: Database) -> None:
    with database.begin() as conn:
        follows.on(conn, "contacts", since=NOW, by="ann", now=NOW)
        follows.off(conn, "contacts", by="ann", now=NOW)
        assert follows.on(conn, "contacts", since=NOW + SECOND, by="bob", now=NOW + SECOND)
        (again,) = follows.all(conn)
    assert (again.on, again.since, again.by) == (True, NOW + SECOND, "bob")


def test_who_turned_it_on_and_off_is_audited(database: Database) -> None:
    with database.begin() as conn:
        follows.on(conn, "contacts", since=NOW, by="ann", now=NOW)
        follows.on(conn, "contacts", since=NOW, by="eve", now=NOW)
        follows.off(conn, "contacts", by="bob", now=NOW)
        assert [(e.what, e.who) for e in audit.recent(conn)] == [
            ("follow.off", "bob"),
            ("follow.on", "ann"),
        ]
