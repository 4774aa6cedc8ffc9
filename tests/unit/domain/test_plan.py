from collections.abc import Mapping
from typing import Any

import pytest

from guestlist.domain.plan import plan
from guestlist.domain.reason import Reason
from guestlist.domain.write import Change, HubSpotWrite, Plan, Sides, Skip
from schemas.mapping import SyncRule
from schemas.records import Crm, HubSpotRecord
from tests.builders import (
    CONTACT_ID,
    EXTERNAL_ID,
    LONG_AGO,
    NOW,
    a_compiled_mapping,
    a_contact,
    a_lead,
    a_row,
    a_salesforce_contact,
    both,
    hubspot_choice,
    hubspot_field,
    one_row,
    salesforce_field,
)

CONTACTS = a_compiled_mapping()
LEADS = a_compiled_mapping(create_as="Lead")


def planned(*args) -> Plan:
    decided = plan(*args)
    assert isinstance(decided, Plan), decided
    return decided


def skipped(*args) -> Skip:
    decided = plan(*args)
    assert isinstance(decided, Skip), decided
    return decided


def to_salesforce(decided: Plan) -> Mapping[str, Any]:
    return decided.salesforce.fields if decided.salesforce else {}


def to_hubspot(decided: Plan) -> Mapping[str, str]:
    return decided.hubspot.properties if decided.hubspot else {}


def test_a_new_contact_is_created_by_upsert_with_what_it_has():
    decided = planned(a_contact(phone=" ", city=None), None, None, CONTACTS)
    write = decided.salesforce
    assert write is not None
    assert (write.type, write.id, write.external_id_field) == ("Contact", None, EXTERNAL_ID)
    assert write.external_id == "501"
    assert write.fields["LastName"] == "Lovelace"
    assert {"Phone", "MailingCity", EXTERNAL_ID}.isdisjoint(write.fields)
    assert (decided.twin, decided.hubspot) == (None, None)


def test_a_creation_leaves_out_what_only_salesforce_may_say():
    fields = to_salesforce(planned(a_contact(), None, None, CONTACTS))
    assert "Budget__c" not in fields


def test_values_are_sent_in_the_types_of_salesforce():
    fields = to_salesforce(planned(a_contact(), None, None, CONTACTS))
    assert fields["Newsletter__c"] is True
    assert fields["Score__c"] == 42
    assert fields["Last_Visit__c"] == "2026-11-01T10:00:00.000Z"
    assert fields["Interests__c"] == "Events;Newsletter"


def test_when_blank_fills_a_creation_and_never_reaches_hubspot():
    created = planned(a_contact(company=None), None, None, LEADS)
    assert to_salesforce(created)["Company"] == "[not provided]"
    assert created.agreed["company"] == Sides(None, "[not provided]")
    lead = a_lead(**to_salesforce(created), HubSpot_Contact_Id__c="501", Status=None)
    assert planned(a_contact(company=None), lead, created.agreed, LEADS).hubspot is None
    assert planned(a_contact(company=None), lead, None, LEADS).hubspot is None


def test_a_value_takes_the_place_of_when_blank():
    lead = a_lead(Company="[not provided]", HubSpot_Contact_Id__c="501")
    agreed = {"company": Sides(None, "[not provided]")}
    decided = planned(a_contact(company="Engines Ltd"), lead, agreed, LEADS)
    assert to_salesforce(decided)["Company"] == "Engines Ltd"
    assert "company" not in to_hubspot(decided)


def test_when_blank_typed_by_a_person_is_a_value_like_any_other():
    lead = a_lead(Company="[not provided]", HubSpot_Contact_Id__c="501")
    agreed = {"company": Sides("Engines Ltd", "Engines Ltd")}
    decided = planned(a_contact(company="Engines Ltd"), lead, agreed, LEADS)
    assert to_hubspot(decided)["company"] == "[not provided]"


def test_a_creation_without_a_required_value_is_refused_and_names_the_field():
    refused = skipped(a_contact(lastname=""), None, None, CONTACTS)
    assert refused.reason is Reason.REQUIRED_MISSING
    assert refused.facts["field"] == "LastName"


def test_records_that_agree_plan_nothing():
    decided = planned(a_contact(), a_salesforce_contact(), None, CONTACTS)
    assert (decided.salesforce, decided.hubspot, decided.changes) == (None, None, ())
    assert decided.twin == ("Contact", CONTACT_ID)
    assert decided.agreed["firstname"] == Sides("Ada", "Ada")


