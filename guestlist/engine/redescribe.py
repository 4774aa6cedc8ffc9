"""What both CRMs' schemas say now, beside what they said when they were last read."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from guestlist.domain.redescribed import FieldChange, differences
from guestlist.engine.services import Services
from guestlist.store import descriptions
from guestlist.store.descriptions import Described
from schemas.mapping import ObjectMapping, SyncRule
from schemas.records import Crm, ObjectDescription
from schemas.settings import Lane


class SchemaChange(NamedTuple):
    """One thing that changed about one field since the schema was last read."""

    crm: Crm
    type: str
    mapped: bool
    change: FieldChange


class Reading(NamedTuple):
    """One object type's schema."""

    crm: Crm
    type: str
    fields: int
    read_at: datetime | None
    """When it was read before; ``None``: never."""


class Compared(NamedTuple):
    """All schemas that one mapped object rests on."""

    readings: tuple[Reading, ...]
    changes: tuple[SchemaChange, ...]
    """Those of mapped fields first."""


def compare(services: Services, name: str) -> Compared:
    """Read both CRMs' schemas, and keep them to nobody: the next one compares with the same."""
    mapping = services.schemas.object(name)
    before = _kept(services, mapping)
    now = {place: _describe(services, *place) for place in before}
    return _compared(mapping, before, now)


def refresh(services: Services, name: str) -> Compared:
    """Read both CRMs' schemas, for everybody from now on; return what that changed."""
    mapping = services.schemas.object(name)
    before = _kept(services, mapping)
    services.schemas.refresh(name)
    after = _kept(services, mapping)
    return _compared(mapping, before, {at: each.description for at, each in after.items() if each})


Place = tuple[Crm, str]


def _kept(services: Services, mapping: ObjectMapping) -> dict[Place, Described | None]:
    salesforce = [(Crm.SALESFORCE, each) for each in mapping.salesforce_types]
    with services.database.read() as connection:
        return {
            place: descriptions.get(connection, *place)
            for place in ((Crm.HUBSPOT, mapping.hubspot_type), *salesforce)
        }


def _describe(services: Services, crm: Crm, type: str) -> ObjectDescription:
    if crm is Crm.HUBSPOT:
        return services.hubspot.on(Lane.INTERACTIVE).describe(type)
    return services.salesforce.on(Lane.INTERACTIVE).describe(type)


def _compared(
    mapping: ObjectMapping,
    before: dict[Place, Described | None],
    now: dict[Place, ObjectDescription],
) -> Compared:
    readings, changes = [], []
    for (crm, type), description in now.items():
        kept = before[crm, type]
        read_at = kept.read_at if kept else None
        readings.append(Reading(crm, type, len(description.fields), read_at))
        mapped = _mapped(mapping, crm, type)
        changes += [
            SchemaChange(crm, type, each.field in mapped, each)
            for each in (differences(kept.description, description) if kept else ())
        ]
    return Compared(tuple(readings), tuple(sorted(changes, key=lambda each: not each.mapped)))


def _mapped(mapping: ObjectMapping, crm: Crm, type: str) -> frozenset[str]:
    """Return the fields of a type that a sync reads or writes."""
    rows: Sequence[str | None]
    synced = [row for row in mapping.fields if row.rule is not SyncRule.DONT_SYNC]
    property_name, match_fields = mapping.match_on or (None, {})
    if crm is Crm.HUBSPOT:
        rows = [property_name, *(row.hubspot for row in synced)]
    else:
        own = (row.salesforce.get(type) for row in synced)
        rows = [mapping.external_id, match_fields.get(type), *own]
    return frozenset(filter(None, rows))
