"""One record's way: gate, match, plan.  Sync, dry run and explain all come through here."""

from collections.abc import Iterable
from datetime import datetime

from guestlist.domain import canonical
from guestlist.domain.entry import entry
from guestlist.domain.facts import Facts, Look
from guestlist.domain.gate import Inclusion, admit
from guestlist.domain.intent import begun, intended, reached
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.match import Found, Identity, Linked, Match, NoTwin, match
from guestlist.domain.membership import OUT
from guestlist.domain.outcome import RunKind
from guestlist.domain.plan import merged_ids, plan, plan_into_hubspot
from guestlist.domain.reason import Reason
from guestlist.domain.seen import believed, seen_in
from guestlist.domain.write import Agreed, Decision, Plan, Removal, Skip
from schemas.mapping import DeletePolicy, DuplicateMode
from schemas.records import Crm, HubSpotRecord, SalesforceRecord


def decide(
    facts: Facts, inclusion: Inclusion | None, mapping: CompiledMapping, look: Look
) -> Decision:
    """Return the plan for one record, or why there is none."""
    match _decide(facts, inclusion, mapping, look):
        case Skip() as skip:
            return _perhaps_late(facts, skip)._replace(key=facts.key)
        case Plan() as plan:
            record = facts.record
            return plan._replace(
                key=facts.key,
                record_id=record.id if record else None,
                replaces=tuple(sorted(merged_ids(record))) if record else (),
            )


def _perhaps_late(facts: Facts, skip: Skip) -> Skip:
    """Tell of who is out of the list that a write of ours may have arrived after they left it."""
    if skip.reason not in OUT or not facts.history.late:
        return skip
    told = "a write that was never answered may have arrived after it left"
    return skip._replace(facts={**skip.facts, "late_exit": told})


def _decide(
    facts: Facts, inclusion: Inclusion | None, mapping: CompiledMapping, look: Look
) -> Decision:
    record = facts.record
    if record is None and facts.origin is not None:
        return _enter(facts, facts.origin, inclusion, mapping, look)
    if record is None or record.archived:
        return _gone(facts, inclusion, mapping)
    mapping = seen_in(record, mapping)
    refusal = admit(
        record,
        facts.proof,
        inclusion,
        now=look.now,
        guards=look.guards,
        email_property=mapping.email_property,
        linked=facts.twin is not None,
        outside=facts.left or facts.outside is not None,
    )
    if refusal:
        return _first_sync(facts, record, refusal, mapping, look) or _told(facts, refusal)
    return _pair(facts, record, mapping)


def _pair(facts: Facts, record: HubSpotRecord, mapping: CompiledMapping) -> Decision:
    if mapping.match_property and mapping.match_property not in record.properties:
        message = "HubSpot has no such property"
        told = {"field": mapping.match_property, "message": message}
        return Skip(facts.key, Reason.FIELD_GONE, told, repair=True)
    found = _match(facts, record, mapping)
    match found:
        case Skip(reason=Reason.DELETED_SF):
            wanted = mapping.object.on_salesforce_delete is DeletePolicy.ARCHIVE
            archive = wanted and facts.twin_deleted
            removal = Removal(Crm.HUBSPOT, mapping.object.hubspot_type, record.id)
            return _removed(facts, Reason.DELETED_SF, removal) if archive else found
        case Skip():
            return found
        case NoTwin() if not mapping.object.create_in_salesforce:
            return Skip(facts.key, Reason.RULE_EXCLUDED, {"side": Crm.SALESFORCE.value})
        case NoTwin():
            return _noted(plan(record, None, None, mapping), {})
        case Linked(twin):
            return _compared(facts, record, twin, facts.agreed, mapping)
        case Found(twin):
            return _compared(facts, record, twin, _inherited(facts, twin), mapping)


