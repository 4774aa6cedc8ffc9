"""After a batch was written: how old its proofs were, who left meanwhile, whose edit was lost."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from guestlist.domain.ending import Applied
from guestlist.domain.errors import SyncError
from guestlist.domain.facts import Facts
from guestlist.domain.gate import Inclusion
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.overwritten import Histories, in_question, overwritten, replaced
from guestlist.domain.write import Accepted, Conflict, Decision, Plan
from guestlist.engine.sources import Sources


def written(facts: Sequence[Facts], applied: Mapping[str, Applied]) -> list[Facts]:
    """Return the records that a CRM took a write of by a membership proof."""
    return [
        each
        for each in facts
        if each.proof and any(isinstance(x, Accepted) for x in applied.get(each.key, ()))
    ]


def proof_ages(sources: Sources, done: Sequence[Facts]) -> dict[str, timedelta]:
    """Return by key how old the proofs are now that all is answered: at the writes no older."""
    now = sources.clock()
    return {each.key: now - each.proof.read_at for each in done if each.proof}


def late_exits(
    sources: Sources, done: Sequence[Facts], inclusion: Inclusion | None, mapping: CompiledMapping
) -> frozenset[str]:
    """Return the keys of those who left the list between their proof and now, and log them.

    A call a hundred records.  What is written stays; what is out stays out from here on.
    """
    ids = {each.record.id: each for each in done if each.record}
    if not ids or inclusion is None or inclusion.definition is None:
        return frozenset()
    list_id, log = inclusion.definition.list_id, structlog.get_logger()
    try:
        memberships = sources.hubspot.memberships(mapping.object.hubspot_type_id, [*ids])
    except SyncError as error:
        log.warning("exits_not_checked", records=len(ids), error=type(error).__name__)
        return frozenset()
    left = [id for id in ids if list_id not in memberships.get(id, frozenset())]
    for id in left:
        log.warning("late_exit", object=mapping.object.name, key=id, list=list_id)
    return frozenset(ids[id].key for id in left)


def with_overwritten(
    sources: Sources,
    facts: Sequence[Facts],
    decisions: Sequence[Decision],
    applied: Mapping[str, Applied],
    mapping: CompiledMapping,
) -> list[Decision]:
    """Add to each plan what its write to HubSpot replaced that was not there when it was read.

    A call fifty contacts, of those alone that were given a value people may set there as well.
    """
    written_to = {
        each.key: each
        for each in decisions
        if isinstance(each, Plan) and _set_in_hubspot(each, applied, mapping)
    }
    records = {each.key: each for each in facts if each.key in written_to and each.record}
    ids = [each.record.id for each in records.values() if each.record]
    names = sorted(
        {pair.hubspot for plan in written_to.values() for pair in in_question(plan, mapping)}
    )
    histories = _histories(sources, ids, names, mapping) if ids else {}
    added = {
        key: overwritten(
            written_to[key],
            each.record,
            histories.get(each.record.id, {}),
            mapping,
            salesforce_at=next((row.modified_at for row in each.candidates), None),
        )
        for key, each in records.items()
        if each.record
    }
    return _with_conflicts(decisions, added)


def with_replaced(
    facts: Sequence[Facts],
    decisions: Sequence[Decision],
    applied: Mapping[str, Applied],
    mapping: CompiledMapping,
) -> list[Decision]:
    """Add to each plan what its write to Salesforce replaced that was not there when it was read.

    No call: the write itself brought it along.
    """
    plans = {each.key: each for each in decisions if isinstance(each, Plan)}
    added = {}
    for each in facts:
        result = applied.get(each.key, Applied()).salesforce
        before = result.replaced if isinstance(result, Accepted) else None
        if before is None or each.record is None:
            continue
        row = next((row for row in each.candidates if row.id == before["Id"]), None)
        if row is not None:
            added[each.key] = replaced(plans[each.key], each.record, (row, before), mapping)
    return _with_conflicts(decisions, added)


def _with_conflicts(
    decisions: Sequence[Decision], added: Mapping[str, tuple[Conflict, ...]]
) -> list[Decision]:
    return [
        each._replace(conflicts=(*each.conflicts, *added.get(each.key, ())))
        if isinstance(each, Plan)
        else each
        for each in decisions
    ]


def _set_in_hubspot(plan: Plan, applied: Mapping[str, Applied], mapping: CompiledMapping) -> bool:
    taken = isinstance(applied.get(plan.key, Applied()).hubspot, Accepted)
    return taken and any(in_question(plan, mapping))


def _histories(
    sources: Sources, ids: Sequence[str], names: Sequence[str], mapping: CompiledMapping
) -> Mapping[str, Histories]:
    try:
        return sources.hubspot.versions(mapping.object.hubspot_type, ids, names)
    except SyncError as error:
        log = structlog.get_logger()
        log.warning("overwritten_not_checked", records=len(ids), error=type(error).__name__)
        return {}
