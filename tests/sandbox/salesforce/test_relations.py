"""Merges and conversions: several records change at once."""

import pytest

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from tests.sandbox.salesforce.caller import Caller

KEY = "HubSpot_Contact_Id__c"


def test_a_merge_bins_the_losers_and_moves_their_children(caller: Caller, org: Org) -> None:
    master, *losers = (org.insert("Contact", {"LastName": name}) for name in "ABC")
    task = org.insert("Task", {"Subject": "Call", "WhoId": losers[0]})
    org.merge(master, losers)
    assert caller.rows("SELECT Id FROM Contact") == [{"Id": master}]
    soql = "SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true ORDER BY LastName"
    assert caller.rows(soql, everything=True) == [
        {"Id": loser, "MasterRecordId": master} for loser in losers
    ]
    assert caller.rows("SELECT Id, WhoId FROM Task") == [{"Id": task, "WhoId": master}]
    written = [entry.operation for entry in org.journal.entries if entry.type == "Contact"]
    assert written == ["create"] * 3 + ["merge"] * 3


def test_a_write_to_a_merged_record_says_that_it_is_deleted(caller: Caller, org: Org) -> None:
    master, loser = (org.insert("Contact", {"LastName": name}) for name in "AB")
    org.merge(master, [loser])
    answer = caller.call("PATCH", f"sobjects/Contact/{loser}", {"Title": "T"})
    assert (answer.status, answer.body[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_the_key_of_a_merged_record_is_free_again(caller: Caller, org: Org) -> None:
    master = org.insert("Contact", {"LastName": "A"})
    loser = org.insert("Contact", {"LastName": "B", KEY: "1"})
    org.merge(master, [loser])
    assert caller.call("PATCH", f"sobjects/Contact/{master}", {KEY: "1"}).status == 204


def test_only_three_of_one_mergeable_object_are_merged(org: Org) -> None:
    ids = [org.insert("Contact", {"LastName": name}) for name in "ABCD"]
    lead = org.insert("Lead", {"LastName": "L", "Company": "C"})
    case = org.insert("Case", {})
    for master, losers in ((ids[0], ids[1:]), (ids[0], [lead]), (ids[0], [ids[0]]), (case, [case])):
        with pytest.raises(SalesforceError):
            org.merge(master, losers)
    assert not any(record.deleted for record in org.table("Contact").rows.values())


def test_a_refused_merge_leaves_no_loser_in_the_bin(caller: Caller, org: Org) -> None:
    """Once the first loser stayed deleted, unseen by the journal, when the second was refused."""
    master, first, second = (org.insert("Contact", {"LastName": name}) for name in "ABC")
    org.delete(second)
    with pytest.raises(SalesforceError, match="entity is deleted"):
        org.merge(master, [first, second])
    assert {row["Id"] for row in caller.rows("SELECT Id FROM Contact")} == {master, first}
    assert not org.table("Contact").rows[first[:15]].deleted


def test_a_refused_conversion_leaves_no_account(caller: Caller, org: Org) -> None:
    """Once the account stayed, unseen by the journal, when the contact was refused."""
    lead = org.insert("Lead", {"LastName": "x" * 99, "Company": "C"}, bypass_rules=True)
    with pytest.raises(SalesforceError, match="data value too large"):
        org.convert_lead(lead)
    assert caller.query("SELECT COUNT() FROM Account").body["totalSize"] == 0


def test_a_conversion_makes_a_contact_and_keeps_the_lead(caller: Caller, org: Org) -> None:
    lead = org.insert(
        "Lead",
        {"LastName": "L", "Company": "Acme", "Email": "l@x.example", "City": "Bonn", KEY: "7"},
    )
    made = org.convert_lead(lead)
    converted = "IsConverted, ConvertedContactId, ConvertedAccountId, ConvertedDate"
    row = caller.rows(f"SELECT {converted}, Status FROM Lead")[0]
    assert (row["IsConverted"], row["Status"]) == (True, "Closed - Converted")
    assert row["ConvertedContactId"] == made["contactId"]
    assert row["ConvertedAccountId"] == made["accountId"]
    assert row["ConvertedDate"] == org.clock.now().date().isoformat()
    contact = caller.rows(f"SELECT Email, MailingCity, Account.Name, {KEY} FROM Contact")[0]
    assert (contact["Email"], contact["MailingCity"], contact[KEY]) == ("l@x.example", "Bonn", "7")
    assert contact["Account"]["Name"] == "Acme"


def test_a_conversion_into_an_account_makes_no_other(caller: Caller, org: Org) -> None:
    account = org.insert("Account", {"Name": "A"})
    lead = org.insert("Lead", {"LastName": "L", "Company": "C"})
    assert org.convert_lead(lead, account_id=account)["accountId"] == account
    assert caller.query("SELECT COUNT() FROM Account").body["totalSize"] == 1
    with pytest.raises(SalesforceError, match="cannot reference converted lead"):
        org.convert_lead(lead)


def test_a_loaded_org_dumps_and_answers_the_same(caller: Caller, org: Org) -> None:
    master, loser = (org.insert("Contact", {"LastName": name, KEY: name}) for name in "AB")
    org.merge(master, [loser])
    org.convert_lead(org.insert("Lead", {"LastName": "L", "Company": "C"}))
    state = org.dump()
    soql = f"SELECT Id, LastName, {KEY}, MasterRecordId FROM Contact ORDER BY Id"
    before = caller.rows(soql, everything=True)
    org.load(state)
    caller.log_in()
    assert caller.rows(soql, everything=True) == before
    assert org.dump() == state
