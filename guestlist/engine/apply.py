"""Carry out plans, Salesforce first: the only code that reaches a CRM's write calls."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import structlog

from guestlist import failpoint
from guestlist.connectors.doubt import Veto
from guestlist.domain.ending import Applied
from guestlist.domain.errors import SyncError
from guestlist.domain.reason import Reason
from guestlist.domain.write import Accepted, Plan, Postponed, WriteResult
from guestlist.engine.sources import Sources
from schemas.records import Crm


class Guard(NamedTuple):
    """What is asked right before each call: much may have changed since it was decided."""

    stopped: Callable[[], Reason | None]
    """Why nobody writes anything now; ``None``: they may."""
    held: Callable[[Plan], Reason | None]
    """Why one plan may not be written now: its lease or its membership proof ran out."""

    def put_off(self, plans: Sequence[Plan]) -> dict[str, Postponed]:
        """Return, by key, those of *plans* that may not be written now."""
        stopped = self.stopped() if plans else None
        reasons = {plan.key: stopped or self.held(plan) for plan in plans}
        return {key: Postponed(0.0, reason) for key, reason in reasons.items() if reason}


def apply(
    sources: Sources, hubspot_type: str, plans: Sequence[Plan], *, guard: Guard
) -> dict[str, Applied]:
    """Return each plan's answers by record key.

    A record whose Salesforce write did not succeed is not written to HubSpot either.
    """
    applied = _write_salesforce(sources, [plan for plan in plans if plan.salesforce], guard)
    failpoint.hit("write.between")
    planned = [plan for plan in plans if plan.hubspot and _arrived(applied.get(plan.key))]
    applied |= _write_hubspot(sources, hubspot_type, planned, applied, guard)
    removing = [plan for plan in plans if plan.removal]
    return applied | _remove(sources, hubspot_type, removing, guard) if removing else applied


def _arrived(before: Applied | None) -> bool:
    """Tell whether nothing of a plan is still to be taken by Salesforce."""
    return before is None or isinstance(before.salesforce, Accepted)


def _write_salesforce(sources: Sources, plans: Sequence[Plan], guard: Guard) -> dict[str, Applied]:
    def send(allowed: Sequence[Plan], veto: Veto) -> Sequence[WriteResult]:
        writes = [plan.salesforce for plan in allowed if plan.salesforce]
        return sources.salesforce.write(writes, veto=veto)

    return _carried_out(Crm.SALESFORCE, plans, {}, guard, send)


def _write_hubspot(
    sources: Sources,
    hubspot_type: str,
    plans: Sequence[Plan],
    before: Mapping[str, Applied],
    guard: Guard,
) -> dict[str, Applied]:
    def send(allowed: Sequence[Plan], veto: Veto) -> Sequence[WriteResult]:
        writes = [plan.hubspot for plan in allowed if plan.hubspot]
        return sources.hubspot.write(hubspot_type, writes, veto=veto)

    return _carried_out(Crm.HUBSPOT, plans, before, guard, send)


def _remove(
    sources: Sources, hubspot_type: str, plans: Sequence[Plan], guard: Guard
) -> dict[str, Applied]:
    """Archive in HubSpot and delete in Salesforce what a person's setting says has to go."""

    def archive(allowed: Sequence[Plan], veto: Veto) -> Sequence[WriteResult]:
        ids = [plan.removal.id for plan in allowed if plan.removal]
        return sources.hubspot.archive(hubspot_type, ids, veto=veto)

    def delete(allowed: Sequence[Plan], veto: Veto) -> Sequence[WriteResult]:
        rows = [(plan.removal.type, plan.removal.id) for plan in allowed if plan.removal]
        return sources.salesforce.delete(rows, veto=veto)

    applied: dict[str, Applied] = {}
    for crm, send in ((Crm.HUBSPOT, archive), (Crm.SALESFORCE, delete)):
        theirs = [plan for plan in plans if plan.removal and plan.removal.crm is crm]
        applied |= _carried_out(crm, theirs, {}, guard, send)
    return applied


def _carried_out(
    crm: Crm,
    plans: Sequence[Plan],
    before: Mapping[str, Applied],
    guard: Guard,
    send: Callable[[Sequence[Plan], Veto], Sequence[WriteResult]],
) -> dict[str, Applied]:
    """Return the answers *before* with those of one side, which may take nothing of it at all.

    What the other side took, and whoever has no part in this, counts all the same.
    """
    so_far = {plan.key: before.get(plan.key, Applied()) for plan in plans}
    results: dict[str, WriteResult] = {**guard.put_off(plans)}
    allowed = [plan for plan in plans if plan.key not in results]
    unsent: SyncError | None = None
    try:
        answers = send(allowed, _veto(allowed, guard)) if allowed else []
        results |= {plan.key: answer for plan, answer in zip(allowed, answers, strict=True)}
    except SyncError as error:
        unsent, kind = error, type(error).__name__
        log = structlog.get_logger()
        log.warning("nothing_sent", crm=crm.value, records=len(allowed), error=kind)
    return {
        key: _answered(each, crm, results[key]) if key in results else each._replace(unsent=unsent)
        for key, each in so_far.items()
    }


def _answered(before: Applied, crm: Crm, result: WriteResult) -> Applied:
    match crm:
        case Crm.SALESFORCE:
            return before._replace(salesforce=result)
        case Crm.HUBSPOT:
            return before._replace(hubspot=result)


def _veto(plans: Sequence[Plan], guard: Guard) -> Veto:
    """Stop a write of several calls once one of its records may not be written any more."""

    def veto() -> WriteResult | None:
        return next(iter(guard.put_off(plans).values()), None)

    return veto
