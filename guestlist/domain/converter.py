"""What a converter is: between one HubSpot property and one Salesforce field, and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from guestlist.domain.errors import SyncError
from guestlist.domain.owners import NO_OWNERS, Owners
from guestlist.domain.reason import Reason
from guestlist.domain.write import Sides
from schemas.mapping import FieldMapping
from schemas.records import FieldDescription, ObjectDescription


class BadValue(SyncError):
    """One value that the CRM it is meant for would refuse."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class Ends(NamedTuple):
    """The two fields a converter stands between, and the options that are spelt differently."""

    hubspot: FieldDescription
    salesforce: FieldDescription
    values: Mapping[str, str] = MappingProxyType({})
    owners: Owners = NO_OWNERS


def ends_of(
    row: FieldMapping,
    type: str,
    hubspot: ObjectDescription,
    salesforce: ObjectDescription,
    owners: Owners = NO_OWNERS,
) -> Ends | None:
    """The two live fields of a row; ``None``: one of them is not there."""
    source = hubspot.fields.get(row.hubspot)
    target = salesforce.fields.get(row.salesforce.get(type, ""))
    return Ends(source, target, row.values, owners) if source and target else None


def hubspot_writable(field: FieldDescription) -> bool:
    return field.updateable and not field.calculated


Within = Callable[[Sides, Sides | None, Sides], Sides]
"""(both sides now, what they last agreed on, what the rule wants) -> what both can hold."""


@dataclass(frozen=True, slots=True)
class Converter:
    """Two readers into the canonical form, two writers out of it."""

    read_hubspot: Callable[[Any], str | None]
    read_salesforce: Callable[[Any], str | None]
    to_salesforce: Callable[[str | None], Any]
    to_hubspot: Callable[[str | None], str]
    blank: str | None = field(default=None)
    """What a blank in HubSpot equals, where the Salesforce field is never blank."""
    within: Within | None = field(default=None)
    """Set where a side may be unable to follow, which is no reason to refuse the record."""
