from datetime import UTC, datetime, timedelta

import pytest

from guestlist.domain.intent import Noted, begun, intended
from guestlist.domain.mapping import compile_mapping
from guestlist.domain.plan import plan
from guestlist.domain.write import Intent, Plan, Sides
from schemas.records import Crm
from tests.builders import (
    a_compiled_mapping,
    a_contact,
    a_mapping,
    a_salesforce_contact,
    contact_description,
    descriptions,
    salesforce_field,
)

CONTACTS = a_compiled_mapping()
NOTED_AT = datetime(2026, 3, 2, tzinfo=UTC)


def planned(*args) -> Plan:
    decided = plan(*args)
    assert isinstance(decided, Plan), decided
    return decided


def test_a_creation_means_all_that_both_sides_will_hold():
    decided = planned(a_contact(), None, None, CONTACTS)
    assert intended(decided, {}) == Intent(decided.agreed, frozenset())


def test_what_goes_into_hubspot_is_told_apart():
    twin = a_salesforce_contact(Title="Countess")
    intent = intended(planned(a_contact(jobtitle=None), twin, None, CONTACTS), {})
    assert intent is not None
    assert "jobtitle" in intent.into_hubspot
    assert intent.agreed["jobtitle"] == ("Countess", "Countess")


def test_what_goes_to_a_twin_that_carries_our_id_is_told_apart_and_what_was_before_is_kept():
    decided = planned(
        a_contact(jobtitle="Countess"), a_salesforce_contact(Title=None), None, CONTACTS
    )
    before = {"jobtitle": Sides("Lady", "Lady"), "city": Sides("Ulm", "Ulm")}
    intent = intended(decided, before)
    assert intent is not None
    assert "jobtitle" in intent.into_salesforce
    assert intent.agreed["jobtitle"] == ("Countess", "Countess")
    assert intent.before["jobtitle"] == ("Lady", "Lady")


@pytest.mark.parametrize("side", [*Crm])
@pytest.mark.parametrize("held", ["Countess", "Lady"])
def test_what_a_side_does_not_hold_of_what_was_meant_for_it_is_as_it_was_before(side, held):
    sent = frozenset({"jobtitle"})
    meant = Intent(
        {"jobtitle": Sides("Countess", "Countess")},
        into_hubspot=sent if side is Crm.HUBSPOT else frozenset(),
        into_salesforce=sent if side is Crm.SALESFORCE else frozenset(),
        before={"jobtitle": Sides("Lady", "Lady")},
    )
    record, twin = a_contact(jobtitle=held), a_salesforce_contact(Title=held)
    noted = Noted(record.id, meant, NOTED_AT)
    assert begun(noted, record, twin, CONTACTS) == {"jobtitle": (held, held)}


def test_a_plan_that_writes_nothing_means_nothing():
    decided = planned(a_contact(), a_salesforce_contact(), None, CONTACTS)
    assert not decided.writes
    assert intended(decided, {}) is None


def test_only_a_twin_that_carries_our_id_bears_out_what_was_meant():
    record = a_contact(jobtitle="Countess", city=None)
    meant = Intent(
        {"jobtitle": Sides("Countess", "Countess"), "city": Sides("Ulm", "Ulm")},
        frozenset({"city"}),
    )
    noted = Noted(record.id, meant, NOTED_AT)
    assert begun(noted, record, a_salesforce_contact(HubSpot_Contact_Id__c=None), CONTACTS) is None
    ours = a_salesforce_contact()
    assert begun(noted, record, ours, CONTACTS) == {"jobtitle": ("Countess", "Countess")}
    assert begun(None, record, ours, CONTACTS) is None


def test_what_hubspot_still_holds_of_what_was_meant_for_it_counts_as_agreed():
    meant = Intent(
        {"city": Sides("Ulm", "Ulm"), "interests": Sides("Events", "Events")},
        frozenset({"city", "interests"}),
    )
    record = a_contact(city="Ulm", interests="Events;Webinars")
    ours = a_salesforce_contact()
    noted = Noted(record.id, meant, NOTED_AT)
    assert begun(noted, record, ours, CONTACTS) == {"city": ("Ulm", "Ulm")}


def test_a_twin_that_carries_the_id_of_a_merged_contact_bears_out_what_was_meant_for_that():
    meant = Intent({"jobtitle": Sides("Countess", "Countess")}, frozenset())
    twin = a_salesforce_contact(HubSpot_Contact_Id__c="400")
    assert begun(Noted("400", meant, NOTED_AT), a_contact("501"), twin, CONTACTS) == meant.agreed
    assert begun(Noted("501", meant, NOTED_AT), a_contact("501"), twin, CONTACTS) is None


def test_a_blank_of_a_field_that_came_back_since_bears_nothing_out():
    hubspot, salesforce = descriptions()
    since = NOTED_AT + timedelta(hours=1)
    back = contact_description(salesforce_field("Title", length=128, since=since))
    mapping = compile_mapping(a_mapping(), hubspot, {**salesforce, "Contact": back})
    meant = Intent({"jobtitle": Sides("Countess", "Countess")}, frozenset())
    record, twin = a_contact(jobtitle="Countess"), a_salesforce_contact(Title=None)
    noted = Noted(record.id, meant, NOTED_AT)
    assert begun(noted, record, twin, mapping) == {}
    assert begun(noted, record, twin, CONTACTS) == noted.intent.agreed