def test_only_changed_fields_are_written_to_each_side():
    agreed = planned(a_contact(), a_salesforce_contact(), None, CONTACTS).agreed
    contact = a_contact(jobtitle="Countess", modified_at=NOW)
    twin = a_salesforce_contact(FirstName="Augusta Ada")
    decided = planned(contact, twin, agreed, CONTACTS)
    assert to_salesforce(decided) == {"Title": "Countess"}
    assert decided.salesforce is not None
    assert decided.salesforce.id == CONTACT_ID
    assert decided.hubspot == HubSpotWrite("501", {"firstname": "Augusta Ada"})
    assert set(decided.changes) == {
        Change(Crm.SALESFORCE, "Title", "Analyst", "Countess"),
        Change(Crm.HUBSPOT, "firstname", "Ada", "Augusta Ada"),
    }


def test_clearing_in_salesforce_clears_hubspot_by_the_empty_text():
    agreed = {"firstname": Sides("Ada", "Ada")}
    decided = planned(a_contact(), a_salesforce_contact(FirstName=None), agreed, CONTACTS)
    assert to_hubspot(decided) == {"firstname": ""}
    assert "firstname" not in decided.agreed


def test_clearing_in_hubspot_clears_salesforce_by_null():
    agreed = {"jobtitle": Sides("Analyst", "Analyst")}
    decided = planned(a_contact(jobtitle=""), a_salesforce_contact(), agreed, CONTACTS)
    assert to_salesforce(decided) == {"Title": None}


def test_a_conflict_goes_to_the_record_that_changed_last():
    agreed = {"jobtitle": Sides("Analyst", "Analyst")}
    twin = a_salesforce_contact(Title="Mathematician", modified_at=LONG_AGO)
    decided = planned(a_contact(jobtitle="Countess", modified_at=NOW), twin, agreed, CONTACTS)
    assert to_salesforce(decided) == {"Title": "Countess"}


def test_an_existing_record_is_adopted_by_writing_our_id_into_it():
    twin = a_salesforce_contact(HubSpot_Contact_Id__c=None)
    decided = planned(a_contact(), twin, None, CONTACTS)
    assert to_salesforce(decided) == {EXTERNAL_ID: "501"}
    assert decided.changes == (Change(Crm.SALESFORCE, EXTERNAL_ID, None, "501"),)


def test_a_record_that_carries_an_id_keeps_it():
    twin = a_salesforce_contact(HubSpot_Contact_Id__c="other")
    assert planned(a_contact(), twin, None, CONTACTS).salesforce is None


@pytest.mark.parametrize(
    ("hubspot", "salesforce"),
    [
        ("Ada@Example.com", "ada@example.com"),
        (" ada@example.com ", "ADA@EXAMPLE.COM"),
    ],
)
def test_spellings_of_one_value_are_no_difference(hubspot, salesforce):
    decided = planned(
        a_contact(email=hubspot), a_salesforce_contact(Email=salesforce), None, CONTACTS
    )
    assert (decided.salesforce, decided.hubspot) == (None, None)


def test_a_blank_checkbox_equals_an_unticked_one():
    decided = planned(
        a_contact(newsletter=None), a_salesforce_contact(Newsletter__c=False), None, CONTACTS
    )
    assert (decided.salesforce, decided.hubspot) == (None, None)


def test_a_checkbox_is_never_cleared_to_null():
    decided = planned(
        a_contact(newsletter=""), a_salesforce_contact(Newsletter__c=True), None, CONTACTS
    )
    assert to_salesforce(decided) == {"Newsletter__c": False}


PICKLIST = salesforce_field(
    "Tier__c", "picklist", options=frozenset({"Gold", "Silver"}), restricted=True
)


@pytest.mark.parametrize(
    ("source", "target", "value", "reason"),
    [
        (hubspot_field("x"), salesforce_field("X", length=5), "sixsix", Reason.TOO_LONG),
        (hubspot_field("x"), PICKLIST, "Bronze", Reason.PICKLIST_VALUE),
        (hubspot_field("x", "number"), salesforce_field("X", "int"), "1.5", Reason.BAD_FORMAT),
        (hubspot_field("x"), salesforce_field("X", "currency"), "about 2M", Reason.BAD_FORMAT),
        (
            hubspot_field("x", "date"),
            salesforce_field("X", "date"),
            "1600-01-01",
            Reason.BAD_FORMAT,
        ),
        (hubspot_field("x"), salesforce_field("X", "email"), "ada@", Reason.BAD_EMAIL),
        (hubspot_field("x"), salesforce_field("X"), "a\x00b", Reason.BAD_FORMAT),
        (hubspot_field("x"), salesforce_field("X"), "half \ud83d", Reason.BAD_FORMAT),
    ],
)
def test_a_value_that_salesforce_would_refuse_is_refused_before_it_is_sent(
    source, target, value, reason
):
    mapping = one_row(SyncRule.TWO_WAY, hubspot=source, salesforce=target)
    refused = skipped(HubSpotRecord("501", {"x": value}, NOW), None, None, mapping)
    assert refused.reason is reason
    assert refused.facts["field"] == target.name
    assert refused.facts["crm"] == "salesforce"
    assert refused.retry_at is None


