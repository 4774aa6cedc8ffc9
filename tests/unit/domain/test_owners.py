"""Who owns a record, and what of it each CRM can hold; the ids are those of HubSpot's rules."""

from typing import Any

import pytest

from guestlist.domain.mapping import CompiledMapping, compile_mapping
from guestlist.domain.owners import NO_OWNERS, Owners, directory
from guestlist.domain.plan import History, plan
from guestlist.domain.write import Plan, Sides
from schemas.mapping import SyncRule
from schemas.records import Owner, SalesforceRecord
from tests.builders import (
    LONG_AGO,
    NOW,
    a_contact,
    a_lead,
    a_mapping,
    a_row,
    a_salesforce_contact,
    both,
    contact_description,
    hubspot_description,
    hubspot_field,
    lead_description,
    salesforce_field,
)

INES, TOMASZ = "61000001", "61000008"
"""Users of both."""
ONLY_HUBSPOT, LEFT_SALESFORCE = "61000015", "61000022"
"""Nobody in Salesforce; an inactive user there."""
UNKNOWN = "61999999"
"""Added to HubSpot since the owners were read."""
USER_INES, USER_TOMASZ = "005AB000001Ines0AA", "005AB000001TomszAA"
USER_GRACE, USER_LEFT = "005AB000001Grac0AA", "005AB000001Left0AA"
QUEUE = "00GAB000001Queu0AA"


def hubspot_owner(id: str, name: str, *, active: bool = True, email: str = "") -> Owner:
    address = email or f"{name.lower().replace(' ', '.')}@acme.example"
    return Owner(id, address, name, active, "person")


def user(id: str, name: str, *, active: bool = True, email: str = "") -> Owner:
    return hubspot_owner(id, name, active=active, email=email)._replace(kind="user")


def some_owners() -> Owners:
    hubspot = [
        hubspot_owner(INES, "Ines Duarte"),
        hubspot_owner(TOMASZ, "Tomasz Wrona"),
        hubspot_owner(ONLY_HUBSPOT, "Hub Only"),
        hubspot_owner(LEFT_SALESFORCE, "Former Employee"),
    ]
    salesforce = [
        user(USER_INES, "Ines  duarte", email="Ines.Duarte@acme.example"),
        user(USER_TOMASZ, "Tomasz Wrona"),
        user(USER_GRACE, "Grace Okafor"),
        user(USER_LEFT, "Former Employee", active=False),
        Owner(QUEUE, None, "Unassigned Leads", active=True, kind="queue"),
    ]
    return directory(hubspot, salesforce)


OWNERS = some_owners()
OWNER_ID = hubspot_field("hubspot_owner_id", "enumeration")
REFERENCE = salesforce_field("OwnerId", "reference", length=18)


def a_mapping_with_owners(
    owners: Owners = OWNERS, rule: SyncRule = SyncRule.TWO_WAY, **changes: Any
) -> CompiledMapping:
    rows = (
        a_row("lastname", both("LastName")),
        a_row("company", {"Lead": "Company"}, when_blank="[not provided]"),
        a_row("hubspot_owner_id", both("OwnerId"), rule=rule, converter="owner"),
    )
    salesforce = {
        "Contact": contact_description(REFERENCE),
        "Lead": lead_description(REFERENCE),
    }
    mapping = a_mapping(fields=rows, **changes)
    return compile_mapping(mapping, hubspot_description(OWNER_ID), salesforce, owners)


MAPPING = a_mapping_with_owners()


def named(owner: str | None) -> str | None:
    """Who a HubSpot or Salesforce id is."""
    in_hubspot = OWNERS.in_hubspot(owner)
    return in_hubspot if in_hubspot != owner else OWNERS.in_salesforce(owner)


def agreed_on(hubspot: str | None, salesforce: str | None) -> dict[str, Sides]:
    return {"hubspot_owner_id": Sides(named(hubspot), named(salesforce))}


def decided(
    hubspot: str | None,
    salesforce: str,
    agreed: dict[str, Sides] | None,
    *,
    hubspot_newer: bool = True,
    mapping: CompiledMapping = MAPPING,
) -> Plan:
    record = a_contact(hubspot_owner_id=hubspot, modified_at=NOW if hubspot_newer else LONG_AGO)
    twin = a_salesforce_contact(OwnerId=salesforce, modified_at=LONG_AGO if hubspot_newer else NOW)
    made = plan(record, twin, agreed, mapping)
    assert isinstance(made, Plan)
    return made


def written(made: Plan) -> tuple[str | None, str | None]:
    """The owner that goes to HubSpot, and the one that goes to Salesforce."""
    hubspot = made.hubspot.properties if made.hubspot else {}
    salesforce = made.salesforce.fields if made.salesforce else {}
    return hubspot.get("hubspot_owner_id"), salesforce.get("OwnerId")


