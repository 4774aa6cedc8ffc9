"""TRG: what starts a look, and what it may lead to."""

from datetime import timedelta
from typing import Any

import pytest

from guestlist.domain.outcome import RunKind
from guestlist.engine.lists import clear
from sandbox.crm import CRM
from sandbox.salesforce.options import ValidationRule
from tests.engine.conftest import Install
from tests.gate.conftest import look
from tests.owners.test_owners import (
    INES,
    TOMASZ,
    owner_in_hubspot,
    owner_in_salesforce,
    salesforce_id,
    seat,
)
from tests.producers.conftest import Followed
from tests.producers.watcher import Watcher
from tests.twoway.test_twins import live_twins, paired


def test_TRG_05_an_unmapped_property_costs_a_look_and_no_write(followed: Followed) -> None:
    watcher = followed()
    contact, twin = paired(watcher)
    here = watcher.here
    before = len(here.writes())
    here.change(contact, twitterhandle="@ada")
    here.world.org.update(twin, {"Department": "Analysis"}, caller="user")
    watcher.tick(2)
    assert watcher.endings(RunKind.CHANGES) == {contact: "unchanged UNCHANGED"}
    assert here.writes()[before:] == []


def test_TRG_11_a_new_member_gets_its_twin_within_two_polls(followed: Followed) -> None:
    watcher = followed()
    contact = watcher.here.contact("ada@example.com", ago=timedelta())
    watcher.tick(2)
    (created,) = watcher.here.writes(CRM.SALESFORCE)
    assert (created.operation, created.contact_id) == ("create", contact)


def with_owners(install: Install) -> tuple[Watcher, str, str, dict[str, str]]:
    """A pair that Ines owns, followed; and HubSpot's owner ids by name."""
    here = install()
    owners = {name: seat(here, name) for name in (INES, TOMASZ)}
    contact = here.contact("ada@example.com", hubspot_owner_id=owners[INES])
    here.run()
    watcher = Watcher(here)
    watcher.follow()
    (twin,) = here.twins(contact)
    assert owner_in_salesforce(here, contact) == INES
    return watcher, contact, twin, owners


def test_TRG_14_an_owner_set_in_hubspot_is_written_within_two_polls(install: Install) -> None:
    watcher, contact, _, owners = with_owners(install)
    watcher.here.change(contact, hubspot_owner_id=owners[TOMASZ])
    watcher.tick(2)
    assert owner_in_salesforce(watcher.here, contact) == TOMASZ


def test_TRG_20_an_owner_set_in_salesforce_is_written_within_two_polls(install: Install) -> None:
    watcher, contact, twin, owners = with_owners(install)
    here = watcher.here
    here.world.org.update(twin, {"OwnerId": salesforce_id(here, TOMASZ)}, caller="user")
    watcher.tick(2)
    assert owner_in_hubspot(here, contact) == owners[TOMASZ]


def test_TRG_17_no_lifecycle_stage_is_special(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    clear(here.services, "contacts", by="tester")
    contact = here.contact("ada@example.com", lifecyclestage="subscriber")
    look(here, [contact])
    assert len(here.twins(contact)) == 1


@pytest.mark.parametrize(
    ("contact", "reason"),
    [
        ({"email": ""}, "NO_EMAIL"),
        ({"lifecyclestage": "lead"}, "NOT_IN_LIST"),
        ({"salutation": "Prof."}, "VALIDATION_RULE"),
    ],
)
def test_TRG_24_a_contact_that_is_refused_is_told_why(
    install: Install, contact: dict[str, Any], reason: str
) -> None:
    here = install()
    rule = ValidationRule("Contact", "A professor needs a title.", {"Salutation": "Prof."}, "Title")
    here.world.org.set_options({"validation_rules": [rule]})
    key = here.contact(**{"email": "ada@example.com", **contact})
    run = look(here, [key])
    assert here.rows(run)[key].reason == reason
    assert live_twins(here) == []
