"""Carry out plans, Salesforce first: the only code that reaches a CRM's write calls."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from guestlist import failpoint
from guestlist.connectors.doubt import Veto
from guestlist.domain.reason import Reason
from guestlist.domain.settle import Applied
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
    planned = [
        plan
        for plan in plans
        if plan.hubspot and isinstance(applied.get(plan.key, Applied()).salesforce, Accepted | None)
    ]
    applied |= _write_hubspot(sources, hubspot_type, planned, applied, guard)
    removing = [plan for plan in plans if plan.removal]
    return applied | _remove(sources, hubspot_type, removing, guard) if removing else applied


def _write_salesforce(sources: Sources, plans: Sequence[Plan], guard: Guard) -> dict[str, Applied]:
    allowed, applied = _sorted_out(plans, guard)
    writes = [plan.salesforce for plan in allowed if plan.salesforce]
    veto = _veto(allowed, guard)
    results = sources.salesforce.write(writes, veto=veto) if writes else []
    for plan, result in zip(allowed, results, strict=True):
        applied[plan.key] = Applied(salesforce=result)
    return applied


def _write_hubspot(
    sources: Sources,
    hubspot_type: str,
    plans: Sequence[Plan],
    before: Mapping[str, Applied],
    guard: Guard,
) -> dict[str, Applied]:
    allowed, applied = _sorted_out(plans, guard)
    writes = [plan.hubspot for plan in allowed if plan.hubspot]
    veto = _veto(allowed, guard)
    results = sources.hubspot.write(hubspot_type, writes, veto=veto) if writes else []
    for plan, result in zip(allowed, results, strict=True):
        applied[plan.key] = before.get(plan.key, Applied())._replace(hubspot=result)
    return applied


def _remove(
    sources: Sources, hubspot_type: str, plans: Sequence[Plan], guard: Guard
) -> dict[str, Applied]:
    """Archive in HubSpot and delete in Salesforce what a person's setting says has to go."""
    allowed, applied = _sorted_out(plans, guard)
    veto = _veto(allowed, guard)
    removals = [(plan.key, plan.removal) for plan in allowed if plan.removal]
    in_hubspot = [each for each in removals if each[1].crm is Crm.HUBSPOT]
    in_salesforce = [each for each in removals if each[1].crm is Crm.SALESFORCE]
    if in_hubspot:
        ids = [each.id for _, each in in_hubspot]
        results = sources.hubspot.archive(hubspot_type, ids, veto=veto)
        for (key, _), result in zip(in_hubspot, results, strict=True):
            applied[key] = Applied(hubspot=result)
    if in_salesforce:
        rows = [(each.type, each.id) for _, each in in_salesforce]
        results = sources.salesforce.delete(rows, veto=veto)
        for (key, _), result in zip(in_salesforce, results, strict=True):
            applied[key] = Applied(salesforce=result)
    return applied


def _sorted_out(plans: Sequence[Plan], guard: Guard) -> tuple[list[Plan], dict[str, Applied]]:
    """Return the plans that may be written now, and what the others are put off for."""
    put_off = {key: Applied(result) for key, result in guard.put_off(plans).items()}
    return [plan for plan in plans if plan.key not in put_off], put_off


def _veto(plans: Sequence[Plan], guard: Guard) -> Veto:
    """Stop a write of several calls once one of its records may not be written any more."""

    def veto() -> WriteResult | None:
        return next(iter(guard.put_off(plans).values()), None)

    return veto
