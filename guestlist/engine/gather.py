"""Read everything that decisions about a batch of records rest on, in a handful of calls."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Lookup, Salesforce
from guestlist.domain.decide import Facts
from guestlist.domain.gate import Inclusion, Proof
from guestlist.domain.mapping import CompiledMapping
from guestlist.store import links
from guestlist.store.database import Database
from guestlist.store.links import Link
from schemas.records import HubSpotRecord, ListDefinition, SalesforceRecord


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a batch is read from: both CRMs on one lane, and the store."""

    hubspot: HubSpot
    salesforce: Salesforce
    database: Database
    clock: Callable[[], datetime]


def gather(
    sources: Sources,
    keys: Sequence[str],
    proofs: Mapping[str, Proof],
    inclusion: Inclusion | None,
    mapping: CompiledMapping,
    *,
    proof_age: timedelta,
) -> list[Facts]:
    """Return the facts of each record, in the order of *keys*.

    Membership is proved last, right before the decision, for all whose proof is missing
    or would be too old.
    """
    with sources.database.read() as connection:
        known = links.get_many(connection, mapping.object.name, keys)
    wanted = _properties(mapping, inclusion)
    records = sources.hubspot.read(mapping.object.hubspot_type, keys, wanted)
    candidates = _candidates(sources.salesforce, records, known, mapping)
    proved = dict(proofs)
    if inclusion and inclusion.definition:
        stale = _stale(sources.clock() - proof_age / 2, records, proofs)
        proved |= _prove(sources, stale, inclusion.definition, mapping)
    return [
        Facts(
            key=key,
            record=records.get(key),
            proof=proved.get(key),
            twin=(known[key].twin_type, known[key].twin_id) if key in known else None,
            agreed=known[key].agreed if key in known else None,
            candidates=candidates.get(key, ()),
        )
        for key in keys
    ]


def _properties(mapping: CompiledMapping, inclusion: Inclusion | None) -> list[str]:
    wanted = set(mapping.hubspot_properties)
    if inclusion and inclusion.filter:
        wanted |= inclusion.filter.properties
    return sorted(wanted)


def _stale(
    fresh_since: datetime, records: Mapping[str, HubSpotRecord], proofs: Mapping[str, Proof]
) -> list[str]:
    """Return the records whose proof is missing or has used up half its allowed age."""
    return [key for key in records if key not in proofs or proofs[key].read_at < fresh_since]


def _prove(
    sources: Sources, keys: Sequence[str], definition: ListDefinition, mapping: CompiledMapping
) -> dict[str, Proof]:
    if not keys:
        return {}
    asked_at = sources.clock()
    memberships = sources.hubspot.memberships(mapping.object.hubspot_type_id, keys)
    return {
        key: Proof(definition.list_id in memberships.get(key, frozenset()), asked_at)
        for key in keys
    }


def _candidates(
    salesforce: Salesforce,
    records: Mapping[str, HubSpotRecord],
    known: Mapping[str, Link],
    mapping: CompiledMapping,
) -> dict[str, list[SalesforceRecord]]:
    """Return, per record, the Salesforce rows that could be its twin."""
    if not records:
        return {}
    owners = {known[key].twin_id: key for key in records if key in known}
    by_value = _keys_by_match_value(records, mapping)
    lookups = _lookups(records, known, by_value, mapping)
    found: dict[str, list[SalesforceRecord]] = defaultdict(list)
    for rows in salesforce.lookup(lookups).values():
        for row in rows:
            value = mapping.found_by(row)
            keys = {owners.get(row.id, ""), str(row.fields.get(mapping.object.external_id))}
            keys.update(by_value.get(value, ()) if value else ())
            for key in keys & records.keys():
                found[key].append(row)
    return found


def _keys_by_match_value(
    records: Mapping[str, HubSpotRecord], mapping: CompiledMapping
) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = defaultdict(list)
    for key, record in records.items():
        if value := mapping.match_value(record):
            keys[value].append(key)
    return keys


def _lookups(
    records: Mapping[str, HubSpotRecord],
    known: Mapping[str, Link],
    by_value: Mapping[str, Sequence[str]],
    mapping: CompiledMapping,
) -> list[Lookup]:
    """Ask by link, by external id and by match value."""
    lookups = []
    for compiled in mapping.types.values():
        linked = [known[key] for key in records if key in known]
        where: dict[str, Sequence[str]] = {
            "Id": [link.twin_id for link in linked if link.twin_type == compiled.type],
            mapping.object.external_id: list(records),
        }
        if compiled.match_field:
            where[compiled.match_field] = list(by_value)
        lookups.append(Lookup(compiled.type, compiled.fields, where))
    return lookups
