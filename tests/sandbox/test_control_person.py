from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.world import World
from tests.sandbox.conftest import Control, add_contact, lines

Call = Callable[..., requests.Response]
CONTACTS = "/crm/v3/objects/contacts"


def test_a_person_creates_updates_merges_and_archives_in_hubspot(
    control: Control, hubspot: Call
) -> None:
    first, second = add_contact(control, "a@example.com"), add_contact(control, "b@example.com")
    control.ok("POST", "hubspot/contacts/update", {"id": first, "properties": {"city": "Graz"}})
    merged = control.ok("POST", "hubspot/contacts/merge", {"primary": first, "merged": second})
    found = hubspot("GET", f"{CONTACTS}/{merged['id']}?properties=city").json()
    assert found["properties"]["city"] == "Graz"
    control.ok("POST", "hubspot/contacts/archive", merged)
    assert hubspot("GET", f"{CONTACTS}/{merged['id']}").status_code == 404
    entries = lines(control("GET", "journal"))
    assert [entry["operation"] for entry in entries] == [
        "create",
        "create",
        "update",
        "merge",
        "delete",
    ]
    assert {entry["caller"] for entry in entries} == {"user"}


def test_a_person_forgets_a_contact_for_good(control: Control) -> None:
    contact = add_contact(control, "a@example.com")
    control.ok("POST", "hubspot/contacts/gdpr", {"id": contact})
    assert lines(control("GET", "journal"))[-1]["operation"] == "gdpr-delete"


def test_a_person_works_in_salesforce_too(control: Control, world: World) -> None:
    def do(sobject: str, verb: str, **given: Any) -> Any:
        return control.ok("POST", f"salesforce/{sobject}/{verb}", given)

    master = do("Contact", "insert", fields={"LastName": "Doe"})["id"]
    loser = do("Contact", "insert", fields={"LastName": "Doe"})["id"]
    do("Contact", "update", id=master, fields={"Title": "Owner"})
    do("Contact", "merge", master=master, losers=[loser])
    do("Contact", "delete", id=master)
    do("Contact", "undelete", id=master)
    lead = do("Lead", "insert", fields={"LastName": "Roe", "Company": "Acme"})["id"]
    assert set(do("Lead", "convert", id=lead)) == {"contactId", "accountId"}
    found = world.org.find(master)
    assert found is not None
    assert found.values["Title"] == "Owner"


def test_an_edit_names_the_type_of_its_record(control: Control) -> None:
    lead = {"LastName": "Roe", "Company": "Acme"}
    made = control.ok("POST", "salesforce/Lead/insert", {"fields": lead})["id"]
    for verb in ("update", "delete", "convert"):
        given = {"id": made, "fields": {}} if verb == "update" else {"id": made}
        refusal = control.refused("POST", f"salesforce/Contact/{verb}", given)
        assert refusal == f"{made} is a Lead, not a Contact."


def test_many_edits_come_in_one_call(control: Control, world: World) -> None:
    given = [{"properties": {"email": f"{n}@example.com"}} for n in range(50)]
    assert len(control.ok("POST", "hubspot/contacts/create", given)) == 50
    assert len(world.journal.entries) == 50


@pytest.mark.parametrize(
    ("route", "given"),
    [
        ("hubspot/contacts/create", {}),
        ("hubspot/contacts/create", {"properties": {"no_such": "1"}}),
        ("hubspot/contacts/update", {"id": 7, "properties": {}}),
        ("hubspot/contacts/update", {"id": "7", "properties": {"city": "Graz"}}),
        ("hubspot/gadgets/create", {"properties": {"name": "x"}}),
        ("hubspot/contacts/archive", {"id": "7"}),
        ("hubspot/contacts/merge", {"primary": "7", "merged": "8"}),
        ("salesforce/Contact/insert", {"fields": {"FirstName": "no last name"}}),
        ("salesforce/Gadget/insert", {"fields": {"Name": "x"}}),
        ("salesforce/Contact/update", {"id": "003000000000000AAA", "fields": {}}),
        ("salesforce/Contact/insert", {"fields": {"LastName": "x"}, "bypass_rules": "yes"}),
        ("salesforce/Contact/merge", {"master": "x", "losers": "y"}),
        ("salesforce/Lead/convert", {"id": "00Q000000000000AAA"}),
    ],
)
def test_an_edit_that_a_crm_would_refuse_is_refused(
    control: Control, world: World, route: str, given: Any
) -> None:
    assert control.refused("POST", route, given)
    assert world.journal.entries == []


