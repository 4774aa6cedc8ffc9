"""What happens to pairs whose records are merged, converted, deleted, restored or erased."""

from datetime import timedelta
from typing import Any

import pytest

from guestlist.domain.outcome import RunKind
from guestlist.store import links
from tests.engine.world import Installation
from tests.producers.watcher import Watcher
from tests.twoway.conftest import Followed
from tests.twoway.test_creation import contact_of, value


def paired(watcher: Watcher, email: str = "ada@example.com", **properties: Any) -> tuple[str, str]:
    """A member and its twin, in step."""
    here = watcher.here
    contact = here.contact(email, **properties)
    here.run()
    link = watcher.link(contact)
    assert link
    watcher.tick()
    return contact, link.twin_id


def live_twins(here: Installation) -> list[str]:
    tables = (here.world.org.table(name) for name in ("Contact", "Lead"))
    return [row.id for table in tables for row in table.rows.values() if not row.deleted]


def test_B15_a_converted_lead_is_followed_to_its_contact(followed: Followed) -> None:
    watcher = followed(objects__contacts__create_as="Lead")
    here = watcher.here
    contact, lead = paired(watcher)
    became = here.world.org.convert_lead(lead, account_id=None, caller="user")["contactId"]
    here.change(contact, jobtitle="Countess")
    watcher.tick(2)
    assert here.values(became)["Title"] == "Countess"
    assert here.values(became)["HubSpot_Contact_Id__c"] == contact
    link = watcher.link(contact)
    assert link
    assert (link.twin_type, link.twin_id) == ("Contact", became)
    assert sorted(live_twins(here)) == sorted([lead, became]), "no new lead"


def test_B15_a_lead_converted_between_read_and_write_gets_its_value_on_the_contact(
    followed: Followed,
) -> None:
    watcher = followed(objects__contacts__create_as="Lead")
    here = watcher.here
    contact, lead = paired(watcher)
    here.change(contact, jobtitle="Countess")

    def convert() -> None:
        here.world.org.convert_lead(lead, account_id=None, caller="user")

    here.at_call("records/memberships/batch/read", convert)
    watcher.tick(4)
    became = here.values(lead)["ConvertedContactId"]
    assert here.values(became)["Title"] == "Countess"
    assert here.values(became)["HubSpot_Contact_Id__c"] == contact


