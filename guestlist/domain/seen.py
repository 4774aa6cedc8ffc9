"""What an answer of a CRM tells of its fields: one that is not there is no blank.

HubSpot leaves properties out that it does not have, and says null of those without a value.
Salesforce refuses the whole query instead.  A field that came back may have come back empty.
"""

from datetime import datetime, timedelta

from guestlist.domain.mapping import CompiledMapping, CompiledType, FieldPair
from guestlist.domain.write import Agreed
from schemas.records import HubSpotRecord, SalesforceRecord

SETTLES = timedelta(minutes=10)
"""How long after a field is back some worker may still hold it, and keep what was agreed."""


def seen_in(record: HubSpotRecord, mapping: CompiledMapping) -> CompiledMapping:
    """Return the mapping without the fields that HubSpot left out of this answer."""
    there = record.properties.keys()
    return mapping if there >= mapping.mapped else mapping.without(mapping.mapped - there)


def believed(
    agreed: Agreed | None,
    agreed_at: datetime | None,
    record: HubSpotRecord,
    twin: SalesforceRecord,
    mapping: CompiledMapping,
) -> Agreed | None:
    """Return what was agreed on, without the fields that came back blank since.

    Nobody cleared those: they never agreed, so a value beats the blank.
    """
    compiled = mapping.types[twin.type]
    if not (agreed and agreed_at and compiled.returned):
        return agreed
    emptied = _emptied(compiled, agreed, agreed_at, record, twin)
    return {name: sides for name, sides in agreed.items() if name not in emptied}


def _emptied(
    compiled: CompiledType,
    agreed: Agreed,
    agreed_at: datetime,
    record: HubSpotRecord,
    twin: SalesforceRecord,
) -> frozenset[str]:
    found = []
    for pair in compiled.returned:
        before = agreed.get(pair.hubspot)
        if before is None:
            continue
        hubspot = pair.read_hubspot(record.properties.get(pair.hubspot))
        salesforce = pair.read_salesforce(twin.fields.get(pair.salesforce))
        if (
            _before(agreed_at, pair.hubspot_since)
            and _blank(pair, hubspot)
            and not _blank(pair, before.hubspot)
        ) or (
            _before(agreed_at, pair.salesforce_since)
            and _blank(pair, salesforce)
            and not _blank(pair, before.salesforce)
        ):
            found.append(pair.hubspot)
    return frozenset(found)


def _before(agreed_at: datetime, since: datetime | None) -> bool:
    return since is not None and agreed_at < since + SETTLES


def _blank(pair: FieldPair, value: str | None) -> bool:
    return value is None or value == pair.blank
