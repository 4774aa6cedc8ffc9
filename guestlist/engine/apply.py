"""Carry out plans, Salesforce first: the only code that reaches a CRM's write calls."""

from collections.abc import Callable, Mapping, Sequence

from guestlist import failpoint
from guestlist.connectors.doubt import Veto
from guestlist.domain.reason import Reason
from guestlist.domain.settle import Applied
from guestlist.domain.write import Accepted, Plan, Postponed, WriteResult
from guestlist.engine.sources import Sources
from schemas.records import Crm

Held = Callable[[Plan], Reason | None]
"""Why a plan may not be written right now; ``None``: it may."""


def apply(
    sources: Sources, hubspot_type: str, plans: Sequence[Plan], *, held: Held
) -> dict[str, Applied]:
    """Return each plan's answers by record key.

    *held* is asked for each record right before each of the calls: the lease, the membership
    proof or the settings may have run out since it was decided.  A record whose Salesforce write
    did not succeed is not written to HubSpot either.
    """
    applied = _write_salesforce(sources, [plan for plan in plans if plan.salesforce], held)
    failpoint.hit("write.between")
    planned = [
        plan
        for plan in plans
        if plan.hubspot and isinstance(applied.get(plan.key, Applied()).salesforce, Accepted | None)
    ]
    applied |= _write_hubspot(sources, hubspot_type, planned, applied, held)
    removing = [plan for plan in plans if plan.removal]
    return applied | _remove(sources, hubspot_type, removing, held) if removing else applied


def _write_salesforce(sources: Sources, plans: Sequence[Plan], held: Held) -> dict[str, Applied]:
    allowed, applied = _sorted_out(plans, held)
    writes = [plan.salesforce for plan in allowed if plan.salesforce]
    results = sources.salesforce.write(writes, veto=_veto(allowed, held)) if writes else []
    for plan, result in zip(allowed, results, strict=True):
        applied[plan.key] = Applied(salesforce=result)
    return applied


def _write_hubspot(
    sources: Sources,
    hubspot_type: str,
    plans: Sequence[Plan],
    before: Mapping[str, Applied],
    held: Held,
) -> dict[str, Applied]:
    allowed, applied = _sorted_out(plans, held)
    writes = [plan.hubspot for plan in allowed if plan.hubspot]
    veto = _veto(allowed, held)
    results = sources.hubspot.write(hubspot_type, writes, veto=veto) if writes else []
    for plan, result in zip(allowed, results, strict=True):
        applied[plan.key] = before.get(plan.key, Applied())._replace(hubspot=result)
    return applied


def _remove(
    sources: Sources, hubspot_type: str, plans: Sequence[Plan], held: Held
) -> dict[str, Applied]:
    """Archive in HubSpot and delete in Salesforce what a person's setting says has to go."""
    allowed, applied = _sorted_out(plans, held)
    removals = [(plan.key, plan.removal) for plan in allowed if plan.removal]
    in_hubspot = [each for each in removals if each[1].crm is Crm.HUBSPOT]
    in_salesforce = [each for each in removals if each[1].crm is Crm.SALESFORCE]
    if in_hubspot:
        results = sources.hubspot.archive(hubspot_type, [each.id for _, each in in_hubspot])
        for (key, _), result in zip(in_hubspot, results, strict=True):
            applied[key] = Applied(hubspot=result)
    if in_salesforce:
        results = sources.salesforce.delete([(each.type, each.id) for _, each in in_salesforce])
        for (key, _), result in zip(in_salesforce, results, strict=True):
            applied[key] = Applied(salesforce=result)
    return applied


def _sorted_out(plans: Sequence[Plan], held: Held) -> tuple[list[Plan], dict[str, Applied]]:
    """Return the plans that may be written now, and what the others are put off for."""
    reasons = {plan.key: held(plan) for plan in plans}
    put_off = {key: Applied(Postponed(0.0, reason)) for key, reason in reasons.items() if reason}
    return [plan for plan in plans if plan.key not in put_off], put_off


def _veto(plans: Sequence[Plan], held: Held) -> Veto:
    """Stop a write of several calls once a lease or proof has run out on the way."""

    def veto() -> WriteResult | None:
        reasons = (held(plan) for plan in plans)
        return next((Postponed(0.0, reason) for reason in reasons if reason), None)

    return veto