def test_B14_a_merge_in_salesforce_moves_the_link_to_the_winner(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    winner = here.row("Contact", Email="other@example.com")
    here.world.org.merge(winner, [twin], caller="user")
    here.change(contact, jobtitle="Countess")
    watcher.tick(3)
    link = watcher.link(contact)
    assert link
    assert link.twin_id == winner
    assert here.values(winner)["Title"] == "Countess"
    assert live_twins(here) == [winner]


def test_B14_a_merge_in_hubspot_makes_one_pair_of_two(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    ada, twin = paired(watcher)
    bob, other = paired(watcher, "bob@example.com")
    merged = here.world.portal.merge("contacts", ada, bob)
    here.change(merged, jobtitle="Countess", lifecyclestage="customer")
    watcher.tick(3)
    with here.services.database.read() as connection:
        known = links.get_many(connection, "contacts", [ada, bob, merged])
    assert list(known) == [merged]
    assert known[merged].twin_id in {twin, other}
    assert here.values(known[merged].twin_id)["HubSpot_Contact_Id__c"] == merged
    assert here.values(known[merged].twin_id)["Title"] == "Countess"
    assert sorted(live_twins(here)) == sorted([twin, other]), "never an automatic merge"


@pytest.mark.parametrize("policy", ["unlink", "archive"])
def test_B18_DEL01_a_twin_deleted_in_salesforce_goes_by_the_policy(
    followed: Followed, policy: str
) -> None:
    watcher = followed(objects__contacts__on_salesforce_delete=policy)
    here = watcher.here
    _, twin = paired(watcher)
    before = len(here.writes())
    here.world.org.delete(twin, caller="user")
    watcher.tick(3)
    written = [(entry.crm, entry.operation) for entry in here.writes()[before:]]
    assert written == ([("hubspot", "delete")] if policy == "archive" else [])
    assert live_twins(here) == [], "never created again"
    assert (contact_of(here, "ada@example.com") is None) is (policy == "archive")


@pytest.mark.parametrize("policy", ["unlink", "delete"])
def test_B18_DEL03_a_contact_deleted_in_hubspot_goes_by_the_policy(
    followed: Followed, policy: str
) -> None:
    watcher = followed(objects__contacts__on_hubspot_delete=policy)
    here = watcher.here
    _, other = paired(watcher, "other@example.com")
    contact, twin = paired(watcher)
    before = len(here.writes())
    here.world.portal.archive("contacts", contact, caller="user")
    watcher.tick(70)
    written = [(entry.crm, entry.operation) for entry in here.writes()[before:]]
    assert written == ([("salesforce", "delete")] if policy == "delete" else [])
    assert sorted(live_twins(here)) == sorted([other] if policy == "delete" else [twin, other])


def test_DEL03_a_contact_that_was_seen_outside_before_it_was_deleted_takes_nobody_along(
    followed: Followed,
) -> None:
    watcher = followed(objects__contacts__on_hubspot_delete="delete")
    here = watcher.here
    _, other = paired(watcher, "other@example.com")
    contact, twin = paired(watcher)
    here.change(contact, lifecyclestage="lead")
    watcher.tick(3)
    here.world.portal.archive("contacts", contact, caller="user")
    watcher.tick(70)
    assert sorted(live_twins(here)) == sorted([twin, other])
    here.world.portal.restore("contacts", contact)
    here.change(contact, lifecyclestage="customer", jobtitle="Countess")
    watcher.tick(3)
    assert here.values(twin)["Title"] == "Countess"
    link = watcher.link(contact)
    assert link
    assert link.left_at is None


def test_B17_an_undeleted_twin_is_the_same_pair_again(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.world.org.delete(twin, caller="user")
    watcher.tick(2)
    here.world.org.undelete(twin, caller="user")
    here.change(contact, jobtitle="Countess")
    watcher.tick(3)
    assert here.values(twin)["Title"] == "Countess"
    assert live_twins(here) == [twin]


def test_B17_a_restored_contact_is_the_same_pair_again(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.world.portal.archive("contacts", contact, caller="user")
    watcher.tick(2)
    here.world.portal.restore("contacts", contact, caller="user")
    here.change(contact, jobtitle="Countess")
    watcher.tick(4)
    assert here.values(twin)["Title"] == "Countess"
    assert live_twins(here) == [twin]


def test_B16_a_twin_deleted_while_it_is_written_is_not_made_anew(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.change(contact, jobtitle="Countess")
    here.at_call(
        "POST http://hubspot.test/crm/lists",
        lambda: here.world.org.delete(twin, caller="user"),
    )
    watcher.tick(3)
    assert live_twins(here) == []


def test_B13_of_three_alike_none_is_guessed_and_none_is_touched(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    rows = [here.row("Contact", Email="ada@example.com") for _ in range(3)]
    contact = here.contact("ada@example.com")
    run = here.run()
    assert here.rows(run)[contact].reason == "DUP_MANY_MATCHES"
    assert [here.values(row).get("HubSpot_Contact_Id__c") for row in rows] == [None] * 3


def test_DUP05_the_native_mode_drifts_to_the_record_changed_last(followed: Followed) -> None:
    watcher = followed(objects__contacts__duplicates="native")
    here = watcher.here
    contact, twin = paired(watcher)
    other = here.row("Contact", ago=timedelta(0), Email="ada@example.com", Title="CTO")
    watcher.tick(3)
    assert value(here, contact, "jobtitle") == "CTO"
    link = watcher.link(contact)
    assert link
    assert link.twin_id == other
    assert twin in live_twins(here)


def test_DUP07_a_twin_under_an_additional_address_is_found_and_keeps_it(
    followed: Followed,
) -> None:
    watcher = followed()
    here = watcher.here
    twin = here.row("Contact", Email="second@example.com")
    contact = here.contact("first@example.com", hs_additional_emails="second@example.com")
    here.run()
    link = watcher.link(contact)
    assert link
    assert link.twin_id == twin
    assert here.values(twin)["Email"] == "second@example.com"
    assert value(here, contact, "email") == "first@example.com"


def test_S21_an_erased_contact_leaves_no_value_behind_and_is_not_made_anew(
    followed: Followed,
) -> None:
    watcher = followed(objects__contacts__create_in_hubspot="true")
    here = watcher.here
    contact, twin = paired(watcher, firstname="Canary")
    here.world.portal.gdpr_delete("contacts", contact)
    here.world.org.update(twin, {"Title": "CTO"}, caller="user")
    watcher.tick(3)
    assert contact_of(here, "ada@example.com") is None
    assert "ERASED" in str(watcher.endings(RunKind.CHANGES))
    link = watcher.link(contact)
    assert link
    assert link.agreed == {}
    assert "Canary" not in str(here.rows().values())
