"""Which values a write of ours replaced that were not there when we read."""

from datetime import timedelta

import pytest

from guestlist.domain.overwritten import asking, overwritten
from guestlist.domain.overwritten import replaced as replaced_in_salesforce
from guestlist.domain.plan import plan
from guestlist.domain.write import Agreed, Conflict, Plan, Sides
from schemas.records import Crm, Version
from tests.builders import LONG_AGO, NOW, a_compiled_mapping, a_contact, a_salesforce_contact

CONTACTS = a_compiled_mapping()
READ = a_contact(email="old@example.com")
TWIN = a_salesforce_contact(Email="new@example.com", HubSpot_Contact_Id__c=READ.id)
AGREED: Agreed = {"email": Sides("old@example.com", "old@example.com")}


def replaced(*values: str) -> tuple[Conflict, ...]:
    """What is found where the property held these, newest first."""
    planned = plan(READ, TWIN, AGREED, CONTACTS)
    assert isinstance(planned, Plan)
    assert planned.hubspot
    assert planned.hubspot.properties["email"] == "new@example.com"
    versions = [Version(value, NOW - timedelta(seconds=at)) for at, value in enumerate(values)]
    histories = {"email": versions}
    return overwritten(planned, READ, histories, CONTACTS, salesforce_at=LONG_AGO)


def test_what_was_there_when_we_read_is_no_loss() -> None:
    assert replaced("new@example.com", "old@example.com") == ()


def test_what_came_between_our_read_and_our_write_lost_to_salesforce() -> None:
    (conflict,) = replaced("new@example.com", "between@example.com", "old@example.com")
    assert conflict.values == Sides("between@example.com", "new@example.com")
    assert (conflict.key, conflict.property, conflict.winner) == (READ.id, "email", Crm.SALESFORCE)
    assert conflict.hubspot_at == NOW - timedelta(seconds=1)


def test_what_came_after_our_write_lost_nothing_and_hides_nothing() -> None:
    assert replaced("after@example.com", "new@example.com", "old@example.com") == ()
    assert replaced("after@example.com", "new@example.com", "between@example.com")


@pytest.mark.parametrize(
    "values", [(), ("new@example.com",), ("else@example.com", "old@example.com")]
)
def test_a_history_that_does_not_tell_accuses_nobody(values: tuple[str, ...]) -> None:
    assert replaced(*values) == ()


def test_the_same_address_in_another_case_is_no_edit() -> None:
    assert replaced("new@example.com", "OLD@example.com", "old@example.com") == ()
    assert replaced("new@example.com", "New@Example.com", "old@example.com") == ()


def over(held: str | None) -> tuple[Conflict, ...]:
    """What is found where Salesforce's row held this address right before the write."""
    contact, row = a_contact(email="new@example.com"), TWIN._replace(fields=OLD)
    planned = plan(contact, row, AGREED, CONTACTS)
    assert isinstance(planned, Plan)
    asked = asking(planned, CONTACTS)
    assert asked.salesforce
    assert asked.salesforce.replacing == ("Email",)
    before = {"Id": row.id, "SystemModstamp": NOW.isoformat(), "Email": held}
    return replaced_in_salesforce(asked, contact, (row, before), CONTACTS)


OLD = {**TWIN.fields, "Email": "old@example.com"}


def test_what_salesforce_held_when_we_read_or_holds_now_is_no_loss() -> None:
    assert over("old@example.com") == over("Old@Example.com") == over("new@example.com") == ()


def test_what_came_between_our_read_and_our_write_lost_to_hubspot() -> None:
    (conflict,) = over("between@example.com")
    assert conflict.values == Sides("new@example.com", "between@example.com")
    assert (conflict.property, conflict.winner) == ("email", Crm.HUBSPOT)
    assert conflict.salesforce_at == NOW
    assert over(None)
