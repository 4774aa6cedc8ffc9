"""An import from Salesforce: the e-mail address first, the rest for members or without a list."""

import pytest

from guestlist.domain.errors import Misconfigured
from guestlist.engine.importing import import_ids, start_import
from guestlist.engine.lists import clear
from guestlist.store.runs import Run
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.twoway.test_creation import contact_of, value

BOTH = ("Contact", "Lead")


def imported(here: Installation, where: str | None = None, **more: int) -> Run:
    run = start_import(here.services, "contacts", types=BOTH, where=where, by="tester", **more)
    here.settle()
    return here.the_run(run)


def test_IMP03_with_a_list_everybody_comes_with_the_address_alone(install: Install) -> None:
    here = install()
    here.row("Lead", Email="ada@example.com", FirstName="Ada")
    here.row("Contact", Email="bob@example.com", FirstName="Bob")

    run = imported(here)

    for email in ("ada@example.com", "bob@example.com"):
        contact = contact_of(here, email)
        assert contact
        assert value(here, contact, "firstname") is None
    assert {row.reason for row in here.rows(run).values()} == {"EMAIL_ONLY"}
    assert (run.enumerated, run.held) == (2, 2)
    assert {entry.crm for entry in here.writes()} == {"hubspot"}


def test_IMP03_members_get_the_full_sync_in_the_same_run(install: Install) -> None:
    here = install()
    lead = here.row("Lead", Email="ada@example.com", FirstName="Ada")

    def enrol() -> None:
        contact = contact_of(here, "ada@example.com")
        if contact and value(here, contact, "lifecyclestage") != "customer":
            here.change(contact, lifecyclestage="customer")

    here.at_call("memberships", enrol, times=1000)
    run = imported(here)

    contact = contact_of(here, "ada@example.com")
    assert contact
    assert value(here, contact, "firstname") == "Ada"
    assert here.values(lead)["HubSpot_Contact_Id__c"] == contact
    assert (run.enumerated, run.updated) == (1, 1)


def test_IMP03_without_a_list_everybody_comes_whole(install: Install) -> None:
    here = install()
    clear(here.services, "contacts", by="tester")
    lead = here.row("Lead", Email="ada@example.com", FirstName="Ada")
    run = imported(here)
    contact = contact_of(here, "ada@example.com")
    assert contact
    assert value(here, contact, "firstname") == "Ada"
    assert run.created == 1
    assert imported(here).created == 0, "a second import brings nobody twice"
    assert here.values(lead)["HubSpot_Contact_Id__c"] == contact


def test_IMP04_no_address_is_left_out_and_one_address_comes_once(install: Install) -> None:
    here = install()
    here.row("Lead", Email=None)
    here.row("Lead", Email="ada@example.com")
    here.row("Contact", Email="ADA@example.com")
    run = imported(here)
    assert max(row.reason or "" for row in here.rows(run).values()) == "NO_EMAIL"
    store = here.world.portal.store_of("contacts")
    assert [store.value(each, "email") for each in store.all_live()] == ["ada@example.com"]


def test_only_what_meets_the_condition_comes_in(install: Install) -> None:
    here = install()
    here.row("Lead", Email="ada@example.com", Title="CTO")
    here.row("Lead", Email="bob@example.com", Title="CFO")
    run = imported(here, "Title = 'CTO'")
    assert run.enumerated == 1
    assert contact_of(here, "bob@example.com") is None


@pytest.mark.parametrize("where", ["Nope__c = 1", "Title = 'CTO' LIMIT 1", "; DROP"])
def test_a_condition_that_is_none_starts_nothing(install: Install, where: str) -> None:
    here = install()
    with pytest.raises(Misconfigured):
        imported(here, where)
    assert here.latest() is None


def test_an_unmapped_type_is_refused_with_those_that_are(install: Install) -> None:
    here = install()
    with pytest.raises(Misconfigured, match="maps Contact, Lead"):
        start_import(here.services, "contacts", types=("Case",), where=None, by="tester")


def test_chosen_ids_come_in_and_nobody_else(install: Install) -> None:
    here = install()
    chosen = here.row("Lead", Email="ada@example.com")
    here.row("Lead", Email="bob@example.com")
    run = import_ids(here.services, "contacts", [chosen], by="tester")
    here.settle()
    assert here.the_run(run).enumerated == 1
    assert contact_of(here, "bob@example.com") is None


def test_an_outsider_that_hubspot_has_already_stays_as_it_is(install: Install) -> None:
    here = install()
    outsider = here.contact("ada@example.com", lifecyclestage="lead")
    here.row("Lead", Email="ada@example.com", FirstName="Ada")
    run = imported(here)
    assert here.writes() == []
    assert [row.reason for row in here.rows(run).values()] == ["NOT_IN_LIST"]
    assert value(here, outsider, "firstname") is None


def test_a_limit_cuts_the_import(install: Install) -> None:
    here = install()
    for number in range(5):
        here.row("Lead", Email=f"p{number}@example.com")
    assert imported(here, limit=3).enumerated == 3


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.STATUS])
def test_B1_an_import_through_lost_answers_brings_everybody_once(
    install: Install, kind: Kind
) -> None:
    here = install()
    for number in range(20):
        here.row("Lead", Email=f"p{number}@example.com")
    here.fault(CRM.HUBSPOT, kind, "POST *batch/create*", times=2)
    run = imported(here)
    emails = [entry.fields["email"] for entry in here.writes() if entry.operation == "create"]
    assert sorted(emails) == sorted(f"p{number}@example.com" for number in range(20))
    assert run.waiting == 0
