"""What is mapped to what, and who wins: the mapping is data, its meaning is in the domain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class SyncRule(StrEnum):
    """Who wins a field.  HubSpot's four names, and the two it lacks."""

    PREFER_SALESFORCE = "prefer_salesforce_unless_blank"
    ALWAYS_SALESFORCE = "always_salesforce"
    TWO_WAY = "two_way"
    DONT_SYNC = "dont_sync"
    ALWAYS_HUBSPOT = "always_hubspot"
    PREFER_HUBSPOT = "prefer_hubspot_unless_blank"


class DeletePolicy(StrEnum):
    """What becomes of a record whose twin was deleted; it is reported in any case."""

    UNLINK = "unlink"
    ARCHIVE = "archive"
    """HubSpot only: restorable for 90 days."""
    DELETE = "delete"
    """Salesforce only: into its recycle bin."""


class DuplicateMode(StrEnum):
    """Which of several Salesforce records with one match value a linked record follows."""

    PINNED = "pinned"
    """The one it was linked to, whatever happens to the others."""
    NATIVE = "native"
    """The one changed last, as HubSpot's own integration drifts."""


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One HubSpot property and its Salesforce field, by Salesforce object type."""

    hubspot: str
    salesforce: Mapping[str, str]
    """Salesforce object type -> field name; an object that lacks the field is absent."""
    rule: SyncRule = SyncRule.PREFER_SALESFORCE
    converter: str = "auto"
    """Name in ``guestlist.domain.converters``; ``auto`` chooses by the two live types."""
    values: Mapping[str, str] = field(default_factory=dict)
    """HubSpot option -> Salesforce picklist value, where they differ."""
    when_blank: str | None = None
    """Salesforce value for a *creation* whose HubSpot value is blank."""


@dataclass(frozen=True, slots=True)
class ObjectMapping:
    """One HubSpot object type and the Salesforce objects its records live in."""

    name: str
    """Our key, e.g. ``contacts``; first argument of every command."""
    hubspot_type: str
    """Name in HubSpot paths, e.g. ``contacts``."""
    hubspot_type_id: str
    """e.g. ``0-1``; what a list is *of*."""
    salesforce_types: tuple[str, ...]
    """In order of preference when several match, e.g. ``("Contact", "Lead")``."""
    create_as: str
    """Which of ``salesforce_types`` a new record becomes."""
    external_id: str
    """External ID + Unique field on every Salesforce type that holds the HubSpot id."""
    match_on: tuple[str, Mapping[str, str]] | None
    """(HubSpot property, Salesforce type -> field) that finds an existing twin, e.g. the e-mail."""
    fields: tuple[FieldMapping, ...]
    inclusion_list: str | None = None
    """List id pinned in the settings; ``None``: chosen with ``guestlist list use``."""
    create_in_salesforce: bool = True
    """Members without a twin get one; ``False``: only existing twins are linked."""
    create_in_hubspot: bool = False
    """Records created in Salesforce get a HubSpot record, whatever the inclusion list."""
    on_salesforce_delete: DeletePolicy = DeletePolicy.UNLINK
    """``UNLINK`` or ``ARCHIVE`` of the HubSpot record."""
    on_hubspot_delete: DeletePolicy = DeletePolicy.UNLINK
    """``UNLINK`` or ``DELETE`` of the Salesforce record."""
    duplicates: DuplicateMode = DuplicateMode.PINNED
