"""A mapped field that can not sync for now: it alone is held, and its record goes on without it.

An absent field is not an empty one.  While it is held nothing is written to it and what both
sides agreed on is kept, so that it goes on from there once it is back.
"""

from typing import NamedTuple

from guestlist.domain.converter import BadValue, Converter, Ends, ends_of, hubspot_writable
from guestlist.domain.converters import resolve
from guestlist.domain.owners import NO_OWNERS, Owners
from guestlist.domain.reason import Reason
from schemas.mapping import FieldMapping, SyncRule
from schemas.records import FieldDescription, ObjectDescription

WRITES_HUBSPOT = frozenset(SyncRule) - {SyncRule.ALWAYS_HUBSPOT, SyncRule.DONT_SYNC}
WRITES_SALESFORCE = frozenset(SyncRule) - {SyncRule.ALWAYS_SALESFORCE, SyncRule.DONT_SYNC}


class Hold(NamedTuple):
    """One field that is held, and what a person can do about it."""

    hubspot: str
    """The property; empty: no row fills a field that Salesforce requires."""
    type: str
    """The Salesforce type."""
    salesforce: str
    """The field."""
    reason: Reason
    message: str
    fix: str

    @property
    def name(self) -> str:
        """As the mapping's problems name it."""
        field = f"{self.type}.{self.salesforce}"
        return f"{self.hubspot} -> {field}" if self.hubspot else field


def hold_of(
    row: FieldMapping,
    type: str,
    hubspot: ObjectDescription,
    salesforce: ObjectDescription,
    owners: Owners = NO_OWNERS,
) -> Hold | None:
    """Return why a row can not sync with one Salesforce type; ``None``: it can."""
    if row.rule is SyncRule.DONT_SYNC or type not in row.salesforce:
        return None
    if row.hubspot not in hubspot.fields:
        return no_property(row.hubspot, type, row.salesforce[type])
    ends = ends_of(row, type, hubspot, salesforce, owners)
    if ends is None:
        message = "Salesforce has no such field, or hides it from the integration user"
        fix = "correct its name, or grant access to it"
        return _hold(row, type, Reason.FIELD_GONE, message, fix)
    converter = resolve(row.converter, ends)
    if converter is None:
        return _unfit(row, type, ends)
    return _read_only(row, type, ends) or _bad_blank(row, type, converter)


def no_property(property: str, type: str, field: str) -> Hold:
    message, fix = "HubSpot has no such property", "correct its name, or take the row out"
    return Hold(property, type, field, Reason.FIELD_GONE, message, fix)


def unfilled(type: str, field: str) -> Hold:
    """Return what holds a creation: Salesforce wants a value, and nothing brings one."""
    message = "Salesforce requires it, and no row fills it"
    fix = "map a property to it, with when_blank"
    return Hold("", type, field, Reason.REQUIRED_MISSING, message, fix)


def _unfit(row: FieldMapping, type: str, ends: Ends) -> Hold | None:
    """Types that do not fit hold the field; a converter that is not there is no field's fault."""
    if row.converter != "auto":
        return None
    types = f"{ends.hubspot.type} in HubSpot, {ends.salesforce.type} in Salesforce"
    fix = "map another field, or name a converter"
    return _hold(row, type, Reason.TYPE_CHANGED, f"the types do not fit: {types}", fix)


def _read_only(row: FieldMapping, type: str, ends: Ends) -> Hold | None:
    if row.rule in WRITES_HUBSPOT and not hubspot_writable(ends.hubspot):
        message = f"HubSpot's property is {_kind(ends.hubspot)}"
        return _hold(row, type, Reason.NO_FIELD_ACCESS, message, "use always_hubspot or dont_sync")
    field = ends.salesforce
    if row.rule in WRITES_SALESFORCE and not (field.updateable or field.createable):
        message = f"Salesforce's field is {_kind(field)}"
        fix = "use always_salesforce or dont_sync, or grant edit access"
        return _hold(row, type, Reason.NO_FIELD_ACCESS, message, fix)
    return None


def _bad_blank(row: FieldMapping, type: str, converter: Converter) -> Hold | None:
    if row.when_blank is None:
        return None
    try:
        converter.to_salesforce(converter.read_salesforce(row.when_blank))
    except BadValue as bad:
        message = f"Salesforce refuses its when_blank: {bad}"
        return _hold(row, type, bad.reason, message, "choose another value")
    return None


def _kind(field: FieldDescription) -> str:
    return "calculated" if field.calculated else "read-only"


def _hold(row: FieldMapping, type: str, reason: Reason, message: str, fix: str) -> Hold:
    return Hold(row.hubspot, type, row.salesforce[type], reason, message, fix)
