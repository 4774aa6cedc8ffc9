from typing import Any

import pytest

from sandbox.salesforce.org import Org
from tests.sandbox.salesforce.caller import Caller, contact, lead

KEY = "HubSpot_Contact_Id__c"
UPSERT = f"/Contact/{KEY}"


def codes(results: list[dict[str, Any]]) -> list[str | None]:
    return [None if r["success"] else r["errors"][0]["statusCode"] for r in results]


def test_results_come_in_the_order_of_the_records(caller: Caller, org: Org) -> None:
    results = caller.collection(
        "POST", "", [contact(), contact(LastName=None), lead(), contact(Email="no mail")]
    )
    assert codes(results) == [None, "REQUIRED_FIELD_MISSING", None, "INVALID_EMAIL_ADDRESS"]
    assert results[0] == {"id": results[0]["id"], "success": True, "errors": []}
    assert results[1] == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }
    assert results[2]["id"].startswith("00Q")


def test_an_upsert_says_what_it_created(caller: Caller) -> None:
    first = caller.collection("PATCH", UPSERT, [contact(**{KEY: "1"})])
    both = caller.collection("PATCH", UPSERT, [contact(**{KEY: "2"}), contact(**{KEY: "1"})])
    assert [r["created"] for r in first + both] == [True, True, False]
    assert both[1]["id"] == first[0]["id"]


