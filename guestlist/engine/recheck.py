"""Right before a batch is written: whoever was edited since it was read is looked at again.

Neither CRM compares before it sets.  Asked by stamps alone, an edit has only the last call's
time left in which it can be written over, instead of the time that the whole look takes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from guestlist.connectors.salesforce import Lookup
from guestlist.domain.facts import Facts
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.reason import Reason
from guestlist.domain.write import Decision, Plan, Skip
from guestlist.engine.sources import Sources


def recheck(
    sources: Sources,
    facts: Sequence[Facts],
    decisions: Sequence[Decision],
    mapping: CompiledMapping,
) -> list[Decision]:
    """Return *decisions*, but for those that rest on values which are no more.

    A call a hundred HubSpot records, and one for all of Salesforce's; none where nothing is
    written.
    """
    planned = {each.key for each in decisions if isinstance(each, Plan) and each.writes}
    resting = [each for each in facts if each.key in planned]
    moved = _moved_in_salesforce(sources, resting, decisions)
    moved |= _moved_in_hubspot(sources, resting, mapping)
    return [
        Skip(each.key, Reason.QUEUED, retry_at=sources.clock()) if each.key in moved else each
        for each in decisions
    ]


def _moved_in_hubspot(
    sources: Sources, facts: Sequence[Facts], mapping: CompiledMapping
) -> set[str]:
    read = {each.record.id: each for each in facts if each.record and not each.record.archived}
    if not read:
        return set()
    now = sources.hubspot.read(mapping.object.hubspot_type, [*read], [])
    return {
        each.key
        for id, each in read.items()
        if id not in now or (each.record and now[id].modified_at != each.record.modified_at)
    }


def _moved_in_salesforce(
    sources: Sources, facts: Sequence[Facts], decisions: Sequence[Decision]
) -> set[str]:
    twins = {each.key: each.twin for each in decisions if isinstance(each, Plan) and each.twin}
    read = {each.key: _stamps(each) for each in facts if each.key in twins}
    ids: dict[str, list[str]] = defaultdict(list)
    for key in read:
        type, id = twins[key]
        ids[type].append(id)
    if not ids:
        return set()
    found = sources.salesforce.lookup(
        [Lookup(type, [], {"Id": some}) for type, some in ids.items()]
    )
    now = {row.id: row.modified_at for rows in found.values() for row in rows}
    return {
        key for key, stamps in read.items() if now.get(twins[key][1]) != stamps.get(twins[key][1])
    }


def _stamps(facts: Facts) -> Mapping[str, datetime]:
    """Return when each Salesforce record had last changed when it was read."""
    rows = [*facts.candidates, *([facts.origin] if facts.origin else [])]
    return {row.id: row.modified_at for row in rows}
