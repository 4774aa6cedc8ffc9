"""Edits that came between our last read and our write, told by HubSpot's own history.

HubSpot does not compare before it sets, but it keeps what was there.  Such an edit has lost a
conflict that nobody knew of when the plan was made, and belongs into the log like any other.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from guestlist.domain.mapping import CompiledMapping, FieldPair
from guestlist.domain.write import Conflict, Plan, Sides
from schemas.mapping import SyncRule
from schemas.records import Crm, HubSpotRecord, Version

Histories = Mapping[str, Sequence[Version]]
"""Property -> its values, newest first."""


def in_question(plan: Plan, mapping: CompiledMapping) -> Iterator[FieldPair]:
    """Yield the fields that a plan sets in an existing contact and that people may set as well."""
    if plan.hubspot is None or plan.hubspot.id is None or plan.twin is None:
        return
    for pair in mapping.types[plan.twin[0]].pairs:
        if pair.rule is SyncRule.TWO_WAY and pair.hubspot in plan.hubspot.properties:
            yield pair


def overwritten(
    plan: Plan,
    record: HubSpotRecord,
    histories: Histories,
    mapping: CompiledMapping,
    *,
    salesforce_at: datetime | None,
) -> tuple[Conflict, ...]:
    """Return a conflict for each value that was there when we wrote, and not when we read."""
    found = []
    for pair in in_question(plan, mapping):
        before = _before(plan, pair, histories.get(pair.hubspot, ()))
        if before is None:
            continue
        held, read = (
            pair.read_hubspot(value)
            for value in (before.value, record.properties.get(pair.hubspot))
        )
        ours = pair.read_hubspot(_sent(plan, pair))
        if held not in {read, ours}:
            values, agreed = Sides(held, ours), Sides(read, read)
            times = (before.at, salesforce_at)
            found.append(Conflict(record.id, pair.hubspot, values, agreed, Crm.SALESFORCE, *times))
    return tuple(found)


def _before(plan: Plan, pair: FieldPair, versions: Sequence[Version]) -> Version | None:
    """Return what our value replaced."""
    sent = pair.read_hubspot(_sent(plan, pair))
    for ours, before in pairwise(versions):
        if pair.read_hubspot(ours.value) == sent:
            return before
    return None


def _sent(plan: Plan, pair: FieldPair) -> str | None:
    return plan.hubspot.properties[pair.hubspot] if plan.hubspot else None