def test_an_unknown_verb_names_the_known_ones(control: Control) -> None:
    answer = control("POST", "hubspot/contacts/explode", {})
    assert answer.status_code == 404
    assert "archive" in answer.json()["error"]


def test_a_person_may_import_what_hubspot_would_refuse(control: Control, world: World) -> None:
    given = {"properties": {"email": "no e-mail"}, "bypass_rules": True}
    contact = control.ok("POST", "hubspot/contacts/create", given)["id"]
    changed = {"id": contact, "properties": {"email": "@"}, "bypass_rules": True}
    control.ok("POST", "hubspot/contacts/update", changed)
    assert world.portal.store_of("contacts").records[contact].values["email"] == "@"


def test_a_contact_whose_address_is_taken_stays_in_the_recycle_bin(control: Control) -> None:
    """Once it came back, and two contacts had one address."""
    contact = add_contact(control, "a@example.com")
    control.ok("POST", "hubspot/contacts/archive", {"id": contact})
    other = add_contact(control, "A@example.com")
    assert other in control.refused("POST", "hubspot/contacts/restore", {"id": contact})


def test_a_person_takes_a_contact_out_of_the_recycle_bin(control: Control, hubspot: Call) -> None:
    contact = add_contact(control, "a@example.com")
    control.ok("POST", "hubspot/contacts/archive", {"id": contact})
    control.ok("POST", "hubspot/contacts/restore", {"id": contact})
    assert hubspot("GET", f"{CONTACTS}/{contact}").status_code == 200
    assert control.refused("POST", "hubspot/contacts/restore", {"id": contact})


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("hubspot/contacts/fields/fax", "/crm/v3/properties/contacts/fax"),
        ("hubspot/contacts/fields/annualrevenue", "/crm/v3/properties/contacts/annualrevenue"),
    ],
)
def test_an_administrator_takes_a_property_away_and_gives_it_back(
    control: Control, hubspot: Call, place: str, path: str
) -> None:
    name = path.rpartition("/")[2]
    contact = add_contact(control, "a@example.com")
    value = {"id": contact, "properties": {name: "1"}}
    control.ok("POST", "hubspot/contacts/update", value)
    read = f"{CONTACTS}/{contact}?properties={name}"
    control.ok("PUT", place, {"state": "gone"})
    assert hubspot("GET", path).status_code == 404
    assert name not in hubspot("GET", read).json()["properties"]
    refused = hubspot("PATCH", f"{CONTACTS}/{contact}", json={"properties": {name: "2"}})
    assert "PROPERTY_DOESNT_EXIST" in refused.text
    control.ok("PUT", place, {"state": "read_only"})
    refused = hubspot("PATCH", f"{CONTACTS}/{contact}", json={"properties": {name: "2"}})
    assert "READ_ONLY_VALUE" in refused.text
    control.ok("PUT", place, {"state": "there"})
    assert hubspot("GET", read).json()["properties"][name] == "1"
    control.ok("PUT", place, {"state": "empty"})
    assert hubspot("GET", read).json()["properties"][name] is None


def test_an_administrator_hides_a_field_of_salesforce(control: Control, world: World) -> None:
    made = control.ok(
        "POST", "salesforce/Contact/insert", {"fields": {"LastName": "A", "Fax": "1"}}
    )
    control.ok("PUT", "salesforce/Contact/fields/Fax", {"state": "gone"})
    assert "Fax" not in world.org.table("Contact").spec.fields
    control.ok("PUT", "salesforce/Contact/fields/Fax", {"state": "read_only"})
    assert not world.org.table("Contact").spec.fields["Fax"].updateable
    control.ok("PUT", "salesforce/Contact/fields/Fax", {"state": "there"})
    found = world.org.find(made["id"])
    assert found is not None
    assert found.values["Fax"] == "1"
    assert world.org.table("Contact").spec.fields["Fax"].updateable


@pytest.mark.parametrize(
    ("place", "state", "status"),
    [
        ("hubspot/contacts/fields/none", "gone", 404),
        ("salesforce/Contact/fields/None__c", "gone", 404),
        ("salesforce/None/fields/Fax", "gone", 404),
        ("salesforce/Contact/fields/Fax", "odd", 400),
    ],
)
def test_no_other_field_and_no_other_state_is_taken(
    control: Control, place: str, state: str, status: int
) -> None:
    assert control("PUT", place, {"state": state}).status_code == status
