"""Laws of the plan: it converges at once, keeps to its rules, and nothing hostile breaks it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.plan import plan
from guestlist.domain.seen import seen_in
from guestlist.domain.write import Plan, Sides, Skip
from schemas.mapping import SyncRule
from schemas.records import HubSpotRecord, SalesforceRecord
from tests.builders import (
    CONTACT_ID,
    LEAD_ID,
    LONG_AGO,
    NOW,
    a_compiled_mapping,
    a_contact,
    a_lead,
    a_salesforce_contact,
)
from tests.properties.strategies import hostile_text

CONTACTS = a_compiled_mapping()
LEADS = a_compiled_mapping(create_as="Lead")
moments = st.sampled_from([LONG_AGO, LONG_AGO + timedelta(days=1), NOW])


def hubspot_values(mapping: CompiledMapping) -> st.SearchStrategy[dict[str, str | None]]:
    return st.dictionaries(st.sampled_from(mapping.hubspot_properties), hostile_text)


def salesforce_values(mapping: CompiledMapping, kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values as Salesforce's own types allow them."""
    typed = {
        "Email": st.sampled_from([None, "ada@example.com", "Ada@Example.com", "b@example.com"]),
        "Newsletter__c": st.booleans(),
        "Budget__c": st.sampled_from([None, 0.0, 1000.0, 0.1, -2.5e-7]),
        "Score__c": st.sampled_from([None, 42.0, 43]),
        "Birthdate": st.sampled_from([None, "1815-12-10", "2026-11-24"]),
        "Last_Visit__c": st.sampled_from([None, "2026-11-24T09:30:00.000+0000"]),
        "Interests__c": st.sampled_from([None, "Events", "Newsletter;Events"]),
        "Status": st.sampled_from(["Open - Not Contacted", "Working - Contacted"]),
        "Industry": st.sampled_from([None, "Technology", "Media"]),
        "Company": st.sampled_from(["[not provided]", "Analytical Engines"]),
    }
    text = st.sampled_from([None, "ada", "Ada", "x", "a\r\nb"])
    names = [pair.salesforce for pair in mapping.types[kind].pairs]
    return st.fixed_dictionaries(
        {}, optional={name: typed.get(name, text) for name in names if name != "LastName"}
    )


def contacts() -> st.SearchStrategy[HubSpotRecord]:
    return st.builds(
        lambda values, at: a_contact(**values, modified_at=at), hubspot_values(LEADS), moments
    )


def twins() -> st.SearchStrategy[SalesforceRecord]:
    of_contacts = st.builds(
        lambda fields, at: a_salesforce_contact(**fields, modified_at=at),
        salesforce_values(CONTACTS, "Contact"),
        moments,
    )
    of_leads = st.builds(
        lambda fields, at: a_lead(**fields, modified_at=at),
        salesforce_values(LEADS, "Lead"),
        moments,
    )
    return st.one_of(of_contacts, of_leads)


agreements = st.dictionaries(
    st.sampled_from(LEADS.hubspot_properties),
    st.builds(Sides, st.sampled_from([None, "ada", "Events"]), st.sampled_from([None, "ada"])),
)


def applied_to_hubspot(record: HubSpotRecord, decided: Plan) -> HubSpotRecord:
    written = decided.hubspot.properties if decided.hubspot else {}
    values = {name: value or None for name, value in written.items()}
    return record._replace(properties={**record.properties, **values})


def applied_to_salesforce(twin: SalesforceRecord | None, decided: Plan) -> SalesforceRecord:
    """What Salesforce holds then; a creation brings the checkbox's default and the key."""
    write = decided.salesforce
    if twin is not None:
        return twin._replace(fields={**twin.fields, **(write.fields if write else {})})
    assert write is not None
    identity = {write.external_id_field: write.external_id, "Newsletter__c": False}
    id = CONTACT_ID if write.type == "Contact" else LEAD_ID
    return SalesforceRecord(write.type, id, {**identity, **write.fields}, NOW)


def sent(value: Mapping[str, Any]) -> Any:
    """There and back through JSON, as the wire does."""
    return orjson.loads(orjson.dumps(value))


@given(contacts(), twins(), st.one_of(st.none(), agreements))
def test_looking_again_after_the_writes_writes_nothing(record, twin, agreed):
    first = plan(record, twin, agreed, LEADS)
    if isinstance(first, Skip):
        return
    then = applied_to_hubspot(record, first), applied_to_salesforce(twin, first)
    again = plan(*then, first.agreed, LEADS)
    assert isinstance(again, Plan)
    assert (again.salesforce, again.hubspot, again.changes) == (None, None, ())
    assert again.agreed == first.agreed


@given(contacts(), twins())
def test_looking_again_without_having_remembered_writes_nothing(record, twin):
    first = plan(record, twin, None, LEADS)
    if isinstance(first, Skip):
        return
    then = applied_to_hubspot(record, first), applied_to_salesforce(twin, first)
    again = plan(*then, None, LEADS)
    assert isinstance(again, Plan)
    assert (again.salesforce, again.hubspot) == (None, None)


