"""Carry out plans, Salesforce first: the only code that reaches a CRM's write calls."""

from collections.abc import Callable, Sequence

from guestlist.connectors.doubt import Veto
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.reason import Reason
from guestlist.domain.settle import Applied
from guestlist.domain.write import Accepted, Plan, Postponed, WriteResult

_PROOF_TOO_OLD = Postponed(0.0, Reason.LIST_UNAVAILABLE)


def apply(
    hubspot: HubSpot,
    salesforce: Salesforce,
    hubspot_type: str,
    plans: Sequence[Plan],
    *,
    may_write: Callable[[str], bool],
) -> dict[str, Applied]:
    """Return each plan's answers by record key.

    *may_write* is asked for each record right before each of the two calls: it is False
    once the lease or the membership proof has run out.  A record whose Salesforce write
    did not succeed is not written to HubSpot either.
    """
    applied = _apply_salesforce(salesforce, plans, may_write)
    return applied | _apply_hubspot(hubspot, hubspot_type, plans, applied, may_write)


def _apply_salesforce(
    salesforce: Salesforce, plans: Sequence[Plan], may_write: Callable[[str], bool]
) -> dict[str, Applied]:
    planned = [plan for plan in plans if plan.salesforce]
    allowed = [plan for plan in planned if may_write(plan.key)]
    writes = [plan.salesforce for plan in allowed if plan.salesforce]
    results = salesforce.write(writes, veto=_veto(allowed, may_write)) if writes else []
    applied = {plan.key: Applied(salesforce=_PROOF_TOO_OLD) for plan in planned}
    for plan, result in zip(allowed, results, strict=True):
        applied[plan.key] = Applied(salesforce=result)
    return applied


def _apply_hubspot(
    hubspot: HubSpot,
    hubspot_type: str,
    plans: Sequence[Plan],
    applied: dict[str, Applied],
    may_write: Callable[[str], bool],
) -> dict[str, Applied]:
    planned = [
        plan
        for plan in plans
        if plan.hubspot and isinstance(_salesforce_result(applied, plan.key), Accepted | None)
    ]
    allowed = [plan for plan in planned if may_write(plan.key)]
    writes = [plan.hubspot for plan in allowed if plan.hubspot]
    veto = _veto(allowed, may_write)
    results = hubspot.write(hubspot_type, writes, veto=veto) if writes else []
    answers = {
        plan.key: Applied(_salesforce_result(applied, plan.key), _PROOF_TOO_OLD) for plan in planned
    }
    for plan, result in zip(allowed, results, strict=True):
        answers[plan.key] = Applied(_salesforce_result(applied, plan.key), result)
    return answers


def _veto(plans: Sequence[Plan], may_write: Callable[[str], bool]) -> Veto:
    """Stop a write of several calls once a lease or proof has run out on the way."""
    return lambda: None if all(may_write(plan.key) for plan in plans) else _PROOF_TOO_OLD


def _salesforce_result(applied: dict[str, Applied], key: str) -> WriteResult | None:
    return applied[key].salesforce if key in applied else None
