"""CRE, DUP and MRG: who is the same person, and that nobody is made twice."""

from datetime import timedelta

import pytest

from guestlist.domain.outcome import RunKind
from guestlist.engine.lists import clear
from tests.engine.conftest import Install
from tests.gate.conftest import look
from tests.producers.conftest import Followed
from tests.twoway.test_creation import ENTERS, contact_of, value
from tests.twoway.test_twins import live_twins, paired


@pytest.mark.parametrize("enters", [True, False])
def test_CRE_01_an_old_lead_that_changes_enters_if_the_settings_say_so(
    followed: Followed, *, enters: bool
) -> None:
    """Where no list is set; past a list it is whom Salesforce creates, INC-05."""
    watcher = followed(**(ENTERS if enters else {}))
    here = watcher.here
    clear(here.services, "contacts", by="tester")
    lead = here.row("Lead", Email="ada@example.com")
    watcher.tick()
    assert here.writes() == [], "it was there before, and nobody changed it"
    here.world.org.update(lead, {"Title": "CTO"}, caller="user")
    watcher.tick(2)
    assert (contact_of(here, "ada@example.com") is not None) is enters


def test_CRE_04_who_comes_back_under_the_same_address_is_no_second_record(
    followed: Followed,
) -> None:
    watcher = followed(objects__contacts__create_as="Lead")
    here = watcher.here
    paired(watcher, "other@example.com")
    contact, lead = paired(watcher)
    here.world.portal.archive("contacts", contact, caller="user")
    watcher.tick(2)
    again = here.contact("ada@example.com", ago=timedelta())
    watcher.tick(3)
    assert here.twins(again) == []
    assert watcher.endings(RunKind.CHANGES)[again] == "failed EMAIL_IN_USE"
    assert len(live_twins(here)) == 2
    assert lead in live_twins(here)


def test_DUP_03_one_name_with_two_addresses_is_two_people(install: Install) -> None:
    here = install()
    other = here.row("Contact", Email="else@example.com", FirstName="Ada", LastName="Doe")
    keys = [here.contact(f"ada{n}@example.com", firstname="Ada", lastname="Doe") for n in range(2)]
    here.run()
    assert [len(here.twins(key)) for key in keys] == [1, 1]
    assert here.values(other).get("HubSpot_Contact_Id__c") is None
    assert len(live_twins(here)) == 3


def test_DUP_06_a_pinned_twin_stays_whatever_happens_to_the_other(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher, jobtitle="Countess")
    other = here.row("Contact", ago=timedelta(), Email="ada@example.com", Title="CTO")
    watcher.tick(3)
    here.world.org.update(other, {"Title": "CEO"}, caller="user")
    watcher.tick(3)
    link = watcher.link(contact)
    assert link
    assert link.twin_id == twin
    assert value(here, contact, "jobtitle") == "Countess"
    assert here.values(other)["Title"] == "CEO"


def test_DUP_01_an_address_finds_its_record_in_any_case(install: Install) -> None:
    here = install()
    row = here.row("Contact", Email="ADA@Example.com")
    contact = here.contact("Ada@example.COM")
    look(here, [contact])
    assert here.twins(contact) == [row]


@pytest.mark.parametrize("linked_wins", [True, False])
def test_MRG_01_MRG_02_a_merge_in_salesforce_ends_no_contact(
    followed: Followed, *, linked_wins: bool
) -> None:
    """The loser is deleted there, which is no deletion of the person."""
    watcher = followed(objects__contacts__on_salesforce_delete="archive")
    here = watcher.here
    contact, twin = paired(watcher)
    other = here.row("Contact", Email="other@example.com")
    winner, loser = (twin, other) if linked_wins else (other, twin)
    here.world.org.merge(winner, [loser], caller="user")
    watcher.tick(3)
    assert here.world.portal.store_of("contacts").live(contact)
    link = watcher.link(contact)
    assert link
    assert link.twin_id == winner
    assert live_twins(here) == [winner]
