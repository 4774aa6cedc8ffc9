"""The load proof's verdict: pure, and each invariant can be seen broken."""

from typing import Any

import pytest

from benchmarks.proof.evidence import Account, Lost
from benchmarks.proof.judge import judge
from tests.proof.evidence import JOURNAL, QUIET_AFTER, contact, entry, evidence, twin, user

LOOKED = {"1": 99.0, "2": 99.0, "0039": 99.0}
"""After everything."""


def broken(*more: dict[str, Any], **changes: Any) -> dict[str, tuple[str, ...]]:
    """What is found broken, by invariant, when these entries follow the ordinary ones."""
    held = evidence(journal=[*JOURNAL, *more], **changes)
    return {each.id: each.broken for each in judge(held) if each.broken}


def test_a_load_that_kept_every_promise_breaks_nothing() -> None:
    assert broken() == {}
    assert {each.id for each in judge(evidence())} == {
        *("I1 never", "I1 hard", "I1 lag", "I1 soft", "I2", "I2 race"),
        *("I3", "I4", "I5", "I6", "I8", "I9"),
    }


@pytest.mark.parametrize("key", ["3", None])
def test_I1_never_a_write_into_salesforce_about_whoever_never_was_a_member(
    key: str | None,
) -> None:
    found = broken(entry(20, "salesforce", "0033", key, inside=False))
    assert {"I1 never", "I1 hard", "I1 lag"} <= set(found)


def test_I1_never_a_linked_record_of_whoever_never_was_a_member() -> None:
    rows = [*evidence().salesforce, twin("3")]
    assert set(broken(salesforce=rows)) == {"I1 never"}


def left(seq: int) -> dict[str, Any]:
    """Contact 1 leaves."""
    return user(seq, "hubspot", "1", "1", inside=False, evaluated=True)


def test_I1_hard_and_lag_a_write_long_after_it_left() -> None:
    late = entry(36 + 20, "salesforce", "0031", "1", inside=False)
    found = broken(left(20), late, members=frozenset({"2"}), unchanged=1, looked=LOOKED)
    assert found.keys() == {"I1 hard", "I1 lag", "I5"}


def test_I1_lag_is_by_the_filter_and_I1_hard_by_the_list_as_evaluated() -> None:
    late = entry(20 + 33, "salesforce", "0031", "1", inside=False)
    found = broken(left(20), late, members=frozenset({"2"}), unchanged=1, looked=LOOKED)
    assert found.keys() == {"I1 lag", "I5"}


def test_I1_soft_a_write_shortly_after_it_left_has_to_be_told() -> None:
    exits = [left(20), entry(21, "salesforce", "0031", "1", inside=False)]
    change: dict[str, Any] = {"members": frozenset({"2"}), "unchanged": 1, "looked": LOOKED}
    assert broken(*exits, **change).keys() == {"I1 soft"}
    assert broken(*exits, **change, late=frozenset({"1"})) == {}


def test_I1_a_second_write_about_whoever_entered_past_the_list() -> None:
    found = broken(entry(20, "hubspot", "9", "9", inside=False))
    assert found.keys() == {"I1 hard", "I1 lag"}


def test_I1_an_entry_of_somebody_whom_nobody_created_in_salesforce() -> None:
    made = entry(20, "hubspot", "8", "8", operation="create", fields={"email": "z@x"}, inside=False)
    assert broken(made).keys() == {"I1 hard", "I1 lag"}


def test_I2_an_edit_that_is_written_over_and_in_no_log_is_lost() -> None:
    over = entry(10, "hubspot", "1", "1", fields={"phone": "Old"})
    held: dict[str, Any] = {
        "hubspot": [contact("1", phone="Old"), contact("2", city="C1")],
        "salesforce": [twin("1", Phone="Old"), twin("2", MailingCity="C1")],
    }
    assert "hubspot's 'P1' is lost" in broken(over, **held)["I2"][0]
    assert broken(over, **held, lost=frozenset({Lost("1", "phone", "P1")})) == {}


def test_I2_an_edit_that_stays_where_it_was_made_is_lost() -> None:
    held: dict[str, Any] = {"salesforce": [twin("1"), twin("2", MailingCity="C1")]}
    assert broken(**held).keys() == {"I2", "I6"}
    assert broken(**held, unchanged=1).keys() == {"I2"}, "the last run says that one differs"


