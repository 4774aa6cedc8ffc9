"""One field, three values: HubSpot's, Salesforce's, and the ones both last agreed on.

The agreed values tell *cleared* from *never set*: without them a blank is ambiguous and every
rule but "don't sync" would have to guess.
"""

from guestlist.domain.write import Sides
from schemas.mapping import SyncRule

NEVER_AGREED = Sides(None, None)


def merge(rule: SyncRule, now: Sides, agreed: Sides | None, *, hubspot_newer: bool) -> Sides:
    """Return what both sides should hold.  Equal to *now* means: write nothing.

    *hubspot_newer* decides only where both sides changed the field since they agreed.
    """
    before = agreed or NEVER_AGREED
    match rule:
        case SyncRule.DONT_SYNC:
            return now
        case SyncRule.ALWAYS_SALESFORCE:
            return _always_salesforce(now, before)
        case SyncRule.PREFER_SALESFORCE:
            return _prefer_salesforce(now, before)
        case SyncRule.ALWAYS_HUBSPOT:
            return _mirrored(_always_salesforce(_mirrored(now), _mirrored(before)))
        case SyncRule.PREFER_HUBSPOT:
            return _mirrored(_prefer_salesforce(_mirrored(now), _mirrored(before)))
        case SyncRule.TWO_WAY:
            return _most_recent(now, before, hubspot_newer=hubspot_newer)


def _always_salesforce(now: Sides, agreed: Sides) -> Sides:
    """Salesforce's value goes over, and so does its being cleared; nothing ever comes back."""
    if now.salesforce is None and agreed.salesforce is None:
        return now
    return _both(now.salesforce)


def _prefer_salesforce(now: Sides, agreed: Sides) -> Sides:
    """As above, but a Salesforce field that was never filled takes HubSpot's value."""
    if now.salesforce is None and agreed.salesforce is None:
        return _both(now.hubspot)
    return _both(now.salesforce)


def _most_recent(now: Sides, agreed: Sides, *, hubspot_newer: bool) -> Sides:
    """The side that changed wins; where both did, the younger record does.

    Sides that differ although neither changed never agreed: there a value beats a blank.
    """
    changed = (now.hubspot != agreed.hubspot, now.salesforce != agreed.salesforce)
    match changed:
        case (True, False):
            return _both(now.hubspot)
        case (False, True):
            return _both(now.salesforce)
        case (False, False) if None in now:
            return _both(now.hubspot or now.salesforce)
        case _:
            return _both(now.hubspot if hubspot_newer else now.salesforce)


def _both(value: str | None) -> Sides:
    return Sides(value, value)


def _mirrored(sides: Sides) -> Sides:
    return Sides(sides.salesforce, sides.hubspot)
