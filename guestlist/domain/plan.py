"""What to do with one record that passed the gate: compare both sides, decide every field.

The hot path: a thousand records a call, and most of them agree already.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from guestlist.domain import canonical
from guestlist.domain.draft import Draft
from guestlist.domain.hold import Hold
from guestlist.domain.mapping import CompiledMapping, FieldPair
from guestlist.domain.merge import merge
from guestlist.domain.straggler import Late
from guestlist.domain.write import (
    Agreed,
    Change,
    Conflict,
    HubSpotWrite,
    Plan,
    SalesforceWrite,
    Sides,
    Skip,
    Straggler,
)
from schemas.mapping import SyncRule
from schemas.records import Crm, HubSpotRecord, SalesforceRecord

_NEVER_MERGED: frozenset[str] = frozenset()
_BLANK = Sides(None, None)


class History(NamedTuple):
    """What a plan may need to know besides the values of both sides."""

    changed_at: Mapping[str, datetime] = MappingProxyType({})
    """HubSpot property -> when it last changed, where that was asked."""
    lost: Mapping[str, str | None] = MappingProxyType({})
    """Property -> the value of a lost conflict that a person wants back."""
    late: Mapping[str, Late] = MappingProxyType({})
    """Property -> values of ours that may still arrive."""


NO_HISTORY = History()


def plan(
    record: HubSpotRecord,
    twin: SalesforceRecord | None,
    agreed: Agreed | None,
    mapping: CompiledMapping,
    history: History = NO_HISTORY,
    *,
    marked: bool = True,
) -> Plan | Skip:
    """Return the writes that bring both sides in step, or why there can be none.

    Without a twin it is created, by upsert on the external id.  A record is refused whole when
    one of its values is: a person repairs it once, and nothing arrives by halves.  *marked*: the
    twin shall carry our id; it can not while another Salesforce record does.
    """
    if twin is None:
        blocked = mapping.created_type.blocked
        return _waiting(record, blocked) if blocked else _creation(record, mapping)
    draft = _compared(record, twin, agreed or {}, mapping, history, into_salesforce=True)
    external_id = mapping.object.external_id
    held = canonical.text(twin.fields.get(external_id))
    if marked and (held is None or held in merged_ids(record)):
        draft.salesforce[external_id] = record.id
        draft.changes.append(Change(Crm.SALESFORCE, external_id, held, record.id))
    write = SalesforceWrite(twin.type, twin.id, external_id, record.id, draft.salesforce)
    return draft.finish(
        salesforce=write if draft.salesforce else None,
        hubspot=_hubspot_write(record, draft),
        twin=(twin.type, twin.id),
    )


def plan_into_hubspot(
    record: HubSpotRecord, twin: SalesforceRecord, mapping: CompiledMapping
) -> Plan | Skip:
    """Return what Salesforce's new record brings to a contact that may not sync the other way."""
    draft = _compared(record, twin, {}, mapping, NO_HISTORY, into_salesforce=False)
    return draft.finish(
        salesforce=None,
        hubspot=_hubspot_write(record, draft),
        twin=(twin.type, twin.id),
    )


def merged_ids(record: HubSpotRecord) -> frozenset[str]:
    """Return the ids of the records that were merged into this one.

    HubSpot: ``hs_merged_object_ids``, joined by semicolons; a merge makes a new record.
    """
    joined = record.properties.get("hs_merged_object_ids")
    if not joined:
        return _NEVER_MERGED
    return frozenset(part.strip() for part in joined.split(";")) - {"", record.id}


def _hubspot_write(record: HubSpotRecord, draft: Draft) -> HubSpotWrite | None:
    return HubSpotWrite(record.id, draft.hubspot) if draft.hubspot else None


def _creation(record: HubSpotRecord, mapping: CompiledMapping) -> Plan | Skip:
    created = mapping.created_type
    properties = record.properties
    draft = Draft(record.id)
    for pair in created.pairs:
        hubspot = salesforce = pair.read_hubspot(properties.get(pair.hubspot))
        if hubspot is None:
            salesforce = pair.when_blank
        if not pair.fills_creation:
            salesforce = None
        if pair.within and salesforce is not None:
            alone = Sides(hubspot, None)
            salesforce = pair.within(alone, None, Sides(hubspot, salesforce)).salesforce
        if salesforce is not None:
            draft.write_salesforce(pair, before=None, after=salesforce)
        # Remembered although blank: what Salesforce puts there by itself is a change then.
        if hubspot is not None or salesforce is not None or pair.within:
            draft.agreed[pair.hubspot] = Sides(hubspot, salesforce)
    if not draft.refusals:
        for name in created.required:
            if name not in draft.salesforce:
                draft.refuse_missing(name)
    write = SalesforceWrite(
        created.type,
        None,
        mapping.object.external_id,
        record.id,
        draft.salesforce,
        assign=created.type == "Lead" and "OwnerId" not in draft.salesforce,
    )
    return draft.finish(salesforce=write, hubspot=None, twin=None)


def _waiting(record: HubSpotRecord, hold: Hold) -> Skip:
    facts = {"field": hold.name, "message": hold.message}
    return Skip(record.id, hold.reason, facts, repair=True)


