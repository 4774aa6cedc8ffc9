from typing import Any

from guestlist.domain.reason import Reason
from guestlist.store import problems
from guestlist.store.database import Database
from guestlist.store.problems import Failure, Problem, Status
from schemas.records import Crm
from tests.store.rows import NOW, SECOND


def a_failure(key: str, **changes: Any) -> Failure:
    failure = Failure(
        key,
        Reason.VALIDATION_RULE,
        "f1",
        Crm.SALESFORCE,
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "Phone required",
        ("Phone",),
        "corr-1",
    )
    return failure._replace(**changes)


def put(database: Database, *failures: Failure, after_s: int = 0) -> None:
    with database.begin() as conn:
        problems.put_many(conn, "contacts", failures, run_id="r_1", now=NOW + after_s * SECOND)


def the_problem(database: Database, key: str = "1") -> Problem:
    with database.read() as conn:
        found = problems.get(conn, "contacts", key)
    assert found is not None
    return found


def test_a_problem_keeps_the_crms_words(database: Database) -> None:
    put(database, a_failure("1", message='Said "no\u0000" \N{SNOWMAN}'))
    found = the_problem(database)
    assert (found.reason, found.crm, found.fields) == (
        Reason.VALIDATION_RULE,
        Crm.SALESFORCE,
        ["Phone"],
    )
    assert found.message == 'Said "no\N{REPLACEMENT CHARACTER}" \N{SNOWMAN}'
    assert (found.correlation_id, found.run_id, found.status) == ("corr-1", "r_1", Status.OPEN)


def test_a_refusal_of_our_own_names_no_crm(database: Database) -> None:
    put(database, a_failure("1", crm=None, code=""))
    assert the_problem(database).crm is None


def test_failing_again_counts_and_keeps_the_beginning(database: Database) -> None:
    put(database, a_failure("1"))
    put(database, a_failure("1", fingerprint="f2", message="Other"), after_s=5)
    found = the_problem(database)
    assert (found.first_at, found.last_at, found.attempts) == (NOW, NOW + 5 * SECOND, 2)
    assert (found.fingerprint, found.message) == ("f2", "Other")


def test_a_resolved_problem_that_returns_is_a_new_one(database: Database) -> None:
    put(database, a_failure("1"))
    with database.begin() as conn:
        assert problems.resolve(conn, "contacts", ["1", "2"], now=NOW) == 1
        assert problems.resolve(conn, "contacts", ["1"], now=NOW) == 0
    assert the_problem(database).status is Status.RESOLVED
    put(database, a_failure("1"), after_s=9)
    found = the_problem(database)
    assert (found.status, found.first_at, found.attempts) == (Status.OPEN, NOW + 9 * SECOND, 1)


def test_an_ignored_problem_returns_when_its_cause_changes(database: Database) -> None:
    put(database, a_failure("1"))
    with database.begin() as conn:
        assert problems.ignore(conn, "contacts", ["1"], now=NOW) == 1
    put(database, a_failure("1"), after_s=1)
    assert the_problem(database).status is Status.IGNORED
    put(database, a_failure("1", fingerprint="f2"), after_s=2)
    assert the_problem(database).status is Status.OPEN


def test_open_problems_are_grouped_by_cause_the_most_frequent_first(database: Database) -> None:
    rare = a_failure("9", reason=Reason.TOO_LONG, fingerprint="f9", message="Too long")
    put(database, rare, a_failure("1"), a_failure("3"))
    put(database, a_failure("2"), a_failure("4"), after_s=5)
    with database.begin() as conn:
        problems.ignore(conn, "contacts", ["4"], now=NOW)
        first, second = problems.groups(conn, "contacts")
        assert problems.groups(conn) == [first, second]
        assert problems.groups(conn, "companies") == []
    assert (first.reason, first.fingerprint, first.count) == (Reason.VALIDATION_RULE, "f1", 3)
    assert (first.first_at, first.last_at) == (NOW, NOW + 5 * SECOND)
    assert (first.example_key, first.example) == ("1", "Phone required")
    assert [*first.fields] == ["Phone"]
    assert (second.reason, second.count) == (Reason.TOO_LONG, 1)


def test_problems_are_paged_by_key_and_filtered(database: Database) -> None:
    keys = ["1", "10", "2", "3"]
    put(database, *(a_failure(key, fingerprint=f"f{key}") for key in keys))
    with database.begin() as conn:
        problems.resolve(conn, "contacts", ["3"], now=NOW)

        def page(**filters: Any) -> list[str]:
            return [each.key for each in problems.page(conn, "contacts", **filters)]

        assert page(limit=2) == ["1", "10"]
        assert page(after_key="10") == ["2"]
        assert page(status=None) == keys
        assert page(status=Status.RESOLVED) == ["3"]
        assert page(status=Status.IGNORED) == []
        assert page(fingerprint="f2") == ["2"]
        assert page(reason=Reason.TOO_LONG) == []


def test_no_failure_is_no_statement(database: Database) -> None:
    put(database)
    with database.read() as conn:
        assert problems.page(conn, "contacts", status=None) == []
