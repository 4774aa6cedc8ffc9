"""INC: the inclusion list as HubSpot documents it, and where it is stricter here."""

from datetime import timedelta

import pytest

from guestlist.domain.outcome import RunKind
from guestlist.engine import lists
from guestlist.store import audit
from sandbox.crm import CRM
from sandbox.salesforce.options import ValidationRule
from schemas.settings import Lane
from tests.engine.conftest import Install
from tests.gate.conftest import look
from tests.producers.conftest import Followed
from tests.producers.test_auditing import purge
from tests.twoway.test_creation import contact_of
from tests.twoway.test_twins import live_twins, paired


def test_INC_09_without_a_list_everybody_with_an_address_syncs(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    lists.clear(here.services, "contacts", by="tester")
    someone = here.contact("ada@example.com", ago=timedelta(), lifecyclestage="lead")
    here.contact("", ago=timedelta(), firstname="Nameless")
    watcher.tick(2)
    assert [entry.contact_id for entry in here.writes(CRM.SALESFORCE)] == [someone]


def test_INC_12_DEL_02_a_leavers_deleted_twin_is_recognised_once_it_is_back(
    followed: Followed,
) -> None:
    """HubSpot's integration never recognises it: the contact stays, with dead links."""
    watcher = followed(objects__contacts__on_salesforce_delete="archive")
    here = watcher.here
    paired(watcher, "other@example.com")
    contact, twin = paired(watcher)
    here.change(contact, lifecyclestage="lead")
    watcher.tick(3)
    before = len(here.writes())
    here.world.org.delete(twin, caller="user")
    watcher.tick(3)
    assert here.writes()[before:] == [], "out of the list, it is left alone"
    assert watcher.endings(RunKind.CHANGES) == {contact: "held LEFT_LIST"}
    here.change(contact, lifecyclestage="customer")
    watcher.tick(5)
    written = [(entry.crm, entry.operation) for entry in here.writes()[before:]]
    assert written == [("hubspot", "delete")]
    assert contact_of(here, "ada@example.com") is None


@pytest.mark.parametrize("policy", ["unlink", "archive"])
def test_INC_18_DEL_01_a_twin_out_of_our_users_sight_is_not_taken_for_deleted(
    followed: Followed, policy: str
) -> None:
    """Sharing, or a purge, hides it; with `archive` its contact used to be archived for that."""
    watcher = followed(objects__contacts__on_salesforce_delete=policy)
    here = watcher.here
    contact, twin = paired(watcher)
    before = len(here.writes())
    purge(here, twin)
    here.change(contact, jobtitle="Countess")
    watcher.tick(3)
    assert here.writes()[before:] == []
    assert contact_of(here, "ada@example.com") == contact
    assert watcher.endings(RunKind.CHANGES) == {contact: "held DELETED_SF"}


def test_INC_17_who_chose_the_list_is_kept(install: Install) -> None:
    here = install()
    definition = here.services.hubspot.on(Lane.INTERACTIVE).list(here.inclusion)
    lists.use(here.services, "contacts", definition, by="ann")
    lists.clear(here.services, "contacts", by="bob")
    with here.services.database.read() as connection:
        noted = [(each.what, each.who) for each in audit.recent(connection, limit=2)]
    assert noted == [("list.cleared", "bob"), ("list.chosen", "ann")]


def test_INC_22_the_gates_are_asked_in_their_order(install: Install) -> None:
    """Whoever repairs what is told is told the next: list, address, twin, values, Salesforce."""
    here = install()
    twins = [here.row("Contact", Email="ada@example.com", LastName="Else") for _ in range(2)]
    rule = ValidationRule("Contact", "No fax.", requires="Fax")
    here.world.org.set_options({"validation_rules": [rule]})
    contact = here.contact("", firstname="Ada", lastname="", lifecyclestage="lead")
    repairs = [
        ("NOT_IN_LIST", lambda: here.change(contact, lifecyclestage="customer")),
        ("NO_EMAIL", lambda: here.change(contact, email="ada@example.com")),
        ("DUP_MANY_MATCHES", lambda: here.change(contact, email="else@example.com")),
        ("REQUIRED_MISSING", lambda: here.change(contact, lastname="Lovelace")),
        ("VALIDATION_RULE", lambda: here.change(contact, fax="+1 512 555 0100")),
    ]
    for reason, repair in repairs:
        run = look(here, [contact])
        assert here.rows(run)[contact].reason == reason
        repair()
        here.move(60)
    look(here, [contact])
    (created,) = here.writes()
    assert created.operation == "create"
    assert len(live_twins(here)) == len(twins) + 1
