"""Both sides of one record, field by field, beside what they last agreed on: for people."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from guestlist.connectors.salesforce import Lookup
from guestlist.domain.converter import BadValue
from guestlist.domain.seen import seen_in
from guestlist.domain.write import Sides
from guestlist.engine.services import Services
from guestlist.store import links
from schemas.mapping import SyncRule
from schemas.records import HubSpotRecord, SalesforceRecord
from schemas.settings import Lane


class FieldSides(NamedTuple):
    """One mapped field; values as the merge compares them."""

    hubspot: str
    salesforce: str
    rule: SyncRule
    values: Sides
    agreed: Sides | None

    @property
    def differs(self) -> bool:
        return self.values.hubspot != self.values.salesforce


class Pair(NamedTuple):
    """A record and its twin as both CRMs hold them now; ``None``: the side has no record."""

    hubspot_at: datetime | None
    salesforce_at: datetime | None
    twin: tuple[str, str] | None
    linked_at: datetime | None
    fields: tuple[FieldSides, ...]


def sides(services: Services, name: str, key: str, twin: tuple[str, str] | None) -> Pair:
    """Read the record and its twin (Salesforce type, id); two calls."""
    mapping = services.schemas.compiled(name)
    with services.database.read() as connection:
        link = links.get_many(connection, name, [key]).get(key)
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    found = hubspot.read(mapping.object.hubspot_type, [key], mapping.hubspot_properties)
    record = found.get(key)
    if record:
        mapping = seen_in(record, mapping)
    compiled = mapping.types[twin[0]] if twin else mapping.created_type
    row = _row(services, twin, compiled.fields) if twin else None
    return Pair(
        hubspot_at=record.modified_at if record else None,
        salesforce_at=row.modified_at if row else None,
        twin=twin if row else None,
        linked_at=link.linked_at if link else None,
        fields=tuple(
            FieldSides(
                pair.hubspot,
                f"{compiled.type}.{pair.salesforce}",
                pair.rule,
                Sides(
                    _shown(pair.read_hubspot, _property(record, pair.hubspot)),
                    _shown(pair.read_salesforce, row.fields.get(pair.salesforce) if row else None),
                ),
                link.agreed.get(pair.hubspot) if link else None,
            )
            for pair in compiled.pairs
        ),
    )


def _row(
    services: Services, twin: tuple[str, str], fields: tuple[str, ...]
) -> SalesforceRecord | None:
    salesforce = services.salesforce.on(Lane.INTERACTIVE)
    rows = salesforce.lookup([Lookup(twin[0], fields, {"Id": [twin[1]]})])
    return next(iter(rows[twin[0]]), None)


def _property(record: HubSpotRecord | None, name: str) -> str | None:
    return record.properties.get(name) if record else None


def _shown(read: Callable[[Any], str | None], raw: Any) -> str | None:
    """Return the value as it is compared, or as it is where it can not be."""
    try:
        return read(raw)
    except BadValue:
        return str(raw)
