"""S18: a list that changed too much is let in by two people, where that is asked for."""

from collections.abc import Callable

import pytest

from guestlist.domain.errors import Misconfigured
from guestlist.engine import approval
from guestlist.store import audit
from tests.engine.world import Installation
from tests.gate.conftest import hold, refilter
from tests.sandbox.hubspot.filter_branches import where

Install = Callable[..., Installation]
EVERYBODY = where("lastname", "ALL_PROPERTY", "IS_KNOWN")


@pytest.fixture
def held(install: Install) -> Installation:
    here = install(guards__four_eyes="true")
    here.contact("in@example.com")
    here.run()
    for number in range(120):
        here.contact(f"out{number}@example.com", lifecyclestage="lead")
    refilter(here, EVERYBODY)
    here.move(120)
    assert seen(here)
    return here


def seen(here: Installation) -> approval.Held:
    return approval.held(here.services, "contacts")


def test_S18_who_said_yes_first_can_not_say_it_for_the_second(held: Installation) -> None:
    services = held.services
    with pytest.raises(Misconfigured, match="somebody has to say yes before"):
        approval.approve(services, "contacts", seen(held), by="ann")
    assert approval.first_yes(services, "contacts", seen(held), by="ann")
    with pytest.raises(Misconfigured, match="ann said yes"):
        approval.approve(services, "contacts", seen(held), by="ann")
    assert hold(held)
    assert len(held.writes()) == 1
    assert not approval.first_yes(services, "contacts", seen(held), by="bob")
    approval.approve(services, "contacts", seen(held), by="bob")
    assert hold(held) is None
    with services.database.read() as conn:
        noted = [(entry.what, entry.who) for entry in audit.recent(conn)]
    assert ("list.approval_asked", "ann") in noted
    assert ("list.approved", "bob") in noted


def test_S18_a_yes_is_to_the_list_as_it_was_seen(held: Installation) -> None:
    services = held.services
    assert approval.first_yes(services, "contacts", seen(held), by="ann")
    refilter(held, where("email", "ALL_PROPERTY", "IS_KNOWN"))
    held.move(120)
    assert approval.first_yes(services, "contacts", seen(held), by="bob")
    with pytest.raises(Misconfigured, match="bob said yes"):
        approval.approve(services, "contacts", seen(held), by="bob")
    assert hold(held)


def test_S18_a_no_takes_the_first_yes_back(held: Installation) -> None:
    services = held.services
    assert approval.first_yes(services, "contacts", seen(held), by="ann")
    approval.reject(services, "contacts", seen(held), by="bob")
    assert approval.first_yes(services, "contacts", seen(held), by="bob")


def test_S18_one_person_is_enough_unless_two_are_asked_for(install: Install) -> None:
    here = install()
    here.contact("in@example.com")
    here.run()
    refilter(here, EVERYBODY)
    here.move(120)
    assert not approval.first_yes(here.services, "contacts", seen(here), by="ann")
    approval.approve(here.services, "contacts", seen(here), by="ann")
    assert hold(here) is None
