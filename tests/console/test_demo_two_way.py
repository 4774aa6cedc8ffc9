"""The second act's verdict: a pure function over what the sandbox says, and it must say no."""

from typing import Any

import pytest

from console.demo.two_way import Edit, Followed, TwoWay, broken, caused, judge

LIST = "1"
LINKED = "HubSpot_Contact_Id__c"
TO_SALESFORCE = Edit("hubspot", "1", "0031", "phone", "+1")
TO_HUBSPOT = Edit("salesforce", "2", "0032", "city", "Ulm")
LEFT = Edit("salesforce", "3", "0033", "city", "Elsewhere")
IN = {LIST: {"by_filter": True, "evaluated": True}}
OUT = {LIST: {"by_filter": False, "evaluated": False}}


def entry(seq: int, crm: str, id: str, key: str | None, **more: Any) -> dict[str, Any]:
    made = {"seq": seq, "at": float(seq), "crm": crm, "id": id, "contact_id": key}
    kept = {"operation": "update", "caller": "guestlist", "fields": {}, "lists": IN}
    return {**made, **kept, **more}


def contact(key: str, **fields: str) -> dict[str, Any]:
    return {"id": key, "fields": fields}


def twin(key: str, **fields: str) -> dict[str, Any]:
    return {"id": f"003{key}", "fields": {LINKED: key, **fields}}


ENTRY = entry(3, "hubspot", "9", "9", operation="create", lists=OUT, fields={"email": "new@x"})
BROUGHT = entry(4, "hubspot", "8", "8", operation="create", lists=OUT, fields={"email": "in@x"})
JOURNAL = [
    entry(2, "hubspot", "3", "3", caller="user", lists=OUT),
    ENTRY,
    BROUGHT,
    entry(5, "hubspot", "1", "1", caller="user", fields={"phone": "+1"}),
    entry(6, "salesforce", "0032", "2", caller="user", fields={"MailingCity": "Ulm"}),
    entry(7, "salesforce", "0031", "1", fields={"Phone": "+1"}),
    entry(9, "hubspot", "2", "2", fields={"city": "Ulm"}),
]


def followed(**changes: Any) -> Followed:
    """Two edits that were carried, one that was not and must not be, an entry, an import."""
    kept = Followed(
        list_id=LIST,
        edits=[TO_SALESFORCE, TO_HUBSPOT],
        left=LEFT,
        left_after=2,
        entered="new@x",
        imported=["in@x"],
        journal=JOURNAL,
        hubspot=[
            contact("1", phone="+1"),
            contact("2", city="Ulm"),
            contact("3", city="Here"),
            contact("9", email="new@x", lastname="New"),
            contact("8", email="in@x"),
        ],
        salesforce=[
            twin("1", Phone="+1"),
            twin("2", MailingCity="Ulm"),
            twin("3", MailingCity="Elsewhere"),
        ],
    )
    return kept._replace(**changes)


def sentences(**changes: Any) -> list[str]:
    return broken(judge(followed(**changes)), imported=1)


def test_edits_that_reach_the_other_side_and_nothing_else_prove_it() -> None:
    verdict = judge(followed())
    assert verdict == TwoWay(2, 2, 3.0, 0, 1, 0, 1, 0, 0)
    assert broken(verdict, imported=1) == []


@pytest.mark.parametrize(
    "held",
    [
        {"salesforce": [twin("1", Phone="+2"), twin("2", MailingCity="Ulm")]},
        {"hubspot": [contact("1", phone="+1"), contact("2"), *followed().hubspot[3:]]},
        {"salesforce": [twin("2", MailingCity="Ulm")]},
    ],
)
def test_an_edit_that_only_one_side_holds_breaks_it(held: dict[str, Any]) -> None:
    assert sentences(**held) == ["1 edits did not reach the other side"]


@pytest.mark.parametrize(
    "written",
    [
        entry(10, "hubspot", "3", "3", lists=IN),
        entry(10, "salesforce", "0033", "3", lists=IN),
        entry(10, "salesforce", "0033", None, lists=IN),
    ],
)
def test_a_write_about_the_contact_that_left_breaks_it(written: dict[str, Any]) -> None:
    assert "1 writes concern the contact that left" in sentences(journal=[*JOURNAL, written])


def test_a_write_before_it_left_does_not() -> None:
    early = entry(1, "hubspot", "3", "3", lists=IN)
    assert sentences(journal=[early, *JOURNAL]) == []


def test_an_update_of_the_entered_contact_breaks_it() -> None:
    later = entry(10, "hubspot", "9", "9", lists=OUT)
    assert sentences(journal=[*JOURNAL, later]) == [
        "1 writes concern whom Salesforce created, after the entry",
        "1 writes of the following concern contacts outside the list",
    ]


@pytest.mark.parametrize(
    "held", [[], [contact("9", email="new@x")], [contact("9", email="other@x", lastname="New")]]
)
def test_nobody_entering_breaks_it(held: list[dict[str, Any]]) -> None:
    others = [row for row in followed().hubspot if row["id"] != "9"]
    assert sentences(hubspot=[*others, *held]) == ["whom Salesforce created did not enter HubSpot"]


@pytest.mark.parametrize("held", [[], [contact("8", email="in@x", lastname="In")]])
def test_an_import_of_nobody_or_of_more_than_the_address_breaks_it(
    held: list[dict[str, Any]],
) -> None:
    others = [row for row in followed().hubspot if row["id"] != "8"]
    assert sentences(hubspot=[*others, *held]) == ["0 of 1 were imported by e-mail alone"]


@pytest.mark.parametrize(
    "written",
    [
        entry(10, "hubspot", "4", "4", lists=OUT),
        entry(10, "salesforce", "0034", "4", operation="create", lists=OUT),
        entry(10, "hubspot", "4", "4", operation="create", lists=OUT, fields={"email": "z@x"}),
        entry(10, "salesforce", "0038", "8", operation="create", lists=OUT, fields={"email": 1}),
    ],
)
def test_any_other_write_past_the_list_breaks_it(written: dict[str, Any]) -> None:
    assert "1 writes of the following concern contacts outside the list" in sentences(
        journal=[*JOURNAL, written]
    )


def test_two_records_of_one_contact_break_it() -> None:
    again = {**twin("1"), "id": "00Q1"}
    assert "1 contacts have two Salesforce records after the following" in sentences(
        salesforce=[*followed().salesforce, again]
    )


def test_edits_are_carried_once_each_value_was_written_on_the_other_side() -> None:
    edits = [TO_SALESFORCE, TO_HUBSPOT]
    assert caused(edits, JOURNAL)
    assert not caused(edits, JOURNAL[:-1])
    assert not caused(edits, [{**each, "caller": "user"} for each in JOURNAL])
