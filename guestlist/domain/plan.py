"""What to do with one record that passed the gate: compare both sides, decide every field.

The hot path: a thousand records a call, and most of them agree already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from guestlist.domain import canonical
from guestlist.domain.converters import BadValue
from guestlist.domain.mapping import CompiledMapping, FieldPair
from guestlist.domain.merge import merge
from guestlist.domain.reason import Reason
from guestlist.domain.write import (
    Agreed,
    Change,
    HubSpotWrite,
    Plan,
    SalesforceWrite,
    Sides,
    Skip,
)
from schemas.records import Crm, HubSpotRecord, SalesforceRecord

_BLANK = Sides(None, None)

SHOWN = 80
"""Characters of a refused value that the person who has to repair it gets to see."""


def plan(
    record: HubSpotRecord,
    twin: SalesforceRecord | None,
    agreed: Agreed | None,
    mapping: CompiledMapping,
) -> Plan | Skip:
    """Return the writes that bring both sides in step, or why there can be none.

    Without a twin it is created, by upsert on the external id.  A record is refused whole when
    one of its values is: a person repairs it once, and nothing arrives by halves.
    """
    if twin is None:
        return _creation(record, mapping)
    return _update(record, twin, agreed or {}, mapping)


class _Refusal(NamedTuple):
    reason: Reason
    crm: Crm
    field: str
    value: str | None
    message: str


@dataclass(slots=True)
class _Draft:
    """One record's plan while its fields are gone through."""

    agreed: dict[str, Sides] = field(default_factory=dict)
    salesforce: dict[str, Any] = field(default_factory=dict)
    hubspot: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    refusals: list[_Refusal] = field(default_factory=list)


def _creation(record: HubSpotRecord, mapping: CompiledMapping) -> Plan | Skip:
    created = mapping.created_type
    properties = record.properties
    draft = _Draft()
    for pair in created.pairs:
        hubspot = salesforce = pair.read_hubspot(properties.get(pair.hubspot))
        if hubspot is None:
            salesforce = pair.when_blank
        if not pair.fills_creation:
            salesforce = None
        if salesforce is not None:
            _write_salesforce(draft, pair, before=None, after=salesforce)
        if hubspot is not None or salesforce is not None:
            draft.agreed[pair.hubspot] = Sides(hubspot, salesforce)
    if not draft.refusals:
        _refuse_missing(draft, created.required)
    write = SalesforceWrite(
        created.type, None, mapping.object.external_id, record.id, draft.salesforce
    )
    return _finished(record.id, draft, write, twin=None)


def _refuse_missing(draft: _Draft, required: Sequence[str]) -> None:
    for name in required:
        if name not in draft.salesforce:
            draft.refusals.append(_required(name))


def _update(
    record: HubSpotRecord, twin: SalesforceRecord, agreed: Agreed, mapping: CompiledMapping
) -> Plan | Skip:
    properties, fields = record.properties, twin.fields
    hubspot_newer = record.modified_at > twin.modified_at
    draft = _Draft()
    for pair in mapping.types[twin.type].pairs:
        known = agreed.get(pair.hubspot)
        hubspot = pair.read_hubspot(properties.get(pair.hubspot))
        if hubspot is None:
            hubspot = pair.blank
        salesforce = pair.read_salesforce(fields.get(pair.salesforce))
        if known is None or known != (hubspot, salesforce):
            known = Sides(hubspot, salesforce)
        if hubspot != salesforce:
            known = _decide(
                draft, pair, known, agreed.get(pair.hubspot), hubspot_newer=hubspot_newer
            )
        if known != _BLANK:
            draft.agreed[pair.hubspot] = known
    external_id = mapping.object.external_id
    if canonical.text(fields.get(external_id)) is None:
        draft.salesforce[external_id] = record.id
        draft.changes.append(Change(Crm.SALESFORCE, external_id, None, record.id))
    write = SalesforceWrite(twin.type, twin.id, external_id, record.id, draft.salesforce)
    return _finished(record.id, draft, write, twin=(twin.type, twin.id))


def _decide(
    draft: _Draft, pair: FieldPair, now: Sides, agreed: Sides | None, *, hubspot_newer: bool
) -> Sides:
    """Write the field where the rule wants it changed; return what both sides will hold."""
    if _stands_in(pair, now, agreed):
        seen, agreed = Sides(now.hubspot, None), None
    else:
        seen = now
    wanted = merge(pair.rule, seen, agreed, hubspot_newer=hubspot_newer)
    hubspot, salesforce = now
    if wanted.hubspot != seen.hubspot and pair.hubspot_writable:
        hubspot = _write_hubspot(draft, pair, before=hubspot, after=wanted.hubspot)
    if wanted.salesforce != seen.salesforce and pair.updateable:
        salesforce = _write_salesforce(draft, pair, before=salesforce, after=wanted.salesforce)
    return Sides(hubspot, salesforce)


def _stands_in(pair: FieldPair, now: Sides, agreed: Sides | None) -> bool:
    """Tell whether Salesforce holds our own ``when_blank``, which is a blank by another name."""
    if pair.when_blank is None or now.salesforce != pair.when_blank:
        return False
    if agreed is None:
        return now.hubspot is None
    return agreed == (None, pair.when_blank)


def _write_salesforce(
    draft: _Draft, pair: FieldPair, *, before: str | None, after: str | None
) -> str | None:
    if after is None and pair.required:
        after = pair.when_blank
        if after is None:
            draft.refusals.append(_required(pair.salesforce))
            return before
    if after == before:
        return before
    try:
        draft.salesforce[pair.salesforce] = pair.to_salesforce(after)
    except BadValue as bad:
        draft.refusals.append(_refusal(bad, Crm.SALESFORCE, pair.salesforce, after))
    draft.changes.append(Change(Crm.SALESFORCE, pair.salesforce, before, after))
    return after


def _write_hubspot(
    draft: _Draft, pair: FieldPair, *, before: str | None, after: str | None
) -> str | None:
    try:
        draft.hubspot[pair.hubspot] = pair.to_hubspot(after)
    except BadValue as bad:
        draft.refusals.append(_refusal(bad, Crm.HUBSPOT, pair.hubspot, after))
    draft.changes.append(Change(Crm.HUBSPOT, pair.hubspot, before, after))
    return after


def _refusal(bad: BadValue, crm: Crm, name: str, value: str | None) -> _Refusal:
    return _Refusal(bad.reason, crm, name, value, bad.message)


def _required(name: str) -> _Refusal:
    message = "Salesforce requires it, and HubSpot has no value"
    return _Refusal(Reason.REQUIRED_MISSING, Crm.SALESFORCE, name, None, message)


def _finished(
    key: str, draft: _Draft, write: SalesforceWrite, *, twin: tuple[str, str] | None
) -> Plan | Skip:
    if draft.refusals:
        return _skipped(key, draft.refusals)
    return Plan(
        key=key,
        salesforce=write if write.fields or twin is None else None,
        hubspot=HubSpotWrite(key, draft.hubspot) if draft.hubspot else None,
        agreed=draft.agreed,
        changes=tuple(draft.changes),
        twin=twin,
    )


def _skipped(key: str, refusals: Sequence[_Refusal]) -> Skip:
    """The first refusal is the reason; the others are named, so that one visit repairs all."""
    first, *others = refusals
    facts = {"crm": first.crm.value, "field": first.field, "message": first.message}
    if first.value is not None:
        facts["value"] = first.value[:SHOWN]
    if others:
        facts["also"] = "; ".join(f"{other.field}: {other.message}" for other in others)
    return Skip(key, first.reason, facts)
