"""Duplicate rules: what they find, what they say of it, and who may save anyway."""

import pytest

from sandbox.salesforce.org import Org
from tests.sandbox.salesforce.caller import Caller, contact, lead

DUPLICATES = {"object": "Contact", "name": "Contacts_DR", "match_on": ["Email"]}


@pytest.mark.parametrize(
    ("version", "key"), [("51.0", "duplicateResut"), ("67.0", "duplicateResult")]
)
def test_a_duplicate_names_what_it_matched(
    caller: Caller, org: Org, version: str, key: str
) -> None:
    org.set_options({"duplicate_rules": [DUPLICATES]})
    held = org.insert("Contact", {"LastName": "M", "Email": "m@x.example"})
    caller.version = version
    answer = caller.call("POST", "sobjects/Contact", {"LastName": "N", "Email": "M@X.example"})
    (error,) = answer.body
    assert (error["errorCode"], error["message"]) == (
        "DUPLICATES_DETECTED",
        "Use one of these records?",
    )
    result = error[key]
    assert (result["allowSave"], result["duplicateRule"]) == (True, "Contacts_DR")
    match = result["matchResults"][0]
    assert (match["size"], match["matchRecords"][0]["record"]["Id"]) == (1, held)


@pytest.mark.parametrize(("action", "status"), [("Alert", 201), ("Block", 400)])
def test_only_an_alert_can_be_overruled(caller: Caller, org: Org, action: str, status: int) -> None:
    org.set_options({"duplicate_rules": [DUPLICATES | {"action": action}]})
    org.insert("Contact", {"LastName": "M", "Email": "m@x.example"})
    fields = {"LastName": "N", "Email": "m@x.example"}
    header = {"sforce-duplicate-rule-header": "allowSave=true; includeRecordDetails=true"}
    assert caller.call("POST", "sobjects/Contact", fields).status == 400
    assert caller.call("POST", "sobjects/Contact", fields, headers=header).status == status


def test_records_of_one_save_are_not_compared_with_each_other(caller: Caller, org: Org) -> None:
    org.set_options({"duplicate_rules": [DUPLICATES | {"action": "Block"}]})
    alike = [contact(Email="m@x.example"), contact(Email="m@x.example")]
    created = [each["success"] for each in caller.collection("POST", "", alike)]
    later = [each["success"] for each in caller.collection("POST", "", alike[:1])]
    assert (created, later) == ([True, True], [False])


def test_a_composite_saves_one_subrequest_after_the_other(caller: Caller, org: Org) -> None:
    org.set_options({"duplicate_rules": [DUPLICATES | {"action": "Block"}]})
    parts = [
        {
            "method": "POST",
            "url": f"/services/data/v{caller.version}/sobjects/Contact",
            "referenceId": name,
            "body": {"LastName": name, "Email": "m@x.example"},
        }
        for name in ("one", "two")
    ]
    sent = {"allOrNone": True, "compositeRequest": parts}
    one, two = caller.call("POST", "composite", sent).body["compositeResponse"]
    assert two["body"][0]["errorCode"] == "DUPLICATES_DETECTED"
    assert one["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_a_lead_can_duplicate_a_contact_by_name(caller: Caller, org: Org) -> None:
    rule = {
        "object": "Lead",
        "name": "Lead_DR",
        "match_on": ["LastName", "Email"],
        "against": ["Lead", "Contact"],
    }
    org.set_options({"duplicate_rules": [rule]})
    org.insert("Contact", {"LastName": "Meier", "Email": "m@x.example"})
    results = caller.collection("POST", "", [lead(Email="m@x.example"), lead(Email="n@x.example")])
    assert [result["success"] for result in results] == [False, True]
    error = results[0]["errors"][0]
    assert error["statusCode"] == "DUPLICATES_DETECTED"
    assert error["duplicateResult"]["matchResults"][0]["entityType"] == "Contact"
