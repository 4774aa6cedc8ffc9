from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from sandbox.crm import CRM
from sandbox.hostile import AWKWARD, REFUSED, ROLES, Gone, Known, role_of
from sandbox.names import LOCALES
from sandbox.reading import records
from sandbox.salesforce.errors import SalesforceError
from sandbox.seed import seed
from sandbox.world import World
from tests.sandbox.conftest import NOON, standing_clock

COUNT = 600
CONTACT_FIELDS = {
    "FirstName": "firstname",
    "LastName": "lastname",
    "Salutation": "salutation",
    "Email": "email",
    "Phone": "phone",
    "Fax": "fax",
    "Title": "jobtitle",
    "MailingStreet": "address",
    "MailingCity": "city",
    "MailingState": "state",
    "MailingPostalCode": "zip",
    "MailingCountry": "country",
}


def grown(name: str = "tests", *, contacts: int = COUNT) -> World:
    world = World(name, clock=standing_clock())
    seed(world, contacts=contacts)
    return world


@pytest.fixture(scope="module")
def world() -> World:
    return grown()


def all_of(world: World, crm: CRM, type: str) -> dict[str, dict[str, Any]]:
    return {record["id"]: record["fields"] for record in records(world, crm, type)}


def contact(world: World, role: str) -> dict[str, Any]:
    return all_of(world, CRM.HUBSPOT, "contacts")[world.landmarks["people"][role]]


def by_email(world: World, sobject: str, email: str) -> list[dict[str, Any]]:
    found = all_of(world, CRM.SALESFORCE, sobject).values()
    return [fields for fields in found if (fields.get("Email") or "").lower() == email.lower()]


def insert(world: World, properties: dict[str, Any]) -> None:
    fields = {field: properties.get(name) for field, name in CONTACT_FIELDS.items()}
    given = {field: value for field, value in fields.items() if value}
    world.org.insert("Contact", given, caller="test")


def members(world: World, name: str) -> set[str]:
    list_id = world.landmarks["lists"][name]
    ids = all_of(world, CRM.HUBSPOT, "contacts")
    return {id for id in ids if world.portal.membership(id)[list_id].evaluated}


def test_the_same_seed_grows_the_same_world(world: World) -> None:
    again = grown()
    assert again.portal.dump() == world.portal.dump()
    assert again.org.dump() == world.org.dump()
    assert again.landmarks == world.landmarks


def test_another_seed_grows_another(world: World) -> None:
    other = grown("other")
    assert other.landmarks["hubspot_token"] != world.landmarks["hubspot_token"]
    assert all_of(other, CRM.HUBSPOT, "contacts") != all_of(world, CRM.HUBSPOT, "contacts")


def test_a_world_without_contacts_has_its_lists_and_keys() -> None:
    landmarks = grown(contacts=0).landmarks
    assert set(landmarks["lists"]) == {"inclusion", "history", "companies", "static"}
    assert landmarks["people"] == {}
    assert "fixable" not in landmarks


def test_what_was_seeded_is_not_in_the_journal_and_cost_no_calls(world: World) -> None:
    assert world.journal.entries == []
    assert sum(world.portal.calls.values()) + sum(world.org.calls.values()) == 0


def test_the_clock_is_where_it_was_and_the_contacts_are_older(world: World) -> None:
    assert world.clock.now() == NOON
    assert world.clock.frozen
    first = min(record.created for record in world.portal.store_of("contacts").all_live())
    assert first < (NOON - timedelta(days=80)).timestamp() * 1000


def test_about_three_in_ten_are_on_the_inclusion_list(world: World) -> None:
    share = len(members(world, "inclusion")) / COUNT
    assert 0.25 < share < 0.42


def test_romanised_names_make_plain_addresses() -> None:
    for locale in LOCALES:
        for _, roman in (*locale.given, *locale.family):
            assert roman.isascii()
            assert roman.isalpha()


def test_no_two_contacts_share_an_address(world: World) -> None:
    contacts = all_of(world, CRM.HUBSPOT, "contacts").values()
    addresses = [fields["email"].lower() for fields in contacts if "email" in fields]
    assert len(addresses) == len(set(addresses))


def test_all_members_have_an_email_and_a_syncing_stage(world: World) -> None:
    contacts = all_of(world, CRM.HUBSPOT, "contacts")
    for id in members(world, "inclusion"):
        assert contacts[id]["email"]
        assert contacts[id]["lifecyclestage"] not in {"subscriber", "lead", "evangelist", "other"}