def test_a_salesforce_value_that_is_no_option_in_hubspot_is_refused():
    source = hubspot_choice("tier", ["gold"])
    mapping = one_row(SyncRule.TWO_WAY, hubspot=source, salesforce=PICKLIST)
    twin = a_salesforce_contact(Tier__c="Silver")
    refused = skipped(HubSpotRecord("501", {"tier": None}, LONG_AGO), twin, None, mapping)
    assert (refused.reason, refused.facts["crm"]) == (Reason.PICKLIST_VALUE, "hubspot")


def test_a_bad_value_that_the_rule_would_not_write_holds_nobody_up():
    twin = a_salesforce_contact(Budget__c=5.0)
    decided = planned(a_contact(annual_budget="about 2M"), twin, None, CONTACTS)
    assert to_hubspot(decided) == {"annual_budget": "5"}


def test_all_refused_fields_are_named_at_once():
    contact = a_contact(firstname="x" * 41, birthday="soon", email="ada@")
    refused = skipped(contact, None, None, CONTACTS)
    assert refused.reason is Reason.BAD_EMAIL
    assert "FirstName: 41 characters, 40 fit" in refused.facts["also"]
    assert "Birthdate: not a date" in refused.facts["also"]


def test_a_required_field_is_not_cleared():
    agreed = {"lastname": Sides("Lovelace", "Lovelace")}
    mapping = a_compiled_mapping(
        fields=(a_row("lastname", both("LastName"), rule=SyncRule.TWO_WAY),)
    )
    refused = skipped(a_contact(lastname=None), a_salesforce_contact(), agreed, mapping)
    assert (refused.reason, refused.facts["field"]) == (Reason.REQUIRED_MISSING, "LastName")


def test_a_required_field_is_cleared_to_when_blank():
    row = a_row("company", {"Lead": "Company"}, rule=SyncRule.TWO_WAY, when_blank="?")
    mapping = a_compiled_mapping(fields=(row,))
    lead = a_lead(Company="Engines Ltd", HubSpot_Contact_Id__c="501")
    agreed = {"company": Sides("Engines Ltd", "Engines Ltd")}
    decided = planned(a_contact(company=""), lead, agreed, mapping)
    assert to_salesforce(decided) == {"Company": "?"}
    assert decided.agreed == {"company": Sides(None, "?")}


def test_a_required_field_that_holds_when_blank_already_is_not_written_again():
    row = a_row("company", {"Lead": "Company"}, rule=SyncRule.TWO_WAY, when_blank="?")
    lead = a_lead(Company="?", HubSpot_Contact_Id__c="501")
    agreed = {"company": Sides("Engines Ltd", "Engines Ltd")}
    contact = a_contact(company=None, modified_at=NOW)
    decided = planned(contact, lead, agreed, a_compiled_mapping(fields=(row,)))
    assert (decided.salesforce, decided.changes) == (None, ())
    assert decided.agreed == {"company": Sides(None, "?")}


def test_a_field_that_can_not_be_changed_is_left_alone():
    fixed = salesforce_field("Title", updateable=False)
    mapping = one_row(SyncRule.ALWAYS_HUBSPOT, salesforce=fixed)
    decided = planned(a_contact(jobtitle="Countess"), a_salesforce_contact(), None, mapping)
    assert decided.salesforce is None
    assert decided.agreed == {"jobtitle": Sides("Countess", "Analyst")}


def test_a_calculated_property_is_left_alone():
    score = hubspot_field("jobtitle", calculated=True)
    mapping = one_row(SyncRule.ALWAYS_SALESFORCE, hubspot=score)
    decided = planned(a_contact(jobtitle="Countess"), a_salesforce_contact(), None, mapping)
    assert decided.hubspot is None


def test_options_are_translated_both_ways():
    lead = a_lead(Status="Working - Contacted", HubSpot_Contact_Id__c="501")
    agreed = {"hs_lead_status": Sides("Open - Not Contacted", "Open - Not Contacted")}
    contact = HubSpotRecord("501", {"email": "ada@example.com", "hs_lead_status": "OPEN"}, LONG_AGO)
    decided = planned(contact, lead, agreed, LEADS)
    assert to_hubspot(decided)["hs_lead_status"] == "CONNECTED"


def test_two_options_with_one_counterpart_are_no_difference():
    lead = a_lead(HubSpot_Contact_Id__c="501")
    for option in ("NEW", "OPEN"):
        contact = HubSpotRecord("501", {"hs_lead_status": option}, LONG_AGO)
        decided = planned(contact, lead, None, LEADS)
        assert "hs_lead_status" not in to_hubspot(decided)


def test_a_long_refused_value_is_shown_shortened():
    refused = skipped(a_contact(firstname="x" * 500), None, None, CONTACTS)
    assert refused.facts["value"] == "x" * 80
