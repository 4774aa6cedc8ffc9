"""Laws of the lifecycle stage: with a HubSpot that ignores steps back, it comes to rest."""

from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.plan import plan
from guestlist.domain.write import Plan, Sides
from schemas.mapping import SyncRule
from schemas.records import HubSpotRecord
from tests.builders import (
    LONG_AGO,
    NOW,
    a_contact,
    a_salesforce_contact,
    hubspot_choice,
    one_row,
    salesforce_field,
)

OWN = ("trial", "partner", "renewal")
HUBSPOTS = ("subscriber", "lead", "opportunity", "customer")
PROPERTY, FIELD = "lifecyclestage", "Stage__c"
LOOKS = 3
"""One that writes, one that finds what was ignored, and none after that."""

RULES = {
    rule: one_row(
        rule,
        hubspot=hubspot_choice(PROPERTY, [*HUBSPOTS, *OWN]),
        salesforce=salesforce_field(FIELD, "picklist", length=40),
    )
    for rule in SyncRule
    if rule is not SyncRule.DONT_SYNC
}

stages = st.one_of(st.none(), st.sampled_from([*HUBSPOTS, *OWN]))
agreements = st.one_of(st.none(), st.builds(Sides, stages, stages))


def in_order(order: list[str]) -> list[str]:
    """An account's stages: its own stand anywhere, HubSpot's keep their order."""
    known = iter(HUBSPOTS)
    return [next(known) if stage in HUBSPOTS else stage for stage in order]


def kept_by_hubspot(record: HubSpotRecord, made: Plan, order: list[str]) -> HubSpotRecord:
    """What HubSpot holds after the write: a step back is ignored without an error."""
    stage = made.hubspot.properties.get(PROPERTY) if made.hubspot else None
    before = record.properties[PROPERTY]
    if stage is None or (stage and before and order.index(stage) < order.index(before)):
        return record
    return record._replace(properties={**record.properties, PROPERTY: stage or None})


def looked_at(
    mapping: CompiledMapping,
    sides: Sides,
    agreed: Sides | None,
    order: list[str],
    *,
    hubspot_newer: bool,
) -> list[Plan]:
    times = (NOW, LONG_AGO) if hubspot_newer else (LONG_AGO, NOW)
    record = a_contact(lifecyclestage=sides.hubspot, modified_at=times[0])
    twin = a_salesforce_contact(Stage__c=sides.salesforce, modified_at=times[1])
    known = {PROPERTY: agreed} if agreed else {}
    plans: list[Plan] = []
    for _ in range(LOOKS):
        made = plan(record, twin, known, mapping)
        assert isinstance(made, Plan)
        record = kept_by_hubspot(record, made, order)
        fields = made.salesforce.fields if made.salesforce else {}
        twin = twin._replace(fields={**twin.fields, **fields})
        known = dict(made.agreed)
        plans.append(made)
    return plans


@given(
    st.sampled_from(sorted(RULES)),
    st.builds(Sides, stages, stages),
    agreements,
    st.permutations([*HUBSPOTS, *OWN]).map(in_order),
    st.booleans(),
)
def test_whatever_hubspot_ignores_looking_comes_to_rest(rule, sides, agreed, order, newer):
    *_, last = looked_at(RULES[rule], sides, agreed, order, hubspot_newer=newer)
    assert (last.hubspot, last.salesforce) == (None, None)


@given(
    st.sampled_from(sorted(RULES)),
    st.builds(Sides, st.sampled_from(HUBSPOTS), st.sampled_from(HUBSPOTS)),
    agreements,
    st.booleans(),
)
def test_hubspot_is_never_asked_to_step_back_among_its_own_stages(rule, sides, agreed, newer):
    first, *_ = looked_at(RULES[rule], sides, agreed, [*HUBSPOTS, *OWN], hubspot_newer=newer)
    stage = first.hubspot.properties[PROPERTY] if first.hubspot else None
    if stage:
        assert HUBSPOTS.index(stage) > HUBSPOTS.index(str(sides.hubspot))
