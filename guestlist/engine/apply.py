"""Carry out plans, Salesforce first: the only code that reaches a CRM's write calls."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import structlog

from guestlist import failpoint
from guestlist.connectors.doubt import Veto
from guestlist.domain.errors import SyncError
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
    planned = [plan for plan in plans if plan.hubspot and _arrived(applied.get(plan.key))]
    applied |= _write_hubspot(sources, hubspot_type, planned, applied, guard)
    removing = [plan for plan in plans if plan.removal]
    return applied | _remove(sources, hubspot_type, removing, guard) if removing else applied


def _arrived(before: Applied | None) -> bool:
    """Tell whether nothing of a plan is still to be taken by Salesforce."""
    return before is None or isinstance(before.salesforce, Accepted)


def _write_salesforce(sources: Sources, plans: Sequence[Plan], guard: Guard) -> dict[str, Applied]:
    allowed, applied = _sorted_out(plans, guard)
    writes = [plan.salesforce for plan in allowed if plan.salesforce]
    veto = _veto(allowed, guard)
    return applied | _answered(
        allowed, {}, Crm.SALESFORCE, lambda: sources.salesforce.write(writes, veto=veto)
    )


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
    return applied | _answered(
        allowed, before, Crm.HUBSPOT, lambda: sources.hubspot.write(hubspot_type, writes, veto=veto)
    )


def _remove(
    sources: Sources, hubspot_type: str, plans: Sequence[Plan], guard: Guard
) -> dict[str, Applied]:
    """Archive in HubSpot and delete in Salesforce what a person's setting says has to go."""
    allowed, applied = _sorted_out(plans, guard)
    veto = _veto(allowed, guard)
    of = {
        crm: [plan for plan in allowed if plan.removal and plan.removal.crm is crm] for crm in Crm
    }
    ids = [plan.removal.id for plan in of[Crm.HUBSPOT] if plan.removal]
    rows = [(plan.removal.type, plan.removal.id) for plan in of[Crm.SALESFORCE] if plan.removal]
    applied |= _answered(
        of[Crm.HUBSPOT],
        {},
        Crm.HUBSPOT,
        lambda: sources.hubspot.archive(hubspot_type, ids, veto=veto),
    )
    return applied | _answered(
        of[Crm.SALESFORCE], {}, Crm.SALESFORCE, lambda: sources.salesforce.delete(rows, veto=veto)
    )


def _answered(
    plans: Sequence[Plan],
    before: Mapping[str, Applied],
    crm: Crm,
    send: Callable[[], Sequence[WriteResult]],
) -> dict[str, Applied]:
    """Return the answers so far with those of one side, which may take nothing of it at all.

    What the other side took, and whoever has no part in this, counts all the same.
    """
    so_far = [(plan.key, before.get(plan.key, Applied())) for plan in plans]
    if not plans:
        return {}
    try:
        results = send()
    except SyncError as error:
        log = structlog.get_logger()
        log.warning("nothing_sent", crm=crm.value, records=len(plans), error=type(error).__name__)
        return {key: each._replace(unsent=error) for key, each in so_far}
    return {
        key: each._replace(salesforce=result)
        if crm is Crm.SALESFORCE
        else each._replace(hubspot=result)
        for (key, each), result in zip(so_far, results, strict=True)
    }


def _sorted_out(plans: Sequence[Plan], guard: Guard) -> tuple[list[Plan], dict[str, Applied]]:
    """Return the plans that may be written now, and what the others are put off for."""
    put_off = {key: Applied(result) for key, result in guard.put_off(plans).items()}
    return [plan for plan in plans if plan.key not in put_off], put_off


def _veto(plans: Sequence[Plan], guard: Guard) -> Veto:
    """Stop a write of several calls once one of its records may not be written any more."""

    def veto() -> WriteResult | None:
        return next(iter(guard.put_off(plans).values()), None)

    return veto
