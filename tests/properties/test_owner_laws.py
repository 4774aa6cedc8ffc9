"""Laws of owners: nothing is refused, goes in circles, or reaches somebody who is no user."""

from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.mapping import CompiledMapping, compile_mapping
from guestlist.domain.owners import Owners, directory
from guestlist.domain.plan import plan
from guestlist.domain.write import Plan, Sides
from schemas.mapping import SyncRule
from schemas.records import HubSpotRecord, Owner, SalesforceRecord
from tests.builders import (
    LONG_AGO,
    NOW,
    a_contact,
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

HUBSPOT_IDS = ("61000001", "61000008", "61000015")
USER_IDS = ("005AB000001Ines0AA", "005AB000001TomszAA", "005AB000001Grac0AA")
QUEUE_ID = "00GAB000001Queu0AA"
PROPERTY, FIELD = "hubspot_owner_id", "OwnerId"
RULES = [rule for rule in SyncRule if rule not in {SyncRule.DONT_SYNC, SyncRule.ALWAYS_HUBSPOT}]

names = st.sampled_from(["Ines Duarte", "ines  duarte", "Tomasz Wrona", ""])
addresses = st.sampled_from([None, "ines@acme.example", "tomasz@acme.example"])


def people(ids: tuple[str, ...], kind: str) -> st.SearchStrategy[list[Owner]]:
    one = st.builds(
        Owner, st.sampled_from(ids), addresses, names, active=st.booleans(), kind=st.just(kind)
    )
    return st.lists(one, unique_by=lambda owner: owner.id)


queue = Owner(QUEUE_ID, None, "Unassigned", active=True, kind="queue")
owners = st.builds(
    lambda hubspot, users: directory(hubspot, [*users, queue]),
    people(HUBSPOT_IDS, "person"),
    people(USER_IDS, "user"),
)
moments = st.sampled_from([LONG_AGO, NOW])
records = st.builds(
    lambda owner, at: a_contact(**{PROPERTY: owner}, modified_at=at),
    st.sampled_from([None, *HUBSPOT_IDS, "61999999"]),
    moments,
)
twins = st.builds(
    lambda owner, at: a_salesforce_contact(**{FIELD: owner}, modified_at=at),
    st.sampled_from([*USER_IDS, QUEUE_ID, "005AB000001Strg0AA"]),
    moments,
)
who = st.sampled_from(
    [
        None,
        "ines duarte <ines@acme.example>",
        "tomasz wrona <tomasz@acme.example>",
        f"queue {QUEUE_ID}",
        "61999999",
    ]
)
agreements = st.one_of(st.none(), st.builds(lambda *sides: {PROPERTY: Sides(*sides)}, who, who))
rules = st.sampled_from(RULES)


def compiled(
    owners: Owners, rule: SyncRule = SyncRule.TWO_WAY, kind: str = "Lead"
) -> CompiledMapping:
    rows = (
        a_row("lastname", both("LastName")),
        a_row("company", {"Lead": "Company"}, when_blank="[not provided]"),
        a_row(PROPERTY, both(FIELD), rule=rule),
    )
    reference = salesforce_field(FIELD, "reference", length=18)
    salesforce = {
        "Contact": contact_description(reference),
        "Lead": lead_description(reference),
    }
    hubspot = hubspot_description(hubspot_field(PROPERTY, "enumeration"))
    return compile_mapping(a_mapping(fields=rows, create_as=kind), hubspot, salesforce, owners)


def to_hubspot(made: Plan) -> str | None:
    return made.hubspot.properties.get(PROPERTY) if made.hubspot else None


def to_salesforce(made: Plan) -> str | None:
    return made.salesforce.fields.get(FIELD) if made.salesforce else None


def applied(
    record: HubSpotRecord, twin: SalesforceRecord, made: Plan
) -> tuple[HubSpotRecord, SalesforceRecord]:
    hubspot, salesforce = to_hubspot(made), to_salesforce(made)
    if hubspot is not None:
        record = record._replace(properties={**record.properties, PROPERTY: hubspot})
    if salesforce is not None:
        twin = twin._replace(fields={**twin.fields, FIELD: salesforce})
    return record, twin


@given(owners, records, twins, agreements, rules, moments, moments)
def test_looking_again_writes_nothing_whoever_is_younger_by_then(  # noqa: PLR0917
    owners, record, twin, agreed, rule, hubspot_at, salesforce_at
):
    mapping = compiled(owners, rule)
    first = plan(record, twin, agreed, mapping)
    assert isinstance(first, Plan)
    record, twin = applied(record, twin, first)
    echoes = record._replace(modified_at=hubspot_at), twin._replace(modified_at=salesforce_at)
    again = plan(*echoes, first.agreed, mapping)
    assert isinstance(again, Plan)
    assert (again.salesforce, again.hubspot, again.changes) == (None, None, ())
    assert again.agreed == first.agreed


@given(owners, records, twins)
def test_looking_again_without_having_remembered_writes_nothing(owners, record, twin):
    mapping = compiled(owners)
    first = plan(record, twin, None, mapping)
    assert isinstance(first, Plan)
    again = plan(*applied(record, twin, first), None, mapping)
    assert isinstance(again, Plan)
    assert (to_hubspot(again), to_salesforce(again)) == (None, None)


@given(owners, records, twins, agreements, rules)
def test_an_owner_that_is_no_active_user_never_reaches_salesforce(
    owners, record, twin, agreed, rule
):
    mapping = compiled(owners, rule)
    for made in (plan(record, twin, agreed, mapping), plan(record, None, None, mapping)):
        assert isinstance(made, Plan)
        written = to_salesforce(made)
        if written is not None:
            assert written in owners.user_ids.values()
            assert owners.in_salesforce(written) == owners.in_hubspot(record.properties[PROPERTY])


@given(owners, records, twins, agreements, rules)
def test_hubspot_is_only_ever_given_the_owner_that_salesforce_has(
    owners, record, twin, agreed, rule
):
    made = plan(record, twin, agreed, compiled(owners, rule))
    assert isinstance(made, Plan)
    written = to_hubspot(made)
    if written is not None:
        assert written in owners.hubspot_ids.values()
        assert owners.in_hubspot(written) == owners.in_salesforce(twin.fields[FIELD])


@given(owners, records, twins, agreements)
def test_a_side_that_is_written_leaves_the_other_alone(owners, record, twin, agreed):
    made = plan(record, twin, agreed, compiled(owners))
    assert isinstance(made, Plan)
    assert None in {to_hubspot(made), to_salesforce(made)}


@given(owners, records)
def test_a_lead_is_given_to_its_owner_or_to_the_assignment_rules(owners, record):
    made = plan(record, None, None, compiled(owners))
    assert isinstance(made, Plan)
    assert made.salesforce is not None
    assert made.salesforce.assign == (to_salesforce(made) is None)


@given(people(HUBSPOT_IDS, "person"), people(USER_IDS, "user"))
def test_the_order_in_which_owners_are_read_does_not_matter(hubspot, users):
    assert directory(hubspot, users) == directory(hubspot[::-1], users[::-1])
