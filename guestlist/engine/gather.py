"""Read everything that decisions about a batch of records rest on, in a handful of calls."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from guestlist import failpoint
from guestlist.connectors.salesforce import Lookup
from guestlist.domain.facts import Facts
from guestlist.domain.gate import Inclusion, Proof
from guestlist.domain.intent import Noted
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.plan import NO_HISTORY, History, merged_ids
from guestlist.domain.straggler import Late
from guestlist.engine.afterlife import NO_SUCCESSORS, Fate, Successors, fate_of, successors_of
from guestlist.engine.identify import Identified, identify
from guestlist.engine.sources import Sources
from guestlist.store import conflicts, intents, links, stragglers
from guestlist.store.links import Link
from schemas.records import HubSpotRecord, ListDefinition, SalesforceRecord


class _Agreed(NamedTuple):
    """What the store knew before any value was read, by HubSpot id."""

    asked: Sequence[str]
    links: Mapping[str, Link]
    noted: Mapping[str, Noted]
    """What was to be written to pairs that are not linked yet."""


class _Known(NamedTuple):
    """What the store knows, by HubSpot id."""

    links: Mapping[str, Link]
    lost: Mapping[str, Mapping[str, str | None]]
    """Values of lost conflicts that are wanted back, by property."""
    late: Mapping[str, Mapping[str, Late]]
    """Values of ours that may still arrive, by property."""
    noted: Mapping[str, Noted]


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
    who = identify(sources, keys, mapping)
    wanted = _properties(mapping, inclusion)
    agreed = _agreed(sources, who, mapping)
    records, fate = _read(sources, agreed, mapping, wanted)
    known = _known(sources, agreed, records, fate, mapping)
    candidates = _candidates(sources, records, known.links, who, mapping)
    twins = {id: (link.twin_type, link.twin_id) for id, link in known.links.items()}
    became = successors_of(sources, candidates, twins, mapping) if twins else NO_SUCCESSORS
    proved = dict(proofs)
    if inclusion and inclusion.definition:
        stale = _stale(sources.clock() - proof_age / 2, records, proofs)
        proved |= _prove(sources, stale, inclusion.definition, mapping)
        failpoint.hit("gate.proof_received")
    return [_facts(key, who, fate, records, known, candidates, became, proved) for key in keys]


def _facts(  # noqa: PLR0917
    key: str,
    who: Identified,
    fate: Fate,
    records: Mapping[str, HubSpotRecord],
    known: _Known,
    candidates: Mapping[str, Sequence[SalesforceRecord]],
    became: Successors,
    proved: Mapping[str, Proof],
) -> Facts:
    named = who.ids.get(key, key)
    id = fate.moved.get(named, named)
    link = known.links.get(id)
    lost, late = known.lost.get(id), known.late.get(id)
    record = records.get(id) or fate.archived.get(id)
    return Facts(
        key=key,
        record=record,
        proof=proved.get(id),
        twin=(link.twin_type, link.twin_id) if link else None,
        agreed=link.agreed if link else None,
        candidates=[*candidates.get(id, ()), *became.rows.values()],
        origin=who.origins.get(key),
        merged_into=became.merged_into.get(link.twin_id) if link else None,
        twin_deleted=link is not None and link.twin_id in became.deleted,
        outside=link.outside if link else None,
        left=link is not None and _left(link, record),
        erased=id in fate.erased,
        forgotten=key in who.forgotten,
        noted=known.noted.get(id),
        agreed_at=link.agreed_at if link else None,
        history=History(lost=lost or {}, late=late or {}) if lost or late else NO_HISTORY,
    )


def _left(link: Link, record: HubSpotRecord | None) -> bool:
    """Tell a contact that left the list from one that is out of it because it was archived."""
    if link.left_at is None:
        return False
    archived_at = record.archived_at if record else None
    return archived_at is None or archived_at > link.left_at


def _properties(mapping: CompiledMapping, inclusion: Inclusion | None) -> list[str]:
    wanted = set(mapping.hubspot_properties)
    if inclusion and inclusion.filter:
        wanted |= inclusion.filter.properties
    return sorted(wanted)


def _agreed(sources: Sources, who: Identified, mapping: CompiledMapping) -> _Agreed:
    """Read what was agreed on before the values.

    Values that are older than what they are held against pass for edits.
    """
    name, ids = mapping.object.name, list(dict.fromkeys(who.ids.values()))
    with sources.database.read() as connection:
        found = links.get_many(connection, name, ids)
        noted = intents.get_many(connection, name, ids)
    return _Agreed(ids, found, noted)


def _read(
    sources: Sources, agreed: _Agreed, mapping: CompiledMapping, wanted: Sequence[str]
) -> tuple[dict[str, HubSpotRecord], Fate]:
    """Read the HubSpot records, following those that were merged away."""
    type, ids = mapping.object.hubspot_type, agreed.asked
    records = dict(sources.hubspot.read(type, ids, wanted)) if ids else {}
    missing = [id for id in ids if id not in records]
    if not missing:
        return records, fate_of(sources, [], [], mapping, wanted)
    linked = {id: agreed.links[id] for id in missing if id in agreed.links}
    fate = fate_of(sources, missing, linked, mapping, wanted)
    survivors = [id for id in fate.moved.values() if id not in records]
    if survivors:
        records |= sources.hubspot.read(type, survivors, wanted)
    return records, fate


def _known(
    sources: Sources,
    agreed: _Agreed,
    records: Mapping[str, HubSpotRecord],
    fate: Fate,
    mapping: CompiledMapping,
) -> _Known:
    """Read links and wanted-back values; a record inherits those of one merged into it."""
    name = mapping.object.name
    heirs = {alias: id for id, record in records.items() for alias in merged_ids(record)}
    heirs |= fate.moved
    ids = [*records, *fate.archived, *fate.erased]
    others = {*ids, *heirs}.difference(agreed.asked)
    with sources.database.read() as connection:
        found = {**agreed.links, **(links.get_many(connection, name, others) if others else {})}
        noted = intents.get_many(connection, name, others) if others else {}
        lost = conflicts.pending(connection, name, ids)
        late = stragglers.late(connection, name, ids, now=sources.clock())
    own = {id: found[id] for id in ids if id in found}
    inherited = {
        heirs[link.key]: link
        for link in sorted(found.values(), key=lambda link: link.agreed_at)
        if link.key in heirs and heirs[link.key] not in own
    }
    wanted_back = {
        id: {property: wanted.value for property, wanted in values.items()}
        for id, values in lost.items()
    }
    noted = {heirs.get(id, id): each for id, each in noted.items()}
    return _Known(own | inherited, wanted_back, late, {**noted, **agreed.noted})


def _stale(
    fresh_since: datetime, records: Mapping[str, HubSpotRecord], proofs: Mapping[str, Proof]
) -> list[str]:
    """Return the records whose proof is missing or has used up half its allowed age."""
    return [id for id in records if id not in proofs or proofs[id].read_at < fresh_since]


def _prove(
    sources: Sources, ids: Sequence[str], definition: ListDefinition, mapping: CompiledMapping
) -> dict[str, Proof]:
    if not ids:
        return {}
    asked_at = sources.clock()
    memberships = sources.hubspot.memberships(mapping.object.hubspot_type_id, ids)
    return {
        id: Proof(definition.list_id in memberships.get(id, frozenset()), asked_at) for id in ids
    }


def _candidates(
    sources: Sources,
    records: Mapping[str, HubSpotRecord],
    known: Mapping[str, Link],
    who: Identified,
    mapping: CompiledMapping,
) -> dict[str, list[SalesforceRecord]]:
    """Return, per HubSpot record, the Salesforce rows that could be its twin."""
    found: dict[str, list[SalesforceRecord]] = defaultdict(list)
    for key, row in who.origins.items():
        if key in who.ids:
            found[who.ids[key]].append(row)
    if not records and not known:
        return found
    owners = {link.twin_id: id for id, link in known.items()}
    by_id = {alias: id for id, record in records.items() for alias in merged_ids(record)}
    by_id |= {id: id for id in records}
    by_value = _ids_by_match_value(records, mapping)
    lookups = _lookups(list(by_id), known, by_value, mapping)
    for rows in sources.salesforce.lookup(lookups).values():
        for row in rows:
            value = mapping.found_by(row)
            owner = str(row.fields.get(mapping.object.external_id))
            ids = {owners.get(row.id), by_id.get(owner)}
            ids.update(by_value.get(value, ()) if value else ())
            for id in ids - {None}:
                found[str(id)].append(row)
    return found


def _ids_by_match_value(
    records: Mapping[str, HubSpotRecord], mapping: CompiledMapping
) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = defaultdict(list)
    for id, record in records.items():
        for value in mapping.match_values(record):
            ids[value].append(id)
    return ids


def _lookups(
    ids: Sequence[str],
    known: Mapping[str, Link],
    by_value: Mapping[str, Sequence[str]],
    mapping: CompiledMapping,
) -> list[Lookup]:
    """Ask by link, by external id and by match value."""
    lookups = []
    for compiled in mapping.types.values():
        linked = [link.twin_id for link in known.values() if link.twin_type == compiled.type]
        where: dict[str, Sequence[str]] = {"Id": linked, mapping.object.external_id: ids}
        if compiled.match_field:
            where[compiled.match_field] = list(by_value)
        lookups.append(Lookup(compiled.type, compiled.fields, where))
    return lookups
