"""Which HubSpot record each work row is about: some are named by a Salesforce id only."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from guestlist.connectors.salesforce import Lookup
from guestlist.domain import canonical
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.reference import crm_of
from guestlist.engine.sources import Sources
from guestlist.store import forgotten, links
from schemas.records import Crm, SalesforceRecord


class Identified(NamedTuple):
    """What the keys of a batch name."""

    ids: Mapping[str, str]
    """Key -> HubSpot id; a Salesforce record that HubSpot does not know is absent."""
    origins: Mapping[str, SalesforceRecord]
    """Salesforce key -> its live record, unless it is linked."""
    forgotten: frozenset[str] = frozenset()
    """Salesforce keys whose person HubSpot deleted for good."""


def identify(sources: Sources, keys: Sequence[str], mapping: CompiledMapping) -> Identified:
    """Find the HubSpot record behind each key: by link, by external id, by e-mail address."""
    ids = {key: key for key in keys if crm_of(key) is Crm.HUBSPOT}
    named_by_salesforce = [key for key in keys if key not in ids]
    if not named_by_salesforce:
        return Identified(ids, {})
    with sources.database.read() as connection:
        linked = links.by_twin(connection, mapping.object.name, named_by_salesforce)
    ids |= {twin_id: link.key for twin_id, link in linked.items()}
    origins = _rows(sources, [key for key in named_by_salesforce if key not in ids], mapping)
    for key, row in origins.items():
        owner = canonical.text(row.fields.get(mapping.object.external_id))
        if owner and crm_of(owner) is Crm.HUBSPOT:
            ids[key] = owner
    ids |= _by_address(sources, origins, ids, mapping)
    return Identified(ids, origins, _forgotten(sources, origins, ids, mapping))


def _forgotten(
    sources: Sources,
    origins: Mapping[str, SalesforceRecord],
    known: Mapping[str, str],
    mapping: CompiledMapping,
) -> frozenset[str]:
    addresses = {
        key: address
        for key, row in origins.items()
        if key not in known and (address := mapping.found_by(row))
    }
    if not addresses:
        return frozenset()
    with sources.database.read() as connection:
        gone = forgotten.known(connection, mapping.object.name, addresses.values())
    return frozenset(key for key, address in addresses.items() if address in gone)


def _rows(
    sources: Sources, ids: Sequence[str], mapping: CompiledMapping
) -> dict[str, SalesforceRecord]:
    if not ids:
        return {}
    lookups = [Lookup(each.type, each.fields, {"Id": ids}) for each in mapping.types.values()]
    found = sources.salesforce.lookup(lookups)
    return {row.id: row for rows in found.values() for row in rows}


def _by_address(
    sources: Sources,
    origins: Mapping[str, SalesforceRecord],
    known: Mapping[str, str],
    mapping: CompiledMapping,
) -> dict[str, str]:
    addresses = {
        key: address
        for key, row in origins.items()
        if key not in known and (address := mapping.found_by(row))
    }
    if not addresses or mapping.match_property is None:
        return {}
    found = sources.hubspot.find(
        mapping.object.hubspot_type, mapping.match_property, addresses.values(), []
    )
    return {key: found[address].id for key, address in addresses.items() if address in found}