held_properties = st.sets(st.sampled_from(sorted(LEADS.mapped)), min_size=1)


@given(contacts(), twins(), agreements, held_properties)
def test_a_held_field_is_never_written_and_keeps_what_was_agreed(record, twin, agreed, held):
    decided = plan(record, twin, agreed, LEADS.without(held))
    if isinstance(decided, Skip):
        return
    fields = {pair.salesforce for pair in LEADS.types[twin.type].pairs if pair.hubspot in held}
    assert not (decided.salesforce and fields & decided.salesforce.fields.keys())
    assert not (decided.hubspot and held & decided.hubspot.properties.keys())
    ours = {pair.hubspot for pair in LEADS.types[twin.type].pairs} & held
    assert {name: decided.agreed.get(name) for name in ours} == {
        name: agreed.get(name) for name in ours
    }
    assert not held & {each.property for each in decided.conflicts}
    assert not held & {each.property for each in decided.sent}


@given(contacts(), twins(), agreements, held_properties)
def test_a_held_field_changes_nothing_about_the_others(record, twin, agreed, held):
    alone = plan(record, twin, agreed, LEADS.without(held))
    whole = plan(record, twin, agreed, LEADS)
    if isinstance(alone, Skip) or isinstance(whole, Skip):
        return
    ours = {pair.hubspot for pair in LEADS.types[twin.type].pairs} & held
    rest = {name: sides for name, sides in whole.agreed.items() if name not in ours}
    assert {name: sides for name, sides in alone.agreed.items() if name not in ours} == rest


@given(contacts(), st.one_of(st.none(), twins()), agreements, held_properties)
def test_a_property_that_is_absent_is_held_and_one_that_is_null_is_not(record, twin, agreed, held):
    there = {name: value for name, value in record.properties.items() if name not in held}
    nulls = dict.fromkeys(LEADS.mapped)
    absent = record._replace(properties={**nulls, **there})
    absent = absent._replace(
        properties={k: v for k, v in absent.properties.items() if k not in held}
    )
    decided = plan(absent, twin, agreed, seen_in(absent, LEADS))
    if isinstance(decided, Plan) and twin is not None and decided.salesforce:
        pairs = LEADS.types[twin.type].pairs
        gone = {pair.salesforce for pair in pairs if pair.hubspot in held}
        assert not gone & decided.salesforce.fields.keys()
    blank = absent._replace(properties={**absent.properties, **dict.fromkeys(held)})
    assert seen_in(blank, LEADS) is LEADS


@given(contacts(), st.sampled_from([CONTACTS, LEADS]))
def test_a_created_twin_needs_no_second_write_to_salesforce(record, mapping):
    first = plan(record, None, None, mapping)
    if isinstance(first, Skip):
        return
    again = plan(record, applied_to_salesforce(None, first), first.agreed, mapping)
    assert isinstance(again, Plan)
    assert again.salesforce is None


@given(contacts(), twins(), st.one_of(st.none(), agreements))
def test_every_write_survives_the_wire(record, twin, agreed):
    for decided in (plan(record, None, None, LEADS), plan(record, twin, agreed, LEADS)):
        if isinstance(decided, Plan):
            fields = decided.salesforce.fields if decided.salesforce else {}
            properties = decided.hubspot.properties if decided.hubspot else {}
            assert sent(fields) == fields
            assert sent(properties) == properties


@given(contacts(), twins(), st.one_of(st.none(), agreements))
def test_a_side_is_written_only_by_rules_that_may(record, twin, agreed):
    decided = plan(record, twin, agreed, LEADS)
    if isinstance(decided, Skip):
        return
    rules = {pair.hubspot: pair.rule for pair in LEADS.types[twin.type].pairs}
    named = {pair.salesforce: pair.rule for pair in LEADS.types[twin.type].pairs}
    to_hubspot = decided.hubspot.properties if decided.hubspot else {}
    to_salesforce = decided.salesforce.fields if decided.salesforce else {}
    assert all(rules[name] is not SyncRule.ALWAYS_HUBSPOT for name in to_hubspot)
    assert all(named.get(name) is not SyncRule.ALWAYS_SALESFORCE for name in to_salesforce)


@given(contacts(), twins(), st.one_of(st.none(), agreements))
def test_every_written_field_is_among_the_changes(record, twin, agreed):
    decided = plan(record, twin, agreed, LEADS)
    if isinstance(decided, Skip):
        assert decided.key == record.id
        return
    to_hubspot = decided.hubspot.properties if decided.hubspot else {}
    to_salesforce = decided.salesforce.fields if decided.salesforce else {}
    assert sorted(change.field for change in decided.changes) == sorted(
        [*to_hubspot, *to_salesforce]
    )


@given(contacts(), twins(), agreements)
def test_the_order_of_the_rows_does_not_matter(record, twin, agreed):
    backwards = a_compiled_mapping(fields=tuple(reversed(LEADS.object.fields)))
    forth, back = (plan(record, twin, agreed, each) for each in (LEADS, backwards))
    if isinstance(forth, Plan) and isinstance(back, Plan):
        assert forth[:4] == back[:4]
    else:
        assert type(forth) is type(back)
