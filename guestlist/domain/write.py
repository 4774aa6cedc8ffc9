"""Decisions as values: a plan, the writes in it, a skip; and what a CRM answered to a write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from guestlist.domain.reason import Reason
from schemas.records import Crm


class Sides(NamedTuple):
    """One field's canonical value in each CRM; ``None`` is blank."""

    hubspot: str | None
    salesforce: str | None


Agreed = Mapping[str, Sides]
"""HubSpot property -> the values both sides held after the last success."""


class Change(NamedTuple):
    """One field that a plan changes, for people to read."""

    crm: str
    field: str
    before: str | None
    after: str | None


class Conflict(NamedTuple):
    """A two-way field that both sides changed since they agreed; the loser's value is kept."""

    key: str
    """The HubSpot record's id."""
    property: str
    """The HubSpot property of the field."""
    values: Sides
    """Canonical."""
    agreed: Sides | None
    winner: Crm
    hubspot_at: datetime | None = None
    """When the property changed; when the record did, where HubSpot was not asked."""
    salesforce_at: datetime | None = None
    """When the record changed: Salesforce tells no time of a field."""


class Straggler(NamedTuple):
    """One value that is sent: without an answer it may still arrive later."""

    key: str
    """The HubSpot record's id."""
    crm: Crm
    """Where it is sent."""
    property: str
    """The HubSpot property of the field."""
    value: str | None
    """Canonical."""


class Intent(NamedTuple):
    """What a first sync means both sides to hold, for whoever finds it half done."""

    agreed: Agreed
    """What they hold if its writes arrive."""
    into_hubspot: frozenset[str]
    """Properties that it writes into HubSpot."""
    into_salesforce: frozenset[str] = frozenset()
    """Those that it writes into a record of Salesforce's that carries our id already."""
    before: Agreed = MappingProxyType({})
    """What was agreed on before of those it writes, where anything was."""


class Removal(NamedTuple):
    """The record that goes because its twin went: archived in HubSpot, deleted in Salesforce."""

    crm: Crm
    type: str
    id: str


class SalesforceWrite(NamedTuple):
    """One row to write.  Without ``id`` it is created, by upsert on the external id."""

    type: str
    id: str | None
    external_id_field: str
    external_id: str
    fields: Mapping[str, Any]
    """JSON values by field name, only those that change; never the external id of a creation."""
    assign: bool = False
    """Let Salesforce's assignment rules choose the owner; only for the creation of a lead."""
    replacing: tuple[str, ...] = ()
    """Fields to read right before the write, in its own call, where that has room for it."""


class HubSpotWrite(NamedTuple):
    """One record to write.  HubSpot wants every value as a string, ``""`` clears."""

    id: str | None
    """``None``: it is created."""
    properties: Mapping[str, str]


class Plan(NamedTuple):
    """What to do with one record.  No writes: both sides agree already."""

    key: str
    salesforce: SalesforceWrite | None
    hubspot: HubSpotWrite | None
    agreed: Agreed
    """What both sides hold once the writes succeed."""
    changes: tuple[Change, ...]
    twin: tuple[str, str] | None
    """(Salesforce type, id) of the existing twin; ``None`` when the plan creates it."""
    because: Reason = Reason.SYNCED
    """What to tell once its writes are carried out; without any it is ``UNCHANGED``."""
    outside: Reason | None = None
    """Why the pair is linked although the contact is in no list, until it is."""
    conflicts: tuple[Conflict, ...] = ()
    restored: tuple[str, ...] = ()
    """Properties whose lost value this brings back."""
    sent: tuple[Straggler, ...] = ()
    """What the writes carry, in case their answers never come."""
    arrived: tuple[Straggler, ...] = ()
    """Earlier ones that have arrived by now."""
    intent: Intent | None = None
    """To be noted before it is carried out; ``None``: the pair is linked already."""
    removal: Removal | None = None
    record_id: str | None = None
    """HubSpot's id of the record; ``None``: the plan creates it."""
    replaces: tuple[str, ...] = ()
    """Ids of records that were merged into this one: their links end."""

    only_links: bool = False
    """What came apart since waits for the next look: it is not this one's to write."""

    def only_linking(self, agreed: Agreed) -> "Plan":
        """Return the plan for a pair that an earlier look brought together and did not record."""
        return self._replace(
            hubspot=None,
            salesforce=None,
            agreed=agreed,
            changes=(),
            conflicts=(),
            sent=(),
            only_links=True,
        )

    @property
    def writes(self) -> bool:
        """Tell whether carrying it out changes anything in a CRM."""
        return bool(self.salesforce or self.hubspot or self.removal)


class Skip(NamedTuple):
    """Why nothing is done with one record, the facts used, and when to look again."""

    key: str
    reason: Reason
    facts: Mapping[str, str] = {}
    retry_at: datetime | None = None
    """Look again at this time; ``None``: not before something changes."""
    repair: bool = False
    """A field it can not do without is held: look again until a person has mended that."""


Decision = Plan | Skip


@dataclass(frozen=True, slots=True)
class Accepted:
    """The CRM took the write."""

    id: str
    created: bool
    replaced: Mapping[str, Any] | None = field(default=None, compare=False)
    """The row as it was right before; ``None``: not asked, or there was no room to ask."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The CRM refused this one record, in its own words."""

    code: str
    """Salesforce statusCode, or HubSpot category / error code."""
    message: str
    fields: tuple[str, ...] = ()
    correlation_id: str = ""
    existing_ids: tuple[str, ...] = field(default=())
    """Records the CRM named as being in the way (duplicates)."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer for this record (timeout, lost connection): it may or may not have been written."""

    message: str
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not sent: something ran out half-way, the settings changed, or everything is paused."""

    seconds: float
    reason: Reason


WriteResult = Accepted | Refused | Unknown | Postponed