def test_an_upsert_by_email_updates_its_one_match(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M", "Email": "m@x.example"})
    results = caller.collection("PATCH", "/Contact/Email", [contact(Email="M@x.example")])
    assert results == [{"id": made, "success": True, "errors": [], "created": False}]
    org.insert("Contact", {"LastName": "N", "Email": "m@x.example"})
    results = caller.collection("PATCH", "/Contact/Email", [contact(Email="m@x.example")])
    assert codes(results) == ["DUPLICATE_EXTERNAL_ID"]


def test_an_upsert_by_an_empty_id_creates(caller: Caller) -> None:
    results = caller.collection("PATCH", "/Contact/Id", [contact(Id=None)])
    assert results[0]["created"] is True
    again = caller.collection("PATCH", "/Contact/Id", [contact(Id=results[0]["id"])])
    assert again[0]["created"] is False


def test_a_key_twice_in_one_request_refuses_both(caller: Caller) -> None:
    records = [contact(**{KEY: "7"}), contact(**{KEY: "8"}), contact(**{KEY: "7"})]
    results = caller.collection("PATCH", UPSERT, records)
    assert codes(results) == ["DUPLICATE_VALUE", None, "DUPLICATE_VALUE"]
    assert results[0]["errors"][0]["message"] == "Duplicate external id specified: 7"


def test_an_upsert_without_its_key_is_refused(caller: Caller) -> None:
    assert codes(caller.collection("PATCH", UPSERT, [contact()])) == ["MISSING_ARGUMENT"]


def test_an_upsert_takes_one_type_only(caller: Caller) -> None:
    answer = caller.call("PATCH", f"composite/sobjects{UPSERT}", {"records": [lead(**{KEY: "1"})]})
    assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_TYPE")


def test_updates_name_their_records_by_id(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M"})
    results = caller.collection(
        "PATCH",
        "",
        [
            contact(Id=made[:15], Title="CEO"),
            contact(id="0035gB00000zzzz"),
            contact(Id="nonsense"),
            contact(),
            lead(Id=made),
            {"Id": made},
        ],
    )
    assert codes(results) == [
        None, "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", "MISSING_ARGUMENT",
        "MALFORMED_ID", "INVALID_TYPE",
    ]  # fmt: skip
    assert caller.rows("SELECT Title FROM Contact") == [{"Title": "CEO"}]


def test_a_record_deleted_meanwhile_fails_alone(caller: Caller, org: Org) -> None:
    made = [org.insert("Contact", {"LastName": "M"}) for _ in range(2)]
    org.delete(made[0])
    results = caller.collection("PATCH", "", [contact(Id=each, Title="T") for each in made])
    assert codes(results) == ["ENTITY_IS_DELETED", None]


def test_deletes_take_ids_from_the_query(caller: Caller, org: Org) -> None:
    made = [org.insert("Contact", {"LastName": "M"}) for _ in range(2)]
    ids = ",".join([*made, "0035gB00000zzzz"])
    results = caller.call("DELETE", "composite/sobjects", query={"ids": ids}).body
    assert codes(results) == [None, None, "INVALID_CROSS_REFERENCE_KEY"]
    assert caller.rows("SELECT Id FROM Contact") == []


def test_all_or_none_rolls_the_innocent_back(caller: Caller, org: Org) -> None:
    written = len(org.journal.entries)
    records = [contact(**{KEY: "1"}), contact(LastName=None, **{KEY: "2"}), contact(**{KEY: "3"})]
    results = caller.collection("PATCH", UPSERT, records, all_or_none=True)
    rolled = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert codes(results) == [rolled, "REQUIRED_FIELD_MISSING", rolled]
    assert caller.rows("SELECT Id FROM Contact") == []
    assert len(org.journal.entries) == written
    assert codes(caller.collection("PATCH", UPSERT, [records[0]], all_or_none=True)) == [None]


def test_all_or_none_takes_updates_back_as_well(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M", KEY: "1", "Email": "a@x.example"})
    records = [contact(Id=made, Email="b@x.example"), contact(Id=made, LastName=None)]
    caller.collection("PATCH", "", records, all_or_none=True)
    assert caller.rows("SELECT Id FROM Contact WHERE Email = 'a@x.example'") == [{"Id": made}]
    assert caller.rows("SELECT Id FROM Contact WHERE Email = 'b@x.example'") == []


def test_more_than_200_records_are_refused(caller: Caller) -> None:
    answer = caller.call("POST", "composite/sobjects", {"records": [contact()] * 201})
    assert (answer.status, answer.body) == (
        400,
        [
            {
                "message": (
                    "record limit reached. cannot submit more than 200 records into this call"
                ),
                "errorCode": "EXCEEDED_ID_LIMIT",
            }
        ],
    )


def test_ten_chunks_of_one_type_are_the_most(caller: Caller) -> None:
    ten = [contact(), lead()] * 5
    assert codes(caller.collection("POST", "", ten)) == [None] * 10
    answer = caller.call("POST", "composite/sobjects", {"records": [*ten, contact()]})
    assert answer.status == 400


def test_a_call_costs_one_of_the_allowance(caller: Caller, org: Org) -> None:
    before = org.usage.used(org.clock.timestamp())
    caller.collection("POST", "", [contact()] * 200)
    assert org.usage.used(org.clock.timestamp()) == before + 1
    assert org.calls["POST composite/sobjects"] == 1


@pytest.mark.parametrize(("refire", "runs"), [(True, [1, 2]), (False, [1, 1])])
def test_triggers_of_survivors_fire_again_after_a_partial_failure(
    caller: Caller, org: Org, *, refire: bool, runs: list[int]
) -> None:
    org.options.trigger_refire = refire
    good = caller.collection("POST", "", [contact()])
    mixed = caller.collection("POST", "", [contact(), contact(LastName=None)])
    assert [org.trigger_runs[good[0]["id"]], org.trigger_runs[mixed[0]["id"]]] == runs


@pytest.mark.parametrize("has_id", [True, False])
def test_a_failed_element_names_its_id_by_switch(caller: Caller, org: Org, *, has_id: bool) -> None:
    org.options.failed_element_has_id = has_id
    made = org.insert("Contact", {"LastName": "M"})
    result = caller.collection("PATCH", "", [contact(Id=made, LastName=None)])[0]
    assert ("id" in result) == has_id


def test_records_are_read_in_order_with_null_for_none(caller: Caller, org: Org) -> None:
    made = [org.insert("Contact", {"LastName": name}) for name in "AB"]
    answer = caller.call(
        "POST",
        "composite/sobjects/Contact",
        {"ids": [made[1], "0035gB00000zzzz", made[0]], "fields": ["LastName"]},
    )
    assert [row and row["LastName"] for row in answer.body] == ["B", None, "A"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"ids": ["0035gB00000zzzz"], "fields": ["Nope"]}, "INVALID_FIELD"),
        ({"ids": ["0035gB00000zzzz"]}, "JSON_PARSER_ERROR"),
        ({"fields": ["Id"]}, "JSON_PARSER_ERROR"),
    ],
)
def test_a_read_of_many_names_ids_and_known_fields(
    caller: Caller, asked: dict[str, Any], code: str
) -> None:
    answer = caller.call("POST", "composite/sobjects/Contact", asked)
    assert (answer.status, answer.body[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize("body", [{}, {"records": "x"}, {"records": [1]}, []])
def test_a_body_without_records_is_refused(caller: Caller, body: Any) -> None:
    answer = caller.call("POST", "composite/sobjects", body)
    assert (answer.status, answer.body[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_one_record_that_can_not_be_read_may_be_the_refusal_of_all(
    caller: Caller, org: Org
) -> None:
    org.set_options({"unreadable_record_fails_all": True})
    records = [contact(), contact(Nope="x"), contact(LastName=None)]
    body = {"allOrNone": False, "records": records}
    answer = caller.call("POST", "composite/sobjects", body)
    assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert caller.rows("SELECT Id FROM Contact") == []
    whole = caller.collection("POST", "", [records[0], records[2]])
    assert [each["success"] for each in whole] == [True, False]