def test_I2_the_later_edit_of_the_other_side_may_overrule_what_was_carried() -> None:
    later = [
        user(8, "salesforce", "0031", "1", fields={"Phone": "P2"}),
        entry(9, "hubspot", "1", "1", fields={"phone": "P2"}),
    ]
    held: dict[str, Any] = {
        "hubspot": [contact("1", phone="P2"), contact("2", city="C1")],
        "salesforce": [twin("1", Phone="P2"), twin("2", MailingCity="C1")],
    }
    assert broken(*later, **held) == {}


def test_I2_race_few_edits_may_come_between_our_read_and_our_write() -> None:
    raced = [
        each
        for at in (10, 14)
        for each in (
            user(at, "hubspot", f"{at}", f"{at}", fields={"zip": f"Z{at}"}),
            entry(at + 1, "hubspot", f"{at}", f"{at}", fields={"zip": "Old"}),
        )
    ]
    members = frozenset({"1", "2", "10", "14"})
    rows = {
        "hubspot": [*evidence().hubspot, contact("10", zip="Old"), contact("14", zip="Old")],
        "salesforce": [
            *evidence().salesforce,
            twin("10", MailingPostalCode="Old"),
            twin("14", MailingPostalCode="Old"),
        ],
    }
    kept: dict[str, Any] = {
        "before": members,
        "members": members,
        "unchanged": 4,
        "looked": {**LOOKED, "10": 99.0, "14": 99.0},
    }
    assert broken(*raced[:2], **rows, **kept) == {}
    assert broken(*raced, **rows, **kept).keys() == {"I2 race"}


def test_I3_two_records_of_one_contact() -> None:
    assert "I3" in broken(salesforce=[*evidence().salesforce, {**twin("1"), "id": "00Q1"}])


@pytest.mark.parametrize(
    "again",
    [
        entry(20, "salesforce", "0038", "1", operation="create"),
        entry(20, "hubspot", "8", "8", operation="create", fields={"email": "new@x"}, inside=False),
    ],
)
def test_I3_what_is_created_twice(again: dict[str, Any]) -> None:
    assert broken(again).keys() == {"I3"}


def test_I4_writes_of_what_is_there_already() -> None:
    same = entry(20, "salesforce", "0031", "1", changed=False)
    assert broken(same).keys() == {"I4"}


def test_I5_a_write_in_the_quiet() -> None:
    late = entry(QUIET_AFTER + 1, "salesforce", "0031", "1")
    assert broken(late).keys() == {"I5"}


def test_I6_writes_that_go_on_for_more_than_a_minute() -> None:
    slow = entry(20, "salesforce", "0031", "1", at=70.0)
    assert broken(slow).keys() == {"I6"}


def test_I6_a_member_without_a_twin_that_the_last_run_does_not_explain() -> None:
    held: dict[str, Any] = {"members": frozenset({"1", "2", "5"}), "before": frozenset("125")}
    assert broken(**held).keys() == {"I6"}
    assert broken(**held, refused=1) == {}


def test_I6_sides_that_differ() -> None:
    rows = [contact("1", phone="P1", lastname="Ng"), contact("2", city="C1")]
    assert broken(hubspot=rows).keys() == {"I6"}


def test_I6_no_edit_at_all_proves_nothing() -> None:
    held = evidence(journal=[JOURNAL[0]])
    assert "nobody edited anything" in str([each.broken for each in judge(held)])


@pytest.mark.parametrize(
    "account",
    [
        Account("c_2", 5, 3, 1, finished=True),
        Account("c_2", 5, 4, 1, finished=False),
        Account("c_2", 5, 5, 0, finished=False),
    ],
)
def test_I8_a_run_that_does_not_add_up_or_has_no_end(account: Account) -> None:
    assert broken(accounts=[account]).keys() == {"I8"}


def test_I8_an_edit_that_nobody_looked_at() -> None:
    found = broken(looked={"1": 10.0, "2": 2.0, "0039": 10.0})
    assert found == {"I8": ("nobody looked at 0032 or 2 after its last edit",)}


def test_I9_an_older_edit_that_arrives_after_a_younger_one() -> None:
    disordered = [
        user(8, "hubspot", "1", "1", fields={"phone": "P2"}),
        entry(9, "salesforce", "0031", "1", fields={"Phone": "P2"}),
        entry(10, "salesforce", "0031", "1", fields={"Phone": "P1"}),
        entry(11, "salesforce", "0031", "1", fields={"Phone": "P2"}),
    ]
    held: dict[str, Any] = {
        "hubspot": [contact("1", phone="P2"), contact("2", city="C1")],
        "salesforce": [twin("1", Phone="P2"), twin("2", MailingCity="C1")],
    }
    assert broken(*disordered, **held).keys() == {"I9"}