def _compared(
    record: HubSpotRecord,
    twin: SalesforceRecord,
    agreed: Agreed,
    mapping: CompiledMapping,
    history: History,
    *,
    into_salesforce: bool,
) -> Draft:
    """Go through every pair of fields; where the sides differ, the rule decides.

    What was agreed on about a field that is held stays as it is.
    """
    properties, fields = record.properties, twin.fields
    draft = Draft(record.id)
    compiled = mapping.types[twin.type]
    if compiled.held:
        draft.agreed |= {name: agreed[name] for name in compiled.held if name in agreed}
    for pair in compiled.pairs:
        known = before = agreed.get(pair.hubspot)
        hubspot = pair.read_hubspot(properties.get(pair.hubspot))
        if hubspot is None:
            hubspot = pair.blank
        salesforce = pair.read_salesforce(fields.get(pair.salesforce))
        if known is None and hubspot is None and salesforce is None and not history.lost:
            continue
        if known is None or known != (hubspot, salesforce):
            known = Sides(hubspot, salesforce)
        if pair.hubspot in history.lost:
            known = _restore(draft, pair, known, history.lost[pair.hubspot])
        elif hubspot != salesforce and not _second_address(record, pair, salesforce, mapping):
            times = _times(record, twin, pair, history)
            terms = _Terms(before, times, history.late.get(pair.hubspot))
            known = _decide(draft, pair, known, terms, into_salesforce=into_salesforce)
        if known != _BLANK:
            draft.agreed[pair.hubspot] = known
    return draft


def _second_address(
    record: HubSpotRecord, pair: FieldPair, salesforce: str | None, mapping: CompiledMapping
) -> bool:
    """Tell whether Salesforce holds an additional address of the contact: both mean one person."""
    if salesforce is None or pair.hubspot != mapping.match_property:
        return False
    return salesforce in mapping.match_values(record)


class _Times(NamedTuple):
    hubspot: datetime
    salesforce: datetime


class _Terms(NamedTuple):
    agreed: Sides | None
    times: _Times
    late: Late | None


def _note_arrivals(draft: Draft, pair: FieldPair, now: Sides, believed: Sides) -> None:
    """What is there and not believed is a straggler that has arrived; none arrives twice."""
    if now.hubspot != believed.hubspot:
        draft.arrived.append(Straggler(draft.key, Crm.HUBSPOT, pair.hubspot, now.hubspot))
    if now.salesforce != believed.salesforce:
        draft.arrived.append(Straggler(draft.key, Crm.SALESFORCE, pair.hubspot, now.salesforce))


def _times(
    record: HubSpotRecord, twin: SalesforceRecord, pair: FieldPair, history: History
) -> _Times:
    return _Times(history.changed_at.get(pair.hubspot, record.modified_at), twin.modified_at)


def _decide(
    draft: Draft, pair: FieldPair, now: Sides, terms: _Terms, *, into_salesforce: bool
) -> Sides:
    """Write the field where the rule wants it changed; return what both sides will hold."""
    agreed, times, late = terms
    if _stands_in(pair, now, agreed):
        seen, agreed = Sides(now.hubspot, None), None
    else:
        seen = now
    believed = late.believed(seen, agreed) if late else seen
    _note_arrivals(draft, pair, seen, believed)
    wanted = merge(pair.rule, believed, agreed, hubspot_newer=times.hubspot > times.salesforce)
    if pair.within:
        wanted = pair.within(believed, agreed, wanted)
    winner = _winner(believed, wanted)
    loses = into_salesforce or winner is Crm.SALESFORCE
    if loses and wanted != believed and _clash(pair, believed, agreed):
        draft.conflicts.append(Conflict(draft.key, pair.hubspot, believed, agreed, winner, *times))
    hubspot, salesforce = now
    if wanted.hubspot != seen.hubspot and pair.hubspot_writable:
        hubspot = draft.write_hubspot(pair, before=hubspot, after=wanted.hubspot)
    if wanted.salesforce != seen.salesforce and pair.updateable and into_salesforce:
        salesforce = draft.write_salesforce(pair, before=salesforce, after=wanted.salesforce)
    return Sides(hubspot, salesforce)


def _clash(pair: FieldPair, now: Sides, agreed: Sides | None) -> bool:
    """Tell whether one side's change is lost, whichever wins.

    Of values that were left apart (the contact was in no list) neither ever reached the other side.
    """
    if pair.rule is not SyncRule.TWO_WAY:
        return False
    if agreed is None or agreed.hubspot != agreed.salesforce:
        return None not in now
    return now.hubspot != agreed.hubspot and now.salesforce != agreed.salesforce


def _winner(now: Sides, wanted: Sides) -> Crm:
    return Crm.HUBSPOT if wanted.hubspot == now.hubspot else Crm.SALESFORCE


def _restore(draft: Draft, pair: FieldPair, now: Sides, lost: str | None) -> Sides:
    """Give both sides the value that lost a conflict, whatever the rule says."""
    hubspot, salesforce = now
    wanted = Sides(lost, lost)
    if pair.within:
        wanted = pair.within(now, _BLANK, wanted)
    if hubspot != wanted.hubspot and pair.hubspot_writable:
        hubspot = draft.write_hubspot(pair, before=hubspot, after=wanted.hubspot)
    if salesforce != wanted.salesforce and pair.updateable:
        salesforce = draft.write_salesforce(pair, before=salesforce, after=wanted.salesforce)
    draft.restored.append(pair.hubspot)
    return Sides(hubspot, salesforce)


def _stands_in(pair: FieldPair, now: Sides, agreed: Sides | None) -> bool:
    """Tell whether Salesforce holds our own ``when_blank``, which is a blank by another name."""
    if pair.when_blank is None or now.salesforce != pair.when_blank:
        return False
    if agreed is None:
        return now.hubspot is None
    return agreed == (None, pair.when_blank)
