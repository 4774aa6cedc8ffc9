"""Laws of the three-way merge, for every rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.merge import merge
from guestlist.domain.write import Sides
from schemas.mapping import SyncRule
from tests.properties.strategies import maybe_agreed, sides

rules = st.sampled_from(list(SyncRule))
MIRRORED = {
    SyncRule.ALWAYS_SALESFORCE: SyncRule.ALWAYS_HUBSPOT,
    SyncRule.PREFER_SALESFORCE: SyncRule.PREFER_HUBSPOT,
    SyncRule.TWO_WAY: SyncRule.TWO_WAY,
    SyncRule.DONT_SYNC: SyncRule.DONT_SYNC,
}


@given(rules, sides, maybe_agreed, st.booleans(), st.booleans())
def test_merging_again_after_the_writes_changes_nothing(rule, now, agreed, newer, newer_then):
    once = merge(rule, now, agreed, hubspot_newer=newer)
    assert merge(rule, once, once, hubspot_newer=newer_then) == once


@given(rules, sides, maybe_agreed, st.booleans(), st.booleans())
def test_forgetting_what_was_just_agreed_does_no_harm(rule, now, agreed, newer, newer_then):
    once = merge(rule, now, agreed, hubspot_newer=newer)
    assert merge(rule, once, agreed, hubspot_newer=newer_then) == once


@given(rules, sides, maybe_agreed, st.booleans())
def test_sides_that_are_equal_stay_as_they_are(rule, now, agreed, newer):
    equal = Sides(now.hubspot, now.hubspot)
    assert merge(rule, equal, agreed, hubspot_newer=newer) == equal


@given(rules, sides, maybe_agreed, st.booleans())
def test_no_value_is_invented(rule, now, agreed, newer):
    result = merge(rule, now, agreed, hubspot_newer=newer)
    assert set(result) <= {*now, None}


@given(rules, sides, st.booleans())
def test_never_agreed_is_the_same_as_agreed_on_blank(rule, now, newer):
    blank = Sides(None, None)
    assert merge(rule, now, None, hubspot_newer=newer) == merge(
        rule, now, blank, hubspot_newer=newer
    )


@given(sides, maybe_agreed, st.booleans())
def test_always_salesforce_never_writes_salesforce(now, agreed, newer):
    result = merge(SyncRule.ALWAYS_SALESFORCE, now, agreed, hubspot_newer=newer)
    assert result.salesforce == now.salesforce


@given(sides, maybe_agreed, st.booleans())
def test_always_hubspot_never_writes_hubspot(now, agreed, newer):
    result = merge(SyncRule.ALWAYS_HUBSPOT, now, agreed, hubspot_newer=newer)
    assert result.hubspot == now.hubspot


@given(sides, maybe_agreed, st.booleans())
def test_dont_sync_never_writes(now, agreed, newer):
    assert merge(SyncRule.DONT_SYNC, now, agreed, hubspot_newer=newer) == now


@given(sides, maybe_agreed, st.booleans())
def test_two_way_always_ends_equal(now, agreed, newer):
    result = merge(SyncRule.TWO_WAY, now, agreed, hubspot_newer=newer)
    assert result.hubspot == result.salesforce


@given(sides, st.booleans())
def test_two_way_keeps_the_only_change_since_both_agreed(now, newer):
    agreed = Sides(now.salesforce, now.salesforce)
    result = merge(SyncRule.TWO_WAY, now, agreed, hubspot_newer=newer)
    assert result == Sides(now.hubspot, now.hubspot)


@given(sides, maybe_agreed, st.booleans())
def test_a_salesforce_value_is_safe_from_prefer_salesforce(now, agreed, newer):
    result = merge(SyncRule.PREFER_SALESFORCE, now, agreed, hubspot_newer=newer)
    assert now.salesforce is None or result == Sides(now.salesforce, now.salesforce)


@pytest.mark.parametrize(("rule", "mirror"), MIRRORED.items())
@given(now=sides, agreed=sides, newer=st.booleans())
def test_the_two_added_rules_are_mirror_images(rule, mirror, now, agreed, newer):
    seen = merge(rule, now, agreed, hubspot_newer=newer)
    in_mirror = merge(
        mirror,
        Sides(now.salesforce, now.hubspot),
        Sides(agreed.salesforce, agreed.hubspot),
        hubspot_newer=not newer,
    )
    assert in_mirror == (seen.salesforce, seen.hubspot)
