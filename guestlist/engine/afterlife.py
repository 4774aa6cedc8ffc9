"""What became of records that are not where they were: merged, converted, archived, erased."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from guestlist.connectors.salesforce import Lookup
from guestlist.domain import canonical
from guestlist.domain.mapping import CompiledMapping
from guestlist.engine.sources import Sources
from schemas.records import HubSpotRecord, SalesforceRecord


class Fate(NamedTuple):
    """What HubSpot says of ids that it did not answer."""

    moved: Mapping[str, str]
    """Id -> that of the record it was merged into."""
    archived: Mapping[str, HubSpotRecord]
    erased: frozenset[str]
    """Linked ids of which HubSpot knows nothing any more."""


NOTHING_HAPPENED = Fate({}, {}, frozenset())


def fate_of(
    sources: Sources,
    missing: Sequence[str],
    linked: Iterable[str],
    mapping: CompiledMapping,
    properties: Sequence[str],
) -> Fate:
    """Ask what became of *missing* ids; only for *linked* ones is it worth a call each."""
    if not missing:
        return NOTHING_HAPPENED
    type = mapping.object.hubspot_type
    archived = sources.hubspot.archived(type, missing, properties)
    unknown = [each for each in linked if each in missing and each not in archived]
    moved = sources.hubspot.resolve(type, unknown) if unknown else {}
    erased = frozenset(each for each in unknown if each not in moved)
    return Fate(moved, archived, erased)


class Successors(NamedTuple):
    """Where twins live on."""

    merged_into: Mapping[str, str]
    """Salesforce id -> id of the record it was merged into."""
    rows: Mapping[str, SalesforceRecord]
    """The records that twins became, by id."""
    deleted: frozenset[str] = frozenset()
    """Salesforce ids that lie in the recycle bin, and were not merged away."""


NO_SUCCESSORS = Successors({}, {})


def successors_of(
    sources: Sources,
    candidates: Mapping[str, Sequence[SalesforceRecord]],
    twins: Mapping[str, tuple[str, str]],
    mapping: CompiledMapping,
) -> Successors:
    """Find the contacts that our leads were converted to, and the winners of merges.

    *twins* holds the linked (type, id) by record; two calls more, and only where one is missing.
    """
    seen = {row.id for rows in candidates.values() for row in rows}
    ended = _ended(sources, [twin for twin in twins.values() if twin[1] not in seen], mapping)
    merged = {id: master for id, master in ended.items() if master}
    deleted = frozenset(ended) - merged.keys()
    wanted = {*merged.values(), *_converted(candidates)} - seen
    if not wanted:
        return Successors(merged, {}, deleted)
    lookups = [
        Lookup(each.type, each.fields, {"Id": sorted(wanted)}) for each in mapping.types.values()
    ]
    found = sources.salesforce.lookup(lookups)
    return Successors(merged, {row.id: row for rows in found.values() for row in rows}, deleted)


def _ended(
    sources: Sources, missing: Sequence[tuple[str, str]], mapping: CompiledMapping
) -> dict[str, str | None]:
    """Return the ids in the recycle bin, with the record each was merged into, if it was."""
    by_type: dict[str, list[str]] = defaultdict(list)
    for type, id in missing:
        if type in mapping.types:
            by_type[type].append(id)
    if not by_type:
        return {}
    fields = ["IsDeleted", "MasterRecordId"]
    lookups = [Lookup(type, fields, {"Id": ids}) for type, ids in by_type.items()]
    found = sources.salesforce.lookup(lookups, deleted=True)
    return {
        row.id: canonical.text(row.fields.get("MasterRecordId"))
        for rows in found.values()
        for row in rows
        if row.fields.get("IsDeleted") is True
    }


def _converted(candidates: Mapping[str, Sequence[SalesforceRecord]]) -> set[str]:
    rows = (row for each in candidates.values() for row in each)
    became = (canonical.text(row.fields.get("ConvertedContactId")) for row in rows)
    return {each for each in became if each}