def _compared(
    facts: Facts,
    record: HubSpotRecord,
    twin: SalesforceRecord,
    agreed: Agreed | None,
    mapping: CompiledMapping,
) -> Decision:
    marked = not _carried_elsewhere(facts, record, twin, mapping)
    if agreed is not None:
        agreed = believed(agreed, facts.agreed_at, record, twin, mapping)
        return plan(record, twin, agreed, mapping, facts.history, marked=marked)
    agreed = begun(facts.noted, record, twin, mapping)
    decided = plan(record, twin, agreed, mapping, facts.history, marked=marked)
    return _noted(decided, agreed or {})


def _noted(decided: Decision, before: Agreed) -> Decision:
    if isinstance(decided, Skip):
        return decided
    return decided._replace(intent=intended(decided, before))


def _inherited(facts: Facts, twin: SalesforceRecord) -> Agreed | None:
    """Return what was agreed on with the lead that became this contact: its values live on there.

    The winner of a merge has values of its own, on which nobody agreed.
    """
    became = (
        canonical.text(row.fields.get("ConvertedContactId"))
        for row in facts.candidates
        if (row.type, row.id) == facts.twin
    )
    return facts.agreed if twin.id in became else None


def _carried_elsewhere(
    facts: Facts, record: HubSpotRecord, twin: SalesforceRecord, mapping: CompiledMapping
) -> bool:
    """Tell whether a twin of before still carries our id, which Salesforce holds unique."""
    if mapping.object.duplicates is not DuplicateMode.NATIVE:
        return False
    name = mapping.object.external_id
    others = (row for row in facts.candidates if row.id != twin.id)
    return any(canonical.text(row.fields.get(name)) == record.id for row in others)


def _match(facts: Facts, record: HubSpotRecord, mapping: CompiledMapping) -> Match:
    who = Identity(
        record.id,
        aliases=merged_ids(record),
        values=mapping.match_values(record),
        link=facts.twin,
        merged_into=facts.merged_into,
    )
    return match(who, facts.candidates, mapping)


def _told(facts: Facts, refusal: Skip) -> Skip:
    """Say of a pair that was linked past the list why it waits."""
    if facts.outside is None or refusal.reason not in OUT:
        return refusal
    return refusal._replace(reason=facts.outside)


def _first_sync(
    facts: Facts, record: HubSpotRecord, refusal: Skip, mapping: CompiledMapping, look: Look
) -> Decision | None:
    """Let a person whom Salesforce just created reach the contact that is there already, once.

    HubSpot: a created lead or contact creates or syncs its contact even if that is not in the
    list; later updates wait.
    """
    origin = facts.origin
    if refusal.reason is not Reason.NOT_IN_LIST or origin is None or facts.twin is not None:
        return None
    if not mapping.object.create_in_hubspot or not _created_since(origin, look.followed_since):
        return None
    found = _match(facts, record, mapping)
    if not isinstance(found, Found) or found.record.id != origin.id:
        return None
    decided = plan_into_hubspot(record, origin, mapping)
    if isinstance(decided, Skip):
        return decided
    because = Reason.SF_CREATED_OUTSIDE_LIST
    decided = decided._replace(because=because, outside=because)
    agreed = reached(facts.noted, record, origin, mapping)
    return _noted(decided, {}) if agreed is None else decided.only_linking(agreed)


def _enter(
    facts: Facts,
    origin: SalesforceRecord,
    inclusion: Inclusion | None,
    mapping: CompiledMapping,
    look: Look,
) -> Decision:
    """Decide about somebody whom only Salesforce has.

    Past a list comes who is created while we watch, not who was there and is changed or read again.
    """
    if inclusion is not None and inclusion.problem is not None:
        return Skip(facts.key, inclusion.problem, {"type": origin.type, "id": origin.id})
    if origin.fields.get("IsConverted") is True:
        contact = canonical.text(origin.fields.get("ConvertedContactId")) or ""
        return Skip(facts.key, Reason.MERGED_INTO, {"lead": origin.id, "contact": contact})
    if owner := canonical.text(origin.fields.get(mapping.object.external_id)):
        return Skip(facts.key, Reason.DELETED_HS, {"type": origin.type, "hubspot_id": owner})
    if facts.forgotten:
        return Skip(facts.key, Reason.ERASED, {"type": origin.type, "id": origin.id})
    imported = look.kind is RunKind.IMPORT
    if not imported and not mapping.object.create_in_hubspot:
        return Skip(facts.key, Reason.RULE_EXCLUDED, {"side": Crm.HUBSPOT.value})
    known_before = not _created_since(origin, look.followed_since)
    if look.kind is RunKind.CHANGES and inclusion is not None and known_before:
        return Skip(facts.key, Reason.NOT_IN_LIST, {"type": origin.type, "id": origin.id})
    email_only = imported and inclusion is not None
    decided = entry(facts.key, origin, mapping, email_only=email_only)
    if isinstance(decided, Skip) or inclusion is None:
        return decided
    outside = Reason.EMAIL_ONLY if email_only else Reason.SF_CREATED_OUTSIDE_LIST
    return decided._replace(outside=outside)


