"""Versions are added, never changed, and one number is given once."""

from datetime import UTC, datetime

from guestlist.store import audit, versions
from guestlist.store.database import Database
from guestlist.store.versions import Version

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def version(number: int, object: str = "contacts") -> Version:
    return Version(object, number, "base", {"fields": []}, "why", NOW, "anna")


def test_the_newest_version_of_each_object_is_found(database: Database) -> None:
    with database.begin() as conn:
        assert versions.newest(conn) == {}
        for made in (version(1), version(2), version(1, "companies")):
            assert versions.add(conn, made, what="mapping.saved", changed={})
    with database.read() as conn:
        assert versions.newest(conn) == {
            "contacts": version(2),
            "companies": version(1, "companies"),
        }
        assert versions.get(conn, "contacts", 1) == version(1)
        assert versions.get(conn, "contacts", 3) is None
        assert versions.revision(conn) == 3
        assert [each.version for each in versions.page(conn, "contacts", limit=1)] == [2]
        assert [each.version for each in versions.page(conn, "contacts", before=2)] == [1]


def test_of_two_who_make_one_version_the_second_is_refused(database: Database) -> None:
    with database.begin() as conn:
        assert versions.add(conn, version(1), what="mapping.saved", changed={"changes": []})
    with database.begin() as conn:
        assert not versions.add(
            conn, version(1), what="mapping.saved", changed={"changes": ["lost"]}
        )
    with database.read() as conn:
        lines = audit.recent(conn)
    assert [each.what for each in lines] == ["mapping.saved"]
    assert lines[0].detail["changes"] == []