NEVER = None
ROWS = [
    # case, HubSpot's, Salesforce's, agreed -> to HubSpot, to Salesforce
    ("OWN-02 assigned in HubSpot", TOMASZ, USER_INES, (INES, USER_INES), None, USER_TOMASZ),
    ("OWN-02 assigned to nobody's user", ONLY_HUBSPOT, USER_INES, (INES, USER_INES), INES, None),
    ("OWN-02 assigned to a former user", LEFT_SALESFORCE, USER_INES, (INES, USER_INES), INES, None),
    ("OWN-02 assigned in Salesforce", INES, USER_TOMASZ, (INES, USER_INES), TOMASZ, None),
    ("OWN-02 given to a former user", INES, USER_LEFT, (INES, USER_INES), LEFT_SALESFORCE, None),
    ("OWN-01 given to a queue", INES, QUEUE, (INES, USER_INES), None, None),
    ("OWN-01 owned by a queue", None, QUEUE, (None, QUEUE), None, None),
    ("OWN-01 taken from a queue", TOMASZ, QUEUE, (None, QUEUE), None, USER_TOMASZ),
    ("OWN-01 not in HubSpot", INES, USER_GRACE, (INES, USER_INES), None, None),
    ("OWN-01 and nobody's user in HubSpot", ONLY_HUBSPOT, QUEUE, (INES, QUEUE), None, None),
    ("OWN-04 first, both have one", TOMASZ, USER_INES, NEVER, INES, None),
    ("OWN-04 first, HubSpot has none", None, USER_INES, NEVER, INES, None),
    ("OWN-04 first, a queue's", TOMASZ, QUEUE, NEVER, None, None),
    ("OWN-06 cleared in HubSpot", None, USER_INES, (INES, USER_INES), INES, None),
    ("OWN-06 cleared, a queue's by now", None, QUEUE, (INES, QUEUE), None, None),
    ("the owner came to HubSpot since", None, USER_TOMASZ, (None, USER_TOMASZ), TOMASZ, None),
    ("not known yet in HubSpot", UNKNOWN, USER_INES, (INES, USER_INES), None, None),
    ("still not known in HubSpot", UNKNOWN, USER_INES, (UNKNOWN, USER_INES), None, None),
    ("in step", INES, USER_INES, (INES, USER_INES), None, None),
]  # fmt: skip


@pytest.mark.parametrize("newer", [True, False], ids=["hubspot newer", "salesforce newer"])
@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_an_owner_goes_where_it_can(row, newer):
    _, hubspot, salesforce, agreed, to_hubspot, to_salesforce = row
    before = agreed_on(*agreed) if agreed else None
    made = decided(hubspot, salesforce, before, hubspot_newer=newer)
    assert written(made) == (to_hubspot, to_salesforce)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_looking_again_writes_nothing(row):
    _, hubspot, salesforce, agreed, *_ = row
    first = decided(hubspot, salesforce, agreed_on(*agreed) if agreed else None)
    to_hubspot, to_salesforce = written(first)
    again = decided(to_hubspot or hubspot, to_salesforce or salesforce, dict(first.agreed))
    assert (written(again), again.changes) == ((None, None), ())


@pytest.mark.parametrize(
    ("newer", "to"), [(True, (None, USER_TOMASZ)), (False, (LEFT_SALESFORCE, None))]
)
def test_own_04_changed_on_both_sides_the_later_wins(newer, to):
    made = decided(TOMASZ, USER_LEFT, agreed_on(INES, USER_INES), hubspot_newer=newer)
    assert written(made) == to
    assert [each.property for each in made.conflicts] == ["hubspot_owner_id"]


def test_nobody_loses_where_nothing_is_written():
    assert decided(TOMASZ, QUEUE, None).conflicts == ()


@pytest.mark.parametrize(
    ("lost", "to"),
    [(TOMASZ, (TOMASZ, USER_TOMASZ)), (ONLY_HUBSPOT, (None, None))],
    ids=["a user", "nobody's user"],
)
def test_a_lost_owner_is_brought_back_only_as_an_active_user(lost, to):
    record = a_contact(hubspot_owner_id=INES)
    twin = a_salesforce_contact(OwnerId=USER_INES)
    history = History(lost={"hubspot_owner_id": named(lost)})
    made = plan(record, twin, agreed_on(INES, USER_INES), MAPPING, history)
    assert isinstance(made, Plan)
    assert written(made) == to
    assert made.restored == ("hubspot_owner_id",)