def _created_since(origin: SalesforceRecord, since: datetime | None) -> bool:
    created = canonical.instant(str(origin.fields.get("CreatedDate") or ""))
    return since is not None and created is not None and created >= since


def _gone(facts: Facts, inclusion: Inclusion | None, mapping: CompiledMapping) -> Decision:
    """Decide what a contact's end means for its twin: nothing, unless a person said so."""
    reason = Reason.ERASED if facts.erased else Reason.DELETED_HS
    usable = inclusion is None or inclusion.problem is None
    delete = mapping.object.on_hubspot_delete is DeletePolicy.DELETE
    if facts.twin is None or facts.left or facts.outside or not (usable and delete):
        return Skip(facts.key, reason, _end(facts))
    twin = next((row for row in facts.candidates if (row.type, row.id) == facts.twin), None)
    if twin is None:
        return Skip(facts.key, reason, _end(facts))
    return _removed(facts, reason, Removal(Crm.SALESFORCE, twin.type, twin.id))


def _end(facts: Facts) -> dict[str, str]:
    """Say when a contact ended, where HubSpot tells it, and whose twin that was."""
    told = {"type": facts.twin[0], "id": facts.twin[1]} if facts.twin else {}
    archived_at = facts.record.archived_at if facts.record else None
    return told | ({"archived_at": archived_at.isoformat()} if archived_at else {})


def _removed(facts: Facts, because: Reason, removal: Removal) -> Plan:
    return Plan(
        key=facts.key,
        salesforce=None,
        hubspot=None,
        agreed=facts.agreed or {},
        changes=(),
        twin=facts.twin,
        because=because,
        removal=removal,
    )


def decide_all(
    facts: Iterable[Facts], inclusion: Inclusion | None, mapping: CompiledMapping, look: Look
) -> list[Decision]:
    """Decide each record on its own; the second to claim one twin, or one address, waits or loses.

    Two keys may name one record, each by another CRM's id: the second looks again once the first
    is written.
    """
    decisions: list[Decision] = []
    taken: dict[tuple[str, str], str | None] = {}
    for each in facts:
        decision = decide(each, inclusion, mapping, look)
        if isinstance(decision, Plan):
            record_id = decision.record_id
            claims = _claims(decision, mapping)
            rival = next((claim for claim in claims if claim in taken), None)
            if rival is None:
                taken |= dict.fromkeys(claims, record_id)
            elif record_id is None or taken[rival] in {None, record_id}:
                decision = Skip(each.key, Reason.QUEUED, retry_at=look.now)
            else:
                facts_of = {"type": rival[0], "id": rival[1]}
                decision = Skip(each.key, Reason.EMAIL_IN_USE, facts_of)
        decisions.append(decision)
    return decisions


def _claims(decision: Plan, mapping: CompiledMapping) -> list[tuple[str, str]]:
    """Name what no second plan of a batch may touch: the twin, and the address of a new contact."""
    claims = [decision.twin] if decision.twin else []
    created = decision.hubspot if decision.hubspot and decision.hubspot.id is None else None
    if created and mapping.match_property:
        claims.append((mapping.match_property, created.properties[mapping.match_property]))
    return claims
