"""HubSpot's lifecycle stage only moves forward; what it would ignore is not written for ever."""

import pytest

from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.plan import plan
from guestlist.domain.type_pairs import automatic
from guestlist.domain.write import Plan, Sides
from schemas.mapping import SyncRule
from tests.builders import (
    LONG_AGO,
    NOW,
    a_contact,
    a_salesforce_contact,
    hubspot_choice,
    one_row,
    salesforce_field,
)

OWN_STAGES = ("trial", "partner")
STAGES = ("subscriber", "lead", "opportunity", "customer", *OWN_STAGES)
PREFER_SALESFORCE, TWO_WAY = SyncRule.PREFER_SALESFORCE, SyncRule.TWO_WAY


def mapping(rule: SyncRule, kind: str = "picklist") -> CompiledMapping:
    return one_row(
        rule,
        hubspot=hubspot_choice("lifecyclestage", STAGES),
        salesforce=salesforce_field("Stage__c", kind, length=40),
        values={"customer": "Client"},
    )


def decided(
    rule: SyncRule,
    hubspot: str | None,
    salesforce: str | None,
    agreed: Sides | None,
    *,
    hubspot_newer: bool = False,
) -> Plan:
    times = (NOW, LONG_AGO) if hubspot_newer else (LONG_AGO, NOW)
    record = a_contact(lifecyclestage=hubspot, modified_at=times[0])
    twin = a_salesforce_contact(Stage__c=salesforce, modified_at=times[1])
    made = plan(record, twin, {"lifecyclestage": agreed} if agreed else None, mapping(rule))
    assert isinstance(made, Plan)
    return made


def written(made: Plan) -> tuple[str | None, str | None]:
    hubspot = made.hubspot.properties if made.hubspot else {}
    salesforce = made.salesforce.fields if made.salesforce else {}
    return hubspot.get("lifecyclestage"), salesforce.get("Stage__c")


AGREED = Sides("lead", "lead")


@pytest.mark.parametrize("rule", [PREFER_SALESFORCE, TWO_WAY, SyncRule.ALWAYS_SALESFORCE])
def test_a_step_forward_in_salesforce_comes_to_hubspot(rule):
    made = decided(rule, "lead", "Client", AGREED)
    assert written(made) == ("customer", None)


@pytest.mark.parametrize("rule", [PREFER_SALESFORCE, TWO_WAY, SyncRule.ALWAYS_SALESFORCE])
def test_a_step_back_in_salesforce_stays_there(rule):
    made = decided(rule, "customer", "lead", Sides("Client", "Client"))
    assert written(made) == (None, None)
    assert made.agreed == {"lifecyclestage": Sides("Client", "lead")}
    assert made.conflicts == ()
    again = decided(rule, "customer", "lead", made.agreed["lifecyclestage"])
    assert written(again) == (None, None)


def test_the_first_time_hubspot_keeps_the_later_stage():
    assert written(decided(PREFER_SALESFORCE, "customer", "lead", None)) == (None, None)
    assert written(decided(PREFER_SALESFORCE, "lead", "Client", None)) == ("customer", None)


def test_a_stage_that_was_cleared_may_start_again():
    made = decided(PREFER_SALESFORCE, None, "lead", Sides("Client", "lead"))
    assert written(made) == ("lead", None)


def test_a_stage_cleared_in_salesforce_is_cleared_in_hubspot():
    made = decided(PREFER_SALESFORCE, "lead", None, AGREED)
    assert written(made) == ("", None)


def test_a_two_way_step_in_hubspot_goes_to_salesforce():
    made = decided(TWO_WAY, "customer", "lead", AGREED, hubspot_newer=True)
    assert written(made) == (None, "Client")


def test_between_stages_of_the_account_s_own_a_step_is_tried_once():
    tried = decided(PREFER_SALESFORCE, "partner", "trial", None)
    assert written(tried) == ("trial", None)
    ignored = decided(PREFER_SALESFORCE, "partner", "trial", tried.agreed["lifecyclestage"])
    assert written(ignored) == (None, None)
    settled = decided(PREFER_SALESFORCE, "partner", "trial", ignored.agreed["lifecyclestage"])
    assert written(settled) == (None, None)


@pytest.mark.parametrize("kind", ["picklist", "string", "textarea"])
def test_the_lifecycle_stage_is_known_by_its_name(kind):
    stage, other = hubspot_choice("lifecyclestage", STAGES), hubspot_choice("other", STAGES)
    field = salesforce_field("Stage__c", kind)
    assert automatic(stage, field) == "stage"
    assert automatic(other, field) == "picklist"