def test_an_owner_becomes_known_once_the_owners_are_read_again():
    left_alone = decided(UNKNOWN, USER_GRACE, agreed_on(INES, USER_INES))
    assert written(left_alone) == (None, None)
    known = directory([hubspot_owner(UNKNOWN, "Tomasz Wrona")], [user(USER_TOMASZ, "Tomasz Wrona")])
    mapping = a_mapping_with_owners(known)
    later = decided(UNKNOWN, USER_GRACE, dict(left_alone.agreed), mapping=mapping)
    assert written(later)[1] == USER_TOMASZ


def test_without_any_owners_read_nothing_is_written():
    made = decided(INES, USER_TOMASZ, None, mapping=a_mapping_with_owners(NO_OWNERS))
    assert written(made) == (None, None)


def test_two_active_users_of_one_name_and_address_are_nobody():
    twice = directory(
        [hubspot_owner(INES, "Ines Duarte")],
        [user(USER_INES, "Ines Duarte"), user(USER_TOMASZ, "Ines Duarte")],
    )
    made = decided(
        INES, USER_LEFT, agreed_on(None, USER_LEFT), mapping=a_mapping_with_owners(twice)
    )
    assert written(made) == (None, None)


@pytest.mark.parametrize(
    "theirs",
    [
        user(USER_INES, "Ines Duarte", email="other@acme.example"),
        user(USER_INES, "Ines Silva", email="ines.duarte@acme.example"),
        user(USER_INES, "Ines Duarte")._replace(email=None),
        user(USER_INES, ""),
    ],
    ids=["another address", "another name", "no address", "no name"],
)
def test_own_02_an_owner_matches_by_address_and_name(theirs):
    owners = directory([hubspot_owner(INES, "Ines Duarte")], [theirs])
    assert owners.in_hubspot(INES) not in owners.user_ids
    assert owners.in_hubspot(INES) != owners.in_salesforce(USER_INES)


def test_a_short_salesforce_id_is_the_same_user():
    assert OWNERS.in_salesforce("005AB000001Gra") == "005AB000001Gra"
    id = "005AB00000Xq1ZaYAJ"
    owners = directory([], [user(id, "Ines Duarte")])
    assert owners.in_salesforce(id[:15]) == owners.in_salesforce(id)


def created(hubspot: str | None, as_type: str = "Lead", **changes: Any) -> Plan:
    mapping = a_mapping_with_owners(create_as=as_type, **changes)
    made = plan(a_contact(hubspot_owner_id=hubspot, company="Acme"), None, None, mapping)
    assert isinstance(made, Plan)
    return made


@pytest.mark.parametrize("nobody", [None, ONLY_HUBSPOT, LEFT_SALESFORCE, UNKNOWN])
def test_own_03_a_lead_without_a_matched_owner_is_assigned_by_salesforce(nobody):
    write = created(nobody).salesforce
    assert write is not None
    assert write.assign
    assert "OwnerId" not in write.fields


def test_own_03_a_lead_with_one_is_created_for_that_user():
    write = created(INES).salesforce
    assert write is not None
    assert not write.assign
    assert write.fields["OwnerId"] == USER_INES


@pytest.mark.parametrize("owner", [None, INES, ONLY_HUBSPOT])
def test_own_05_no_rule_assigns_a_contact(owner):
    write = created(owner, as_type="Contact").salesforce
    assert write is not None
    assert not write.assign
    assert write.fields.get("OwnerId") == (USER_INES if owner == INES else None)


def test_own_03_a_lead_is_assigned_where_owners_do_not_sync():
    write = plan(
        a_contact(company="Acme"),
        None,
        None,
        a_mapping_with_owners(rule=SyncRule.DONT_SYNC, create_as="Lead"),
    )
    assert isinstance(write, Plan)
    assert write.salesforce is not None
    assert write.salesforce.assign


@pytest.mark.parametrize(
    ("assigned", "to"),
    [(USER_TOMASZ, (TOMASZ, None)), (QUEUE, (None, None))],
    ids=["a user", "a queue"],
)
def test_who_was_assigned_at_the_creation_comes_back(assigned, to):
    first = created(None)
    made = after_creation(first, hubspot=None, salesforce=assigned)
    assert written(made) == to


def test_who_was_set_in_hubspot_right_after_the_creation_is_not_taken_back():
    made = after_creation(created(None), hubspot=INES, salesforce=QUEUE)
    assert written(made) == (None, USER_INES)


def after_creation(first: Plan, *, hubspot: str | None, salesforce: str) -> Plan:
    assert first.salesforce is not None
    fields = {**a_lead().fields, **first.salesforce.fields, "OwnerId": salesforce}
    twin = SalesforceRecord("Lead", a_lead().id, fields, LONG_AGO)
    record = a_contact(hubspot_owner_id=hubspot, company="Acme", modified_at=NOW)
    made = plan(record, twin, first.agreed, a_mapping_with_owners(create_as="Lead"))
    assert isinstance(made, Plan)
    return made
