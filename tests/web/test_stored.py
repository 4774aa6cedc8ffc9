"""What the console keeps, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from guestlist.domain.outcome import RunKind
from guestlist.domain.reason import Reason
from guestlist.domain.role import Role
from guestlist.store import (
    access,
    audit,
    hints,
    overview,
    problems,
    replays,
    runs,
    samples,
    work,
)
from guestlist.store.database import Database
from guestlist.store.problems import Failure
from guestlist.store.replays import Replay
from guestlist.store.schema import upgrade
from tests.web.marks import marks

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    upgrade(database_url)
    found = Database(database_url)
    yield found
    found.dispose()


def test_a_marked_record_is_taken_once_oldest_first(database: Database) -> None:
    with database.begin() as conn:
        hints.mark(conn, [("contacts", "2")], now=NOW)
        hints.mark(conn, [("contacts", "1"), ("contacts", "2"), ("deals", "1")], now=NOW + MINUTE)
        hints.mark(conn, [], now=NOW)
        assert marks(conn) == 3
        assert hints.take(conn, "contacts", limit=1) == ["2"]
        assert hints.take(conn, "contacts", limit=9) == ["1"]
        assert hints.take(conn, "contacts", limit=9) == []
        assert marks(conn) == 1


def test_what_a_webhook_brought_is_fresh_once(database: Database) -> None:
    with database.begin() as conn:
        assert hints.fresh(conn, ["a", "b", "a"], now=NOW) == {"a", "b"}
        assert hints.fresh(conn, ["b", "c"], now=NOW + MINUTE) == {"c"}
        assert hints.fresh(conn, [], now=NOW) == set()
        hints.forget(conn, before=NOW + MINUTE)
        assert hints.fresh(conn, ["a", "c"], now=NOW) == {"a"}


def test_the_first_request_under_a_key_stays(database: Database) -> None:
    first, second = Replay("asked", "r_1"), Replay("other", "r_2")
    with database.begin() as conn:
        assert replays.remember(conn, "k", first, now=NOW, forget=NOW - MINUTE) == first
        assert replays.remember(conn, "k", second, now=NOW, forget=NOW - MINUTE) == first
        later = NOW + 2 * MINUTE
        assert replays.remember(conn, "k", second, now=later, forget=later - MINUTE) == second


def test_samples_keep_the_first_value_of_a_moment(database: Database) -> None:
    with database.begin() as conn:
        samples.put(conn, {"a": 1, "b": 5}, at=NOW, forget=NOW - MINUTE)
        samples.put(conn, {"a": 2}, at=NOW, forget=NOW - MINUTE)
        samples.put(conn, {"a": 3}, at=NOW + MINUTE, forget=NOW - MINUTE)
        samples.put(conn, {}, at=NOW, forget=NOW)
        assert [each.value for each in samples.series(conn, "a", since=NOW)] == [1, 3]
        assert samples.series(conn, "a", since=NOW + 2 * MINUTE) == []


def test_a_session_goes_with_its_user(database: Database) -> None:
    with database.begin() as conn:
        put(conn, "anna", Role.OPERATOR)
        access.open_session(conn, "d", name="anna", csrf="c", now=NOW)
        found = access.session(conn, "d")
        assert found
        assert (found.user, found.role, found.csrf) == ("anna", Role.OPERATOR, "c")
        access.note_seen(conn, "d", now=NOW + MINUTE)
        access.note_confirmed(conn, "d", now=NOW + MINUTE)
        found = access.session(conn, "d")
        assert found
        assert found.seen_at == found.confirmed_at == NOW + MINUTE
        assert access.remove_user(conn, "anna", who="test", now=NOW)
        assert access.session(conn, "d") is None
        assert not access.remove_user(conn, "anna", who="test", now=NOW)


def put(conn: Connection, name: str, role: Role) -> None:
    access.put_user(conn, name, role=role, password="hash", who="test", now=NOW)


def test_a_new_role_counts_at_once_and_ends_sessions(database: Database) -> None:
    with database.begin() as conn:
        put(conn, "anna", Role.ADMIN)
        access.open_session(conn, "d", name="anna", csrf="c", now=NOW)
        put(conn, "anna", Role.VIEWER)
        assert access.session(conn, "d") is None
        assert [user.role for user in access.all_users(conn)] == [Role.VIEWER]


def test_a_token_has_one_name_and_can_be_revoked(database: Database) -> None:
    with database.begin() as conn:
        assert access.add_token(conn, "ci", digest="d", role=Role.VIEWER, who="t", now=NOW)
        assert not access.add_token(conn, "ci", digest="e", role=Role.ADMIN, who="t", now=NOW)
        access.note_used(conn, "ci", now=NOW)
        found = access.token(conn, "d")
        assert found
        assert (found.role, found.used_at) == (Role.VIEWER, NOW)
        assert access.token(conn, "e") is None
        assert access.revoke_token(conn, "ci", who="t", now=NOW)
        assert not access.revoke_token(conn, "ci", who="t", now=NOW)
        assert list(access.all_tokens(conn)) == []


def test_runs_page_alike_when_many_began_at_once(database: Database) -> None:
    with database.begin() as conn:
        for number in range(7):
            runs.create(
                conn,
                f"r_{number}",
                kind=RunKind.LIST,
                object="contacts",
                lane="bulk",
                requested_by="test",
                now=NOW + (number // 3) * MINUTE,
            )
    seen: list[str] = []
    before: str | None = None
    while True:
        with database.read() as conn:
            page = overview.runs_page(conn, before=before, limit=2)
        if not page:
            break
        seen += [run.id for run in page]
        before = page[-1].id
    assert seen == [f"r_{number}" for number in reversed(range(7))]
    with database.read() as conn:
        assert overview.runs_page(conn, object="deals", limit=9) == []
        assert overview.first_run_at(conn) == NOW
        assert set(overview.totals(conn).values()) == {0}


def test_open_errors_are_counted_by_reason_and_as_one(database: Database) -> None:
    long = [Failure(str(at), Reason.TOO_LONG, "f1", None, "", "long") for at in range(3)]
    rule = [Failure("9", Reason.VALIDATION_RULE, "f2", None, "", "rule")]
    with database.begin() as conn:
        problems.put_many(conn, "contacts", long, run_id="r", now=NOW - MINUTE)
        problems.put_many(conn, "contacts", rule, run_id="r", now=NOW)
        problems.ignore(conn, "contacts", ["0"], now=NOW)
        counted = overview.open_errors(conn, since=NOW)
        assert [(each.reason, each.count, each.new) for each in counted] == [
            (Reason.TOO_LONG, 2, 0),
            (Reason.VALIDATION_RULE, 1, 1),
        ]
        assert overview.open_errors(conn, since=NOW, object="deals") == []
        assert overview.open_count(conn) == 3
        assert overview.open_count(conn, object="contacts", fingerprint="f1") == 2
        assert overview.link_count(conn) == 0
        assert overview.calls(conn) == {"hubspot": 0, "salesforce": 0}


def test_the_oldest_record_that_is_due_is_found(database: Database) -> None:
    with database.begin() as conn:
        runs.create(
            conn,
            "r_1",
            kind=RunKind.RECORDS,
            object="contacts",
            lane="bulk",
            requested_by="test",
            now=NOW,
        )
        assert overview.oldest_waiting(conn, "r_1") is None
        work.add(conn, "r_1", [("1", None)], now=NOW)
        work.add(conn, "r_1", [("2", None)], now=NOW + MINUTE)
        assert overview.oldest_waiting(conn, "r_1") == NOW
        work.claim(conn, "r_1", ["1"], lease="l", until=NOW + MINUTE, now=NOW)
        assert overview.oldest_waiting(conn, "r_1") == NOW + MINUTE


def test_the_audit_pages_backwards_and_finds_what_begins_alike(database: Database) -> None:
    with database.begin() as conn:
        for what in ("run.started", "run.paused", "list.chosen", "run%"):
            audit.append(conn, what, who="anna", now=NOW, detail={})
        first = overview.audit_page(conn, limit=2)
        assert [line.what for line in first] == ["run%", "list.chosen"]
        older = overview.audit_page(conn, before=first[-1].id, limit=9)
        assert [line.what for line in older] == ["run.paused", "run.started"]
        assert [line.what for line in overview.audit_page(conn, what="run.", limit=9)] == [
            "run.paused",
            "run.started",
        ]
        assert [line.what for line in overview.audit_page(conn, what="run%", limit=9)] == ["run%"]
        assert overview.audit_page(conn, who="bert", limit=9) == []


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, {Role.VIEWER}),
        (Role.OPERATOR, {Role.VIEWER, Role.OPERATOR}),
        (Role.ADMIN, set(Role)),
    ],
)
def test_each_role_may_what_the_ones_before_may(role: Role, may: set[Role]) -> None:
    assert {needed for needed in Role if role.may(needed)} == may
