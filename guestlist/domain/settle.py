"""What a record's decision and the CRMs' answers amount to: an end, or another look later."""

from dataclasses import replace
from datetime import datetime, timedelta

from guestlist.domain import verdict
from guestlist.domain.ending import Applied, Ended, Later, LinkTo, Patience
from guestlist.domain.errors import (
    Misconfigured,
    MissingScope,
    RetryLater,
    Split,
    SyncError,
    Unauthorized,
    Waiting,
)
from guestlist.domain.explain import describe
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Group, Reason
from guestlist.domain.verdict import Recovery, Verdict
from guestlist.domain.way import Way, way
from guestlist.domain.write import (
    Accepted,
    Conflict,
    Decision,
    Plan,
    Postponed,
    Refused,
    Skip,
    Unknown,
)
from schemas.records import Crm

_HELD_GROUPS = frozenset({Group.IN_STEP, Group.GATE, Group.WAITING, Group.GONE})
LOOKS_FOR_TWIN = 2
"""Attempts after which a record in the way is no twin of ours: nothing new would be found."""
ALLOWANCE_AGAIN_S = 900.0
"""How often a used-up allowance of a CRM is tried again."""
MISCONFIGURED_AGAIN_S = 300.0
"""How often a setting or credential that a person has to mend is tried again."""


def settle(decision: Decision, applied: Applied, patience: Patience) -> Ended | Later:
    """Return what becomes of one record after its decision was carried out."""
    match decision:
        case Skip():
            return _settle_skip(decision, patience)
        case Plan():
            return _settle_plan(decision, applied, patience)


def settle_error(key: str, error: SyncError, patience: Patience) -> Ended | Later:
    """Return what becomes of a record whose whole batch, or whose turn at one CRM, met *error*."""
    match error:
        case Waiting():
            at = _after(patience.now, error.seconds)
            return Later(key, at, Reason(error.reason), {"message": str(error)}, counts=False)
        case MissingScope():
            at = _after(patience.now, MISCONFIGURED_AGAIN_S)
            return Later(key, at, Reason.SCOPE_MISSING, {"message": str(error)}, counts=False)
        case Unauthorized():
            at = _after(patience.now, MISCONFIGURED_AGAIN_S)
            return Later(key, at, Reason.TOKEN_EXPIRED, {"message": str(error)}, counts=False)
        case Misconfigured():
            at = _after(patience.now, MISCONFIGURED_AGAIN_S)
            return Later(key, at, Reason.FIELD_GONE, {"message": str(error)}, counts=False)
        case _:
            refused = _refused_whole(error)
            return _again(key, None, Reason.RETRY_AT, refused, patience)


def _refused_whole(error: SyncError) -> Refused:
    """Keep what a CRM's support would ask for of a call that failed as a whole."""
    kind = type(error).__name__
    match error:
        case Split(refused=refused):
            return replace(refused, code=refused.code or kind)
        case RetryLater():
            return Refused(kind, str(error), correlation_id=error.correlation_id)
        case _:
            return Refused(kind, str(error))


def planned_outcome(decision: Decision) -> tuple[Outcome, Reason]:
    """Return how a record will end if both CRMs accept what is decided about it."""
    match decision:
        case Skip():
            held = decision.repair or describe(decision.reason).group in _HELD_GROUPS
            return (Outcome.HELD if held else Outcome.FAILED, decision.reason)
        case Plan(writes=False):
            return (Outcome.UNCHANGED, Reason.UNCHANGED)
        case Plan(twin=None) | Plan(record_id=None):
            return (Outcome.CREATED, decision.because)
        case Plan():
            return (Outcome.UPDATED, decision.because)


def _settle_skip(skip: Skip, patience: Patience) -> Ended | Later:
    if skip.repair:
        at = _after(patience.now, MISCONFIGURED_AGAIN_S)
        return Later(skip.key, at, skip.reason, skip.facts, counts=False)
    if skip.retry_at and patience.attempts < patience.retries.attempts:
        return Later(skip.key, skip.retry_at, skip.reason, skip.facts)
    outcome, reason = planned_outcome(skip)
    refuses = skip.facts.get("crm") if outcome is Outcome.FAILED else None
    meant = way([Crm(refuses)] if refuses in set(Crm) else [])
    return Ended(skip.key, outcome, reason, skip.facts, way=meant)


def _settle_plan(plan: Plan, applied: Applied, patience: Patience) -> Ended | Later:
    short = _fallen_short(plan, applied, patience)
    if short is not None:
        return short._replace(conflicts=_carried_out(plan, applied))
    end = _succeed(plan, applied)
    if plan.only_links:
        return Later(plan.key, patience.now, plan.because, {}, counts=False, link=end.link)
    if plan.because is Reason.EMAIL_ONLY and plan.record_id is None:
        at = _after(patience.now, patience.settle_s)
        return Later(plan.key, at, Reason.EMAIL_ONLY, {}, counts=False, link=end.link)
    return end


