"""Decide a batch; where both sides changed a field, ask HubSpot when, and decide again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from guestlist.domain.decide import decide_all
from guestlist.domain.facts import Facts, Look
from guestlist.domain.gate import Inclusion
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.write import Decision, Plan
from guestlist.engine.sources import Sources
from schemas.records import Crm


def weigh(
    sources: Sources,
    facts: Sequence[Facts],
    inclusion: Inclusion | None,
    mapping: CompiledMapping,
    look: Look,
) -> list[Decision]:
    """Return a decision for each of *facts*, in their order.

    HubSpot tells when each property changed, but only when asked, fifty records a call; so it is
    asked about conflicts alone that HubSpot wins going by when its record changed.  A property
    changed no later than its record: a conflict that Salesforce wins stays won.
    """
    decisions = decide_all(facts, inclusion, mapping, look)
    torn = [each for each in decisions if isinstance(each, Plan) and _open(each)]
    if not torn:
        return decisions
    changed_at = _changed_at(sources, torn, mapping)
    informed = [
        each._replace(history=each.history._replace(changed_at=changed_at[each.record.id]))
        if each.record and each.record.id in changed_at
        else each
        for each in facts
    ]
    return decide_all(informed, inclusion, mapping, look)


def _open(plan: Plan) -> bool:
    return any(conflict.winner is Crm.HUBSPOT for conflict in plan.conflicts)


def _changed_at(
    sources: Sources, torn: Sequence[Plan], mapping: CompiledMapping
) -> Mapping[str, Mapping[str, datetime]]:
    ids = [plan.record_id for plan in torn if plan.record_id]
    properties = sorted({conflict.property for plan in torn for conflict in plan.conflicts})
    return sources.hubspot.changed_at(mapping.object.hubspot_type, ids, properties)
