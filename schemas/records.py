"""Records, lists and object descriptions as the engine sees them, in neither CRM's format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Crm(StrEnum):
    """The two sides."""

    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"


CRM_NAMES: Mapping[str, str] = {Crm.HUBSPOT: "HubSpot", Crm.SALESFORCE: "Salesforce"}
"""How people write them."""


class HubSpotRecord(NamedTuple):
    """One HubSpot object; a property that is unset or unknown is absent or ``None``."""

    id: str
    properties: Mapping[str, str | None]
    modified_at: datetime
    archived: bool = False
    archived_at: datetime | None = None


class SalesforceRecord(NamedTuple):
    """One Salesforce row: 18-character id, JSON values as sent, ``attributes`` removed."""

    type: str
    id: str
    fields: Mapping[str, Any]
    modified_at: datetime


class Member(NamedTuple):
    """One membership of a list."""

    record_id: str
    joined_at: datetime | None


class MemberPage(NamedTuple):
    """One page of memberships; ``after`` is ``None`` on the last."""

    members: tuple[Member, ...]
    after: str | None


class Cursor(NamedTuple):
    """How far a side's changes were read: the CRM's own time, and the last id of that time."""

    at: datetime
    id: str = ""
    """Empty: everything of that time is still to be read."""


class Changed(NamedTuple):
    """One record that may need a look; its values are read when it gets one."""

    id: str
    at: datetime
    """When the CRM last saved it, by the CRM's clock."""
    created_at: datetime | None = None
    key: str | None = None
    """What its external id field holds."""
    deleted: bool = False
    merged_into: str | None = None
    """The record that took it in; only with ``deleted``."""


class ChangePage(NamedTuple):
    """One page of changes, and where reading goes on once they are taken in."""

    changed: tuple[Changed, ...]
    cursor: Cursor
    more: bool
    """False on the last page of what was asked for."""


class Owner(NamedTuple):
    """Somebody who can own a record."""

    id: str
    email: str | None
    """In lower case."""
    name: str
    active: bool
    kind: str
    """The CRM's own word in lower case: ``user``, ``queue`` ..."""


class ListProcessing(StrEnum):
    """How HubSpot fills a list; only DYNAMIC is *active*."""

    DYNAMIC = "DYNAMIC"
    MANUAL = "MANUAL"
    SNAPSHOT = "SNAPSHOT"


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """A HubSpot list (segment) without its members."""

    list_id: str
    name: str
    object_type_id: str
    processing_type: ListProcessing
    processing_status: str
    version: int
    size: int | None
    filter_branch: Mapping[str, Any] | None
    filters_updated_at: datetime | None

    @property
    def active(self) -> bool:
        """Only an active list can be an inclusion list."""
        return self.processing_type is ListProcessing.DYNAMIC


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """One property or field of a live schema, in the terms both CRMs share."""

    name: str
    label: str
    type: str
    """The CRM's own word: ``string``, ``enumeration`` ... or ``string``, ``picklist`` ..."""
    length: int | None = None
    options: frozenset[str] = frozenset()
    restricted: bool = False
    """True when a value outside ``options`` is refused."""
    createable: bool = True
    updateable: bool = True
    required: bool = False
    """Needed at creation: not nillable nor defaulted (Salesforce), requiredProperties (HubSpot)."""
    calculated: bool = False
    unique: bool = False
    external_id: bool = False
    multiple: bool = False
    """True for HubSpot checkbox enumerations and Salesforce multipicklists."""
    since: datetime | None = None
    """When it came, came back or changed its type, as far as was seen; ``None``: always there."""


@dataclass(frozen=True, slots=True)
class ObjectDescription:
    """The live schema of one object type in one CRM."""

    crm: Crm
    type: str
    fields: Mapping[str, FieldDescription] = field(default_factory=dict)


class Version(NamedTuple):
    """One value that a property held, and since when."""

    value: str | None
    at: datetime
