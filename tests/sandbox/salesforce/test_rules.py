"""Every refusal of the reference's error table, by the record that causes it."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import FieldSpec
from tests.sandbox.salesforce.caller import Caller, contact

KEY = "HubSpot_Contact_Id__c"


def refused(caller: Caller, fields: dict[str, Any], sobject: str = "Contact") -> dict[str, Any]:
    answer = caller.call("POST", f"sobjects/{sobject}", fields)
    assert answer.status == 400, answer.body
    error: dict[str, Any] = answer.body[0]
    return error


@pytest.mark.parametrize(
    ("fields", "code", "message", "named"),
    [
        (
            {"FirstName": "Ada"},
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LastName]",
            ["LastName"],
        ),
        (
            {"LastName": "   "},
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LastName]",
            ["LastName"],
        ),
        (
            {"LastName": "x" * 81},
            "STRING_TOO_LONG",
            f"Last Name: data value too large: {'x' * 81} (max length=80)",
            ["LastName"],
        ),
        (
            {"LastName": "M", "CleanStatus": "Sparkling"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Clean Status: bad value for restricted picklist field: Sparkling",
            ["CleanStatus"],
        ),
        (
            {"LastName": "M", "Email": "not an address"},
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: not an address",
            ["Email"],
        ),
        (
            {"LastName": "M", "foo": "x"},
            "INVALID_FIELD",
            "No such column 'foo' on sobject of type Contact",
            None,
        ),
        (
            {"LastName": "M", "Name": "x", "PhotoUrl": "y"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            (
                "Unable to create/update fields: Name, PhotoUrl. Please check the security "
                "settings of this field and verify that it is read/write for your profile or "
                "permission set."
            ),
            ["Name", "PhotoUrl"],
        ),
        (
            {"LastName": "M", "AccountId": "nonsense"},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: nonsense",
            ["AccountId"],
        ),
        (
            {"LastName": "M", "MailingLatitude": 99999},
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Mailing Latitude: value outside of valid range on numeric field: 99999",
            ["MailingLatitude"],
        ),
        (
            {"LastName": "M", "Birthdate": "31.12.2020"},
            "JSON_PARSER_ERROR",
            (
                "Cannot deserialize instance of date from VALUE_STRING value 31.12.2020 "
                "or request may be missing a required field at [line:1, column:1]"
            ),
            None,
        ),
    ],
)
def test_a_wrong_value_is_refused(
    caller: Caller, fields: dict[str, Any], code: str, message: str, named: list[str] | None
) -> None:
    error = refused(caller, fields)
    assert error == {"message": message, "errorCode": code} | ({"fields": named} if named else {})


@pytest.mark.parametrize(
    ("value", "token"),
    [
        (5, "VALUE_NUMBER_INT value 5"),
        (5.5, "VALUE_NUMBER_FLOAT value 5.5"),
        (True, "VALUE_TRUE value true"),
        ({}, "START_OBJECT value {"),
        ([], "START_ARRAY value ["),
    ],
)
def test_text_fields_take_text_only(caller: Caller, value: Any, token: str) -> None:
    error = refused(caller, {"LastName": value})
    assert error["errorCode"] == "JSON_PARSER_ERROR"
    assert f"Cannot deserialize instance of string from {token}" in error["message"]


def test_numbers_in_text_can_be_switched_on(caller: Caller, org: Org) -> None:
    org.set_options({"number_in_text": "accept"})
    caller.call("POST", "sobjects/Contact", {"LastName": 5})
    assert caller.rows("SELECT LastName FROM Contact") == [{"LastName": "5"}]


def test_a_lead_needs_name_and_company(caller: Caller) -> None:
    error = refused(caller, {}, "Lead")
    assert error["fields"] == ["LastName", "Company"]


def test_a_required_field_cannot_be_cleared(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M", "Title": "T"})
    answer = caller.call("PATCH", f"sobjects/Contact/{made}", {"LastName": "", "Title": None})
    assert answer.body[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert caller.call("PATCH", f"sobjects/Contact/{made}", {"Title": None}).status == 204
    assert caller.rows("SELECT Title FROM Contact") == [{"Title": None}]


def test_text_is_trimmed_and_addresses_are_stored_lower_case(caller: Caller) -> None:
    fields = {"LastName": "  Meier ", "Email": "Ada.Meier@X.Example"}
    caller.call("POST", "sobjects/Contact", fields)
    assert caller.rows("SELECT LastName, Email FROM Contact") == [
        {"LastName": "Meier", "Email": "ada.meier@x.example"}
    ]


def test_numbers_dates_and_switches_are_stored_in_their_form(caller: Caller) -> None:
    fields = {
        "LastName": "M",
        "Company": "C",
        "AnnualRevenue": "1234.6",
        "NumberOfEmployees": 12,
        "IsUnreadByOwner": False,
        "EmailBouncedDate": None,
    }
    made = caller.call("POST", "sobjects/Lead", fields | {"EmailBouncedDate": None})
    assert made.status == 400
    del fields["EmailBouncedDate"]
    caller.call("POST", "sobjects/Lead", fields)
    row = caller.rows("SELECT AnnualRevenue, NumberOfEmployees, IsUnreadByOwner FROM Lead")[0]
    assert row == {"AnnualRevenue": 1235.0, "NumberOfEmployees": 12, "IsUnreadByOwner": False}


def test_a_unique_value_taken_names_the_holder_in_15_characters(caller: Caller, org: Org) -> None:
    held = org.insert("Contact", {"LastName": "M", KEY: "Ab1"})
    error = refused(caller, {"LastName": "N", KEY: "aB1"})
    assert error["errorCode"] == "DUPLICATE_VALUE"
    assert error["message"] == (
        f"duplicate value found: {KEY} duplicates value on record with id: {held[:15]}"
    )
    org.options.hide_duplicate_id = True
    assert refused(caller, {"LastName": "N", KEY: "Ab1"})["message"] == (
        "duplicate value found: <unknown> duplicates value on record with id: <unknown>"
    )


def test_a_deleted_record_gives_its_unique_value_free(caller: Caller, org: Org) -> None:
    held = org.insert("Contact", {"LastName": "M", KEY: "1"})
    org.delete(held)
    assert caller.call("POST", "sobjects/Contact", {"LastName": "N", KEY: "1"}).status == 201


def test_references_must_name_a_live_record_of_the_right_object(caller: Caller, org: Org) -> None:
    other = org.insert("Contact", {"LastName": "M"})
    account = org.insert("Account", {"Name": "A"})
    wrong = refused(caller, {"LastName": "N", "AccountId": other})
    assert wrong["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    missing = refused(caller, {"LastName": "N", "AccountId": "001000000000001"})
    assert missing["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"
    org.delete(account)
    gone = refused(caller, {"LastName": "N", "AccountId": account})
    assert gone["errorCode"] == "ENTITY_IS_DELETED"


def test_an_inactive_user_cannot_own(caller: Caller, org: Org) -> None:
    former = org.table("User").holding("Username", "former.employee@acme-sandbox.example")[0].id
    error = refused(caller, {"LastName": "N", "OwnerId": former})
    assert error["errorCode"] == "INACTIVE_OWNER_OR_USER"


def test_a_validation_rule_answers_in_the_words_of_its_author(caller: Caller, org: Org) -> None:
    rule = {
        "object": "Contact",
        "when": {"MailingCountry": "Germany"},
        "requires": "Phone",
        "message": "Phone required",
        "field": "Phone",
    }
    org.set_options({"validation_rules": [rule]})
    error = refused(caller, {"LastName": "N", "MailingCountry": "Germany"})
    assert error == {
        "message": "Phone required",
        "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "fields": ["Phone"],
    }
    allowed = {"LastName": "N", "MailingCountry": "Germany", "Phone": "1"}
    assert caller.call("POST", "sobjects/Contact", allowed).status == 201


def test_a_locked_parent_refuses_its_children(caller: Caller, org: Org) -> None:
    account = org.insert("Account", {"Name": "A"})
    org.lock(account, seconds=10)
    fields = {"LastName": "N", "AccountId": account}
    error = refused(caller, fields)
    assert error["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert error["message"].endswith(f"or 1 records: {account}")
    assert caller.call("POST", "sobjects/Contact", {"LastName": "N"}).status == 201
    org.clock.move(timedelta(seconds=11))
    assert caller.call("POST", "sobjects/Contact", fields).status == 201


def test_requests_that_share_a_parent_collide_while_it_is_held(caller: Caller, org: Org) -> None:
    account = org.insert("Account", {"Name": "A"})
    org.set_options({"parent_lock_seconds": 5.0})
    org.clock.freeze()
    child = contact(AccountId=account)
    assert all(result["success"] for result in caller.collection("POST", "", [child, child]))
    again = caller.collection("POST", "", [child])
    assert again[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"


def test_a_share_of_writes_can_meet_a_locked_row(caller: Caller, org: Org) -> None:
    account = org.insert("Account", {"Name": "A"})
    org.set_options({"lock_rate": 0.3})
    results = caller.collection("POST", "", [contact(AccountId=account)] * 200)
    locked = sum(not result["success"] for result in results)
    assert 30 < locked < 90


def test_a_converted_lead_is_read_only_unless_the_org_permits(caller: Caller, org: Org) -> None:
    made = org.insert("Lead", {"LastName": "L", "Company": "C"})
    org.convert_lead(made)
    answer = caller.call("PATCH", f"sobjects/Lead/{made}", {"Title": "CEO"})
    assert (answer.status, answer.body) == (
        400,
        [
            {
                "message": "cannot reference converted lead",
                "errorCode": "CANNOT_UPDATE_CONVERTED_LEAD",
            }
        ],
    )
    org.set_options({"update_converted_leads": True})
    assert caller.call("PATCH", f"sobjects/Lead/{made}", {"Title": "CEO"}).status == 204


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_assignment_takes_the_owner_unless_switched_off(
    caller: Caller, org: Org, method: str
) -> None:
    queue = org.options.assignment_rules["Lead"][0]
    fields = {"LastName": "L", "Company": "C", "OwnerId": org.admin_id}
    for header, owner in (("FALSE", org.admin_id), ("TRUE", queue), (None, queue)):
        made = org.insert("Lead", fields)
        path = "sobjects/Lead" if method == "POST" else f"sobjects/Lead/{made}"
        if header is None:
            caller.headers.pop("sforce-auto-assign")
        else:
            caller.headers["sforce-auto-assign"] = header
        answer = caller.call(method, path, fields)
        record = org.find(answer.body["id"] if method == "POST" else made)
        assert record is not None
        assert record.values["OwnerId"] == owner


def test_one_member_per_campaign_and_person(caller: Caller, org: Org) -> None:
    campaign = org.insert("Campaign", {"Name": "C"})
    person = org.insert("Contact", {"LastName": "M"})
    fields = {"CampaignId": campaign, "ContactId": person}
    assert caller.call("POST", "sobjects/CampaignMember", fields).status == 201
    assert refused(caller, fields, "CampaignMember")["errorCode"] == "DUPLICATE_VALUE"
    none = refused(caller, {"CampaignId": campaign}, "CampaignMember")
    assert none["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_a_member_cannot_change_campaigns(caller: Caller, org: Org) -> None:
    campaigns = [org.insert("Campaign", {"Name": name}) for name in "AB"]
    person = org.insert("Contact", {"LastName": "M"})
    made = org.insert("CampaignMember", {"CampaignId": campaigns[0], "ContactId": person})
    answer = caller.call("PATCH", f"sobjects/CampaignMember/{made}", {"CampaignId": campaigns[1]})
    assert answer.body[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_stage_decides_the_probability(caller: Caller) -> None:
    fields = {"Name": "Deal", "StageName": "Closed Won", "CloseDate": "2026-05-01"}
    caller.call("POST", "sobjects/Opportunity", fields)
    row = caller.rows("SELECT Probability, IsWon, IsClosed FROM Opportunity")[0]
    assert row == {"Probability": 100.0, "IsWon": True, "IsClosed": True}


def test_a_field_added_later_is_writable_and_indexed(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M"})
    org.add_field("Contact", FieldSpec("Score__c", "Score", length=5, external_id=True))
    assert caller.call("PATCH", f"sobjects/Contact/{made}", {"Score__c": "9"}).status == 204
    assert caller.rows("SELECT Id FROM Contact WHERE Score__c = '9'") == [{"Id": made}]
    error = refused(caller, {"LastName": "N", "Score__c": "123456"})
    assert error["message"] == "Score: data value too large: 123456 (max length=5)"


def test_each_value_of_a_restricted_multipicklist_has_to_be_known(caller: Caller, org: Org) -> None:
    """All of them together used to be looked up as one value."""
    known: dict[str, Any] = {"length": 255, "restricted": True, "values": ("North", "South")}
    org.add_field("Contact", FieldSpec("Regions__c", "Regions", "multipicklist", **known))
    both = org.insert("Contact", {"LastName": "M", "Regions__c": "north;South"})
    rows = caller.rows(f"SELECT Regions__c FROM Contact WHERE Id = '{both}'")
    assert rows == [{"Regions__c": "North;South"}]
    error = refused(caller, {"LastName": "M", "Regions__c": "North;West"})
    assert error["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
