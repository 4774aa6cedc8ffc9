"""Who enters HubSpot from Salesforce, and what happens to them afterwards."""

from datetime import timedelta
from typing import Any

from guestlist.domain.outcome import RunKind
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.producers.watcher import Watcher
from tests.twoway.conftest import Followed

JUST_NOW = timedelta(0)
ENTERS: dict[str, Any] = {"objects__contacts__create_in_hubspot": "true"}


def contact_of(here: Installation, email: str) -> str | None:
    """The id of the live contact with this address."""
    store = here.world.portal.store_of("contacts")
    return next((each.id for each in store.all_live() if store.value(each, "email") == email), None)


def value(here: Installation, contact_id: str, name: str) -> str | None:
    store = here.world.portal.store_of("contacts")
    found = store.live(contact_id)
    return store.value(found, name) if found else None


def test_INC05_a_lead_created_in_salesforce_enters_hubspot_past_the_list(
    followed: Followed,
) -> None:
    watcher = followed(**ENTERS)
    here = watcher.here
    lead = here.row("Lead", ago=JUST_NOW, Email="New@Example.com", FirstName="Ada", Title="CTO")

    watcher.tick()

    contact = contact_of(here, "new@example.com")
    assert contact
    assert value(here, contact, "firstname") == "Ada"
    assert value(here, contact, "jobtitle") == "CTO"
    assert [entry.crm for entry in here.writes()] == ["hubspot"], "no id is written for an outsider"
    link = watcher.link(contact)
    assert link
    assert (link.twin_id, link.outside) == (lead, "SF_CREATED_OUTSIDE_LIST")


def test_INC05_later_updates_of_either_side_wait_until_it_is_a_member(followed: Followed) -> None:
    watcher = followed(**ENTERS)
    here = watcher.here
    lead = here.row("Lead", ago=JUST_NOW, Email="new@example.com", FirstName="Ada")
    watcher.tick()
    contact = contact_of(here, "new@example.com")
    assert contact
    before = len(here.writes())

    here.world.org.update(lead, {"FirstName": "Augusta"}, caller="user")
    here.change(contact, jobtitle="Countess")
    watcher.tick(3)

    assert here.writes()[before:] == []
    assert set(watcher.endings(RunKind.CHANGES).values()) == {"held SF_CREATED_OUTSIDE_LIST"}

    here.change(contact, lifecyclestage="customer")
    watcher.tick(3)

    assert value(here, contact, "firstname") == "Augusta"
    assert here.values(lead)["Title"] == "Countess"
    assert here.values(lead)["HubSpot_Contact_Id__c"] == contact
    link = watcher.link(contact)
    assert link
    assert link.outside is None


def test_CRE01_nobody_enters_where_the_settings_do_not_say_so(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    here.row("Contact", ago=JUST_NOW, Email="new@example.com")
    watcher.tick()
    assert here.writes() == []
    assert list(watcher.endings(RunKind.CHANGES).values()) == ["held RULE_EXCLUDED"]


def test_INC05_a_created_lead_reaches_the_contact_that_is_there_once(followed: Followed) -> None:
    watcher = followed(**ENTERS)
    here = watcher.here
    outsider = here.contact("new@example.com", lifecyclestage="lead", jobtitle="")
    here.row("Lead", ago=JUST_NOW, Email="new@example.com", Title="CTO")
    watcher.tick()
    assert value(here, outsider, "jobtitle") == "CTO"
    assert {entry.crm for entry in here.writes()} == {"hubspot"}
    assert len([*here.world.portal.store_of("contacts").all_live()]) == 1


def test_INC05_an_old_lead_that_changes_does_not_reach_an_outsider(followed: Followed) -> None:
    watcher = followed(**ENTERS)
    here = watcher.here
    here.contact("new@example.com", lifecyclestage="lead")
    lead = here.row("Lead", Email="new@example.com")
    watcher.tick()
    here.world.org.update(lead, {"Title": "CTO"}, caller="user")
    watcher.tick()
    assert here.writes() == []
    assert set(watcher.endings(RunKind.CHANGES).values()) == {"held NOT_IN_LIST"}


def test_INC05_a_lead_from_before_the_following_does_not_enter_when_it_is_read_again(
    install: Install,
) -> None:
    """Found by the load proof: the overlap of the first look brought in whoever was just older."""
    here = install(**ENTERS)
    lead = here.row("Lead", ago=timedelta(minutes=5), Email="old@example.com")
    watcher = Watcher(here)
    watcher.follow()
    here.world.org.update(lead, {"Title": "CTO"}, caller="user")
    watcher.tick(3)
    assert here.writes() == []
    assert set(watcher.endings(RunKind.CHANGES).values()) == {"held NOT_IN_LIST"}


def test_somebody_without_a_usable_address_does_not_enter(followed: Followed) -> None:
    watcher = followed(**ENTERS)
    here = watcher.here
    here.row("Lead", ago=JUST_NOW, Email=None)
    watcher.tick()
    assert here.writes() == []
    assert list(watcher.endings(RunKind.CHANGES).values()) == ["held NO_EMAIL"]


def test_B1_an_entry_whose_answer_was_lost_is_made_once(followed: Followed) -> None:
    watcher = followed(**ENTERS)
    here = watcher.here
    lead = here.row("Lead", ago=JUST_NOW, Email="new@example.com", FirstName="Ada")
    here.fault(CRM.HUBSPOT, Kind.LOST_RESPONSE, "POST *batch/create*", times=1)
    watcher.tick(3)
    contact = contact_of(here, "new@example.com")
    assert contact
    assert [entry.operation for entry in here.writes()].count("create") == 1
    link = watcher.link(contact)
    assert link
    assert link.twin_id == lead


def test_a_lead_and_a_contact_with_one_address_make_one_contact(followed: Followed) -> None:
    watcher = followed(**ENTERS)
    here = watcher.here
    here.row("Lead", ago=JUST_NOW, Email="new@example.com")
    here.row("Contact", ago=JUST_NOW, Email="new@example.com")
    watcher.tick(3)
    assert len([*here.world.portal.store_of("contacts").all_live()]) == 1
    assert [entry.operation for entry in here.writes()].count("create") == 1


def test_CRE02_no_twin_is_created_where_the_settings_do_not_say_so(followed: Followed) -> None:
    watcher = followed(objects__contacts__create_in_salesforce="false")
    here = watcher.here
    member = here.contact("ada@example.com")
    known = here.contact("bob@example.com")
    twin = here.row("Contact", Email="bob@example.com")
    run = here.run()
    rows = here.rows(run)
    assert rows[member].reason == "RULE_EXCLUDED"
    assert here.values(twin)["HubSpot_Contact_Id__c"] == known
    assert here.twins(member) == []