def test_about_one_in_eleven_is_known_to_salesforce_without_an_external_id(world: World) -> None:
    known = [
        fields
        for sobject in ("Contact", "Lead")
        for fields in all_of(world, CRM.SALESFORCE, sobject).values()
    ]
    assert all(fields.get("HubSpot_Contact_Id__c") is None for fields in known)
    emails = {str(fields.get("Email")).lower() for fields in known}
    contacts = all_of(world, CRM.HUBSPOT, "contacts").values()
    shared = sum(1 for fields in contacts if fields.get("email", "").lower() in emails)
    assert 0.07 < shared / COUNT < 0.13


def test_each_role_is_played(world: World) -> None:
    assert set(world.landmarks["people"]) == set(ROLES)


@pytest.mark.parametrize("contacts", [60, 600, 5000])
def test_roles_come_up_evenly_and_never_crowd(contacts: int) -> None:
    played = Counter(role_of(n, contacts=contacts) for n in range(contacts))
    del played[None]
    assert set(played) == set(ROLES)
    assert max(played.values()) - min(played.values()) <= 1


@pytest.mark.parametrize("role", REFUSED)
def test_salesforce_refuses_each_of_these(world: World, role: str) -> None:
    properties = contact(world, role)
    assert world.landmarks["people"][role] in members(world, "inclusion")
    with pytest.raises(SalesforceError):
        insert(world, properties)


@pytest.mark.parametrize("role", [role for role in AWKWARD if role != "invalid e-mail"])
def test_salesforce_takes_each_of_these(role: str) -> None:
    world = grown(contacts=60)
    insert(world, contact(world, role))
    assert len(world.journal.entries) == 1


def test_the_fixable_contact_is_accepted_once_fixed(world: World) -> None:
    fixable = world.landmarks["fixable"]
    broken = all_of(world, CRM.HUBSPOT, "contacts")[fixable["id"]]
    with pytest.raises(SalesforceError, match="professor"):
        insert(world, broken)
    world = grown()
    insert(world, {**broken, **fixable["properties"]})


def test_salesforce_knows_some_in_a_tangled_way(world: World) -> None:
    def count(role: Known) -> tuple[int, int]:
        email = contact(world, role)["email"]
        leads = [lead for lead in by_email(world, "Lead", email) if not lead["IsConverted"]]
        return len(by_email(world, "Contact", email)), len(leads)

    assert count(Known.TWINS) == (2, 0)
    assert count(Known.BOTH) == (1, 1)
    assert count(Known.LEAD) == (0, 1)
    assert count(Known.CONVERTED) == (1, 0)
    assert count(Known.DELETED) == (0, 0)
    assert count(Known.MERGED) == (1, 0)
    assert count(Known.BLOCKED) == (0, 0)


def test_a_converted_lead_is_still_there(world: World) -> None:
    (lead,) = by_email(world, "Lead", contact(world, Known.CONVERTED)["email"])
    assert lead["ConvertedContactId"]


def test_the_duplicate_rule_defends_its_contact(world: World) -> None:
    with pytest.raises(SalesforceError, match="DUPLICATES_DETECTED"):
        insert(world, contact(world, Known.BLOCKED))


def test_some_are_gone_from_hubspot(world: World) -> None:
    people = world.landmarks["people"]
    contacts = all_of(world, CRM.HUBSPOT, "contacts")
    assert people[Gone.ARCHIVED] not in contacts
    assert "hs_additional_emails" in contacts[people[Gone.MERGED]]


def test_a_past_customer_is_on_the_history_list_for_ever(world: World) -> None:
    assert members(world, "history")


def test_owners_are_the_same_people_in_both_crms_but_for_a_few(world: World) -> None:
    users = all_of(world, CRM.SALESFORCE, "User").values()
    active = {user["Email"] for user in users if user["IsActive"]}
    owners = world.portal.owners.values()
    assert sum(owner.email in active for owner in owners) == 3
    assert [owner.email for owner in owners if owner.archived] == [
        user["Email"] for user in users if not user["IsActive"]
    ]
    contacts = all_of(world, CRM.HUBSPOT, "contacts").values()
    owned = [fields.get("hubspot_owner_id") for fields in contacts]
    assert {id for id in owned if id} == {owner.id for owner in owners if not owner.archived}
    assert owned.count(None) > len(owned) / 4


def test_salesforce_has_people_who_may_own_and_one_who_may_not(world: World) -> None:
    users = all_of(world, CRM.SALESFORCE, "User").values()
    assert sum(1 for user in users if not user["IsActive"]) == 1
    assert sum(1 for user in users if user["IsActive"]) >= 3
    groups = all_of(world, CRM.SALESFORCE, "Group").values()
    assert [group["Type"] for group in groups] == ["Queue"]