def _carried_out(plan: Plan, applied: Applied) -> tuple[Conflict, ...]:
    """Return the conflicts whose loser was overwritten."""
    taken = {
        Crm.HUBSPOT: isinstance(applied.salesforce, Accepted),
        Crm.SALESFORCE: isinstance(applied.hubspot, Accepted),
    }
    return tuple(each for each in plan.conflicts if taken[each.winner])


def _fallen_short(plan: Plan, applied: Applied, patience: Patience) -> Ended | Later | None:
    """Return what becomes of a record of which not all was taken; ``None``: all was."""
    for crm, result, classify in (
        (Crm.SALESFORCE, applied.salesforce, verdict.of_salesforce),
        (Crm.HUBSPOT, applied.hubspot, verdict.of_hubspot),
    ):
        match result:
            case Refused():
                return _settle_refusal(plan.key, crm, result, classify(result), patience)
            case Unknown():
                refusal = Refused("NO_ANSWER", result.message, correlation_id=result.correlation_id)
                end = _again(plan.key, crm, Reason.RETRY_AT, refusal, patience)
                return end._replace(doubtful=plan.sent)
            case Postponed():
                at = _after(patience.now, result.seconds)
                return Later(plan.key, at, Reason(result.reason), {}, counts=False)
            case Accepted() | None:
                pass
    return settle_error(plan.key, applied.unsent, patience) if applied.unsent else None


def _succeed(plan: Plan, applied: Applied) -> Ended:
    record_id, twin = plan.record_id, plan.twin
    created = False
    if isinstance(applied.salesforce, Accepted) and plan.salesforce:
        twin = (plan.salesforce.type, applied.salesforce.id)
        created = applied.salesforce.created
    if isinstance(applied.hubspot, Accepted) and record_id is None:
        record_id = applied.hubspot.id
        created = True
    outcome, reason = Outcome.UNCHANGED, Reason.UNCHANGED
    if plan.writes:
        outcome, reason = Outcome.CREATED if created else Outcome.UPDATED, plan.because
    link = None
    if record_id and twin and not plan.removal:
        link = LinkTo(record_id, *twin, plan.agreed, plan.outside, plan.replaces)
    return Ended(
        plan.key,
        outcome,
        reason,
        {},
        plan.changes,
        link,
        conflicts=plan.conflicts,
        restored=plan.restored,
        arrived=plan.arrived,
        way=_went(plan),
    )


def _went(plan: Plan) -> Way:
    removed = plan.removal.crm if plan.removal else None
    salesforce = Crm.SALESFORCE if plan.salesforce else None
    return way([salesforce, Crm.HUBSPOT if plan.hubspot else None, removed])


def _settle_refusal(
    key: str, crm: Crm, refused: Refused, judged: Verdict, patience: Patience
) -> Ended | Later:
    match judged.recovery:
        case Recovery.RELINK if _looked_enough(judged, patience):
            return _fail(key, crm, judged.reason, refused)
        case Recovery.RETRY | Recovery.RELINK | Recovery.REREAD:
            return _again(key, crm, judged.reason, refused, patience)
        case Recovery.HOLD:
            at = _after(patience.now, ALLOWANCE_AGAIN_S)
            return Later(key, at, judged.reason, {"message": refused.message}, counts=False)
        case Recovery.REJECT | Recovery.MISCONFIGURED:
            return _fail(key, crm, judged.reason, refused)


def _looked_enough(judged: Verdict, patience: Patience) -> bool:
    """A duplicate rule goes by more than our keys: looking by these again finds nothing new,
    and costs a read and a write.
    """
    return judged.reason is Reason.DUP_SF_RULE or patience.attempts >= LOOKS_FOR_TWIN


def _again(
    key: str, crm: Crm | None, reason: Reason, refused: Refused, patience: Patience
) -> Ended | Later:
    at = patience.next()
    if at is None:
        return _fail(key, crm, reason, refused)
    return Later(key, at, reason, {"message": refused.message})


def _fail(key: str, crm: Crm | None, reason: Reason, refused: Refused) -> Ended:
    facts = {"code": refused.code, "message": refused.message}
    if refused.fields:
        facts["fields"] = ", ".join(refused.fields)
    if refused.existing_ids:
        facts["ids"] = ", ".join(refused.existing_ids)
    meant = way([crm])
    return Ended(key, Outcome.FAILED, reason, facts, refusal=refused, refused_by=crm, way=meant)


def _after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)
