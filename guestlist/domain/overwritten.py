"""Edits that came between our last read and our write.

HubSpot does not compare before it sets, but its history keeps what was there.  Salesforce keeps
none, but reads a row in the very call that writes it.  Such an edit has lost a conflict that
nobody knew of when the plan was made, and belongs into the log like any other.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from guestlist.domain.mapping import CompiledMapping, FieldPair
from guestlist.domain.write import Conflict, Plan, Sides
from schemas.mapping import SyncRule
from schemas.records import Crm, HubSpotRecord, SalesforceRecord, Version

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


def asking(plan: Plan, mapping: CompiledMapping) -> Plan:
    """Return the plan that asks Salesforce what its write replaces, where people may set that."""
    names = tuple(pair.salesforce for pair in _in_salesforce(plan, mapping))
    if plan.salesforce is None or not names:
        return plan
    return plan._replace(salesforce=plan.salesforce._replace(replacing=names))


def replaced(
    plan: Plan,
    record: HubSpotRecord,
    rows: tuple[SalesforceRecord, Mapping[str, Any]],
    mapping: CompiledMapping,
) -> tuple[Conflict, ...]:
    """Return a conflict for each field of Salesforce that had changed between two *rows*.

    The first is the row that the plan was made by, the second the one that it was written over.
    """
    row, before = rows
    found = []
    for pair in _in_salesforce(plan, mapping):
        read, held, ours = (
            pair.read_salesforce(values.get(pair.salesforce))
            for values in (row.fields, before, plan.salesforce.fields if plan.salesforce else {})
        )
        if pair.salesforce in before and held not in {read, ours}:
            values, agreed = Sides(ours, held), Sides(read, read)
            times = (record.modified_at, datetime.fromisoformat(before["SystemModstamp"]))
            found.append(Conflict(record.id, pair.hubspot, values, agreed, Crm.HUBSPOT, *times))
    return tuple(found)


def _in_salesforce(plan: Plan, mapping: CompiledMapping) -> Iterator[FieldPair]:
    """Yield the fields that a plan sets in a row that is there and that people may set as well."""
    if plan.salesforce is None or plan.salesforce.id is None:
        return
    for pair in mapping.types[plan.salesforce.type].pairs:
        if pair.rule is SyncRule.TWO_WAY and pair.salesforce in plan.salesforce.fields:
            yield pair


def _before(plan: Plan, pair: FieldPair, versions: Sequence[Version]) -> Version | None:
    """Return what our value replaced."""
    sent = pair.read_hubspot(_sent(plan, pair))
    for ours, before in pairwise(versions):
        if pair.read_hubspot(ours.value) == sent:
            return before
    return None


def _sent(plan: Plan, pair: FieldPair) -> str | None:
    return plan.hubspot.properties[pair.hubspot] if plan.hubspot else None
