"""The blank and deletion semantics of each rule, row by row."""

import pytest

from guestlist.domain.merge import merge
from guestlist.domain.write import Sides
from schemas.mapping import SyncRule

PREFER_SALESFORCE = SyncRule.PREFER_SALESFORCE
ALWAYS_SALESFORCE = SyncRule.ALWAYS_SALESFORCE
PREFER_HUBSPOT = SyncRule.PREFER_HUBSPOT
ALWAYS_HUBSPOT = SyncRule.ALWAYS_HUBSPOT
TWO_WAY = SyncRule.TWO_WAY
DONT_SYNC = SyncRule.DONT_SYNC

NEVER = None
AGREED = Sides("old", "old")

ROWS = [
    # rule, HubSpot now, Salesforce now, agreed -> HubSpot then, Salesforce then
    (PREFER_SALESFORCE, "new", None, NEVER, "new", "new"),
    (PREFER_SALESFORCE, "hub", "sales", NEVER, "sales", "sales"),
    (PREFER_SALESFORCE, "new", "old", AGREED, "old", "old"),
    (PREFER_SALESFORCE, "old", "new", AGREED, "new", "new"),
    (PREFER_SALESFORCE, "old", None, AGREED, None, None),
    (PREFER_SALESFORCE, None, "old", AGREED, "old", "old"),
    (ALWAYS_SALESFORCE, "new", None, NEVER, "new", None),
    (ALWAYS_SALESFORCE, "hub", "sales", NEVER, "sales", "sales"),
    (ALWAYS_SALESFORCE, "new", "old", AGREED, "old", "old"),
    (ALWAYS_SALESFORCE, "old", None, AGREED, None, None),
    (ALWAYS_SALESFORCE, None, "old", AGREED, "old", "old"),
    (TWO_WAY, "new", None, NEVER, "new", "new"),
    (TWO_WAY, None, "new", NEVER, "new", "new"),
    (TWO_WAY, "new", "old", AGREED, "new", "new"),
    (TWO_WAY, "old", "new", AGREED, "new", "new"),
    (TWO_WAY, "old", None, AGREED, None, None),
    (TWO_WAY, None, "old", AGREED, None, None),
    (DONT_SYNC, "hub", "sales", NEVER, "hub", "sales"),
    (DONT_SYNC, "old", None, AGREED, "old", None),
    (DONT_SYNC, None, "old", AGREED, None, "old"),
    (ALWAYS_HUBSPOT, None, "new", NEVER, None, "new"),
    (ALWAYS_HUBSPOT, "hub", "sales", NEVER, "hub", "hub"),
    (ALWAYS_HUBSPOT, None, "old", AGREED, None, None),
    (ALWAYS_HUBSPOT, "old", None, AGREED, "old", "old"),
    (PREFER_HUBSPOT, None, "new", NEVER, "new", "new"),
    (PREFER_HUBSPOT, "hub", "sales", NEVER, "hub", "hub"),
    (PREFER_HUBSPOT, None, "old", AGREED, None, None),
    (PREFER_HUBSPOT, "old", None, AGREED, "old", "old"),
]


@pytest.mark.parametrize("newer", [True, False], ids=["hubspot newer", "salesforce newer"])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_rule_moves_and_clears_values_as_written(row, newer):
    rule, hubspot, salesforce, agreed, then_hubspot, then_salesforce = row
    result = merge(rule, Sides(hubspot, salesforce), agreed, hubspot_newer=newer)
    assert result == Sides(then_hubspot, then_salesforce)


@pytest.mark.parametrize(("newer", "winner"), [(True, "hub"), (False, "sales")])
@pytest.mark.parametrize("agreed", [NEVER, AGREED])
def test_in_a_two_way_conflict_the_younger_record_wins(newer, winner, agreed):
    result = merge(TWO_WAY, Sides("hub", "sales"), agreed, hubspot_newer=newer)
    assert result == Sides(winner, winner)


def test_a_younger_clearing_beats_an_older_change_in_a_two_way_conflict():
    assert merge(TWO_WAY, Sides(None, "new"), AGREED, hubspot_newer=True) == Sides(None, None)


@pytest.mark.parametrize("newer", [True, False])
def test_two_sides_left_unequal_by_another_rule_meet_on_the_value(newer):
    left = Sides("only here", None)
    assert merge(TWO_WAY, left, left, hubspot_newer=newer) == Sides("only here", "only here")
