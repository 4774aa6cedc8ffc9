"""Sync a batch of a run's records: gather, decide, apply, record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import structlog

from guestlist import failpoint
from guestlist.domain.ages import Ages
from guestlist.domain.decide import Facts
from guestlist.domain.errors import Fault, SyncError
from guestlist.domain.gate import Inclusion, Proof
from guestlist.domain.overwritten import asking
from guestlist.domain.reason import Reason
from guestlist.domain.settle import Applied, Ended, Later, Patience, settle, settle_error
from guestlist.domain.write import Decision, Plan
from guestlist.engine.aftermath import (
    late_exits,
    proof_ages,
    with_overwritten,
    with_replaced,
    written,
)
from guestlist.engine.apply import Held, apply
from guestlist.engine.gather import gather
from guestlist.engine.looking import look_for
from guestlist.engine.mapped import by_mapping, doubt_refused, doubt_unseen
from guestlist.engine.recheck import recheck
from guestlist.engine.record import NOTHING_FORESEEN, Claim, Foreseen, foresee, record
from guestlist.engine.services import Services
from guestlist.engine.sources import Sources
from guestlist.engine.sweep import wake
from guestlist.engine.weigh import weigh
from guestlist.store import runs, work
from schemas.settings import Lane


class Carried(NamedTuple):
    """What was decided about each record of a batch, and what the CRMs answered."""

    decisions: Sequence[Decision]
    applied: dict[str, Applied]
    ages: Ages
    """Of the proofs by which something was written."""
    late: frozenset[str]
    """Who left the list while we wrote."""
    foreseen: Foreseen


def sync(services: Services, run_id: str, keys: Sequence[str]) -> None:
    """Bring these records of a run to their end, or park them until they are due again.

    Doing it twice, late, or for records someone else holds does no harm: only rows whose
    lease is ours are touched, and a record that is in step is not written.
    """
    claim = _claim(services, run_id, keys)
    if claim is None:
        return
    claim = _without_lost(services, claim)
    with services.keeper.keep(lambda: _renew(services, claim)):
        _look(services, claim)
    _go_on(services, run_id)
    wake(services)


def _look(services: Services, claim: Claim) -> None:
    """Carry out a batch and record how each of its records ended."""
    retry = min(claim.attempts.values(), default=0) > 1
    sources = Sources.on(services, Lane(claim.run.lane), retry=retry)
    log = structlog.get_logger()
    ages: Ages = {}
    foreseen = NOTHING_FORESEEN
    try:
        carried = _carry_out(services, sources, claim)
    except SyncError as error:
        log.warning("batch_parked", records=len(claim.rows), error=type(error).__name__)
        endings = [_settle_error(services, claim, key, error) for key in claim.attempts]
    except Exception as error:
        _record_fault(services, claim, type(error).__name__, sources.calls)
        raise
    else:
        ages, foreseen = carried.ages, carried.foreseen
        endings = [_settle(services, claim, carried, each) for each in carried.decisions]
    calls, now = sources.calls, services.clock()
    ended = record(
        services.database, claim, endings, calls=calls, ages=ages, now=now, foreseen=foreseen
    )
    failpoint.hit("write.result_committed")
    log.info("batch_done", records=len(claim.rows), ended=ended, **calls)


def _claim(services: Services, run_id: str, keys: Sequence[str]) -> Claim | None:
    now, until = services.clock(), services.lease_until()
    lease = services.new_id()
    with services.database.begin() as connection:
        run = runs.get(connection, run_id)
        rows = work.claim(connection, run_id, keys, lease=lease, until=until, now=now)
        failpoint.hit("drain.claimed")
    failpoint.hit("drain.intent_committed")
    return Claim(run, lease, until, rows) if run and rows else None


def _renew(services: Services, claim: Claim) -> bool:
    now, until = services.clock(), services.lease_until()
    with services.database.begin() as connection:
        of = (connection, claim.run.id, claim.lease, claim.attempts)
        if not work.renew(*of, until=until, now=now):
            return False
    claim.until = until
    return True


def _without_lost(services: Services, claim: Claim) -> Claim:
    """Give up the records whose every worker ended before it could say anything of them."""
    limit = services.settings.retries.attempts
    lost = [row for row in claim.rows if row.attempts > limit]
    if not lost:
        return claim
    _record_fault(services, replace(claim, rows=lost), "its worker ended each time", {})
    return replace(claim, rows=[row for row in claim.rows if row.attempts <= limit])


def _record_fault(services: Services, claim: Claim, kind: str, calls: Mapping[str, int]) -> None:
    """Let records try again, in smaller batches, whose batch met a fault of our own."""
    fault = Fault(f"a fault of Guestlist itself: {kind}")
    endings = [_settle_error(services, claim, key, fault) for key in claim.attempts]
    now = services.clock()
    record(services.database, claim, endings, calls=calls, ages={}, now=now)
    structlog.get_logger().error("batch_fault", records=len(claim.rows), error=kind)


def _carry_out(services: Services, sources: Sources, claim: Claim) -> Carried:
    inclusion = services.inclusions.current(services.schemas.object(claim.run.object))
    proof_age = timedelta(seconds=services.settings.guards.proof_age_s)
    proofs = _proofs(claim, inclusion)
    mapping, facts = by_mapping(
        services,
        claim.run.object,
        lambda mapping: gather(
            sources, [*claim.attempts], proofs, inclusion, mapping, proof_age=proof_age
        ),
    )
    doubt_unseen(services, facts, mapping)
    inclusion = services.inclusions.confirmed(mapping.object, inclusion, facts)
    look = look_for(services, claim.run.object, claim.run.kind)
    decisions = weigh(sources, facts, inclusion, mapping, look)
    if claim.run.lane != Lane.BULK:
        decisions = recheck(sources, facts, decisions, mapping)
    plans = [asking(each, mapping) for each in decisions if isinstance(each, Plan)]
    by_key = {each.key: each for each in facts}
    held = _held(services, claim, by_key, inclusion)
    if any(each.writes for each in plans):
        services.accounts.confirm()
    foreseen = foresee(services.database, claim, plans, now=services.clock())
    applied = apply(sources, mapping.object.hubspot_type, plans, held=held)
    failpoint.hit("write.response_received")
    doubt_refused(services, applied.values(), mapping)
    done = written(facts, applied) if inclusion else []
    ages = proof_ages(sources, done)
    bulk = claim.run.lane == Lane.BULK
    late = frozenset[str]() if bulk else late_exits(sources, done, inclusion, mapping)
    decisions = with_replaced(facts, decisions, applied, mapping)
    if not bulk:
        decisions = with_overwritten(sources, facts, decisions, applied, mapping)
    return Carried(decisions, applied, ages, late, foreseen)


def _proofs(claim: Claim, inclusion: Inclusion | None) -> dict[str, Proof]:
    """Return what the enumeration proved, if it was of the list that decides now."""
    ours = inclusion and inclusion.definition and inclusion.definition.list_id
    return {
        row.key: Proof(member=True, read_at=row.proof_at)
        for row in claim.rows
        if row.proof_at and ours == claim.run.list_id
    }


def _held(
    services: Services, claim: Claim, facts: Mapping[str, Facts], inclusion: Inclusion | None
) -> Held:
    """Ask again right before each call what may have changed since the decision."""
    proof_age = timedelta(seconds=services.settings.guards.proof_age_s)

    def held(plan: Plan) -> Reason | None:
        now = services.clock()
        if services.superseded():
            return Reason.SETTINGS_CHANGED
        if now >= claim.until:
            return Reason.RETRY_AT
        if inclusion is None or not _needs_proof(plan, facts[plan.key]):
            return None
        proof = facts[plan.key].proof
        fresh = proof is not None and now - proof.read_at <= proof_age
        return None if fresh else Reason.LIST_UNAVAILABLE

    return held


def _needs_proof(plan: Plan, facts: Facts) -> bool:
    """Tell a member's plan from the exceptions: whom Salesforce brings, and who is gone."""
    gone = facts.record is None or facts.record.archived
    return not (plan.outside or gone)


def _settle(
    services: Services, claim: Claim, carried: Carried, decision: Decision
) -> Ended | Later:
    applied = carried.applied.get(decision.key, Applied())
    end = settle(decision, applied, _patience(services, claim, decision.key))
    if decision.key not in carried.late:
        return end
    return end._replace(facts={**end.facts, "late_exit": "left the list while it was written"})


def _settle_error(services: Services, claim: Claim, key: str, error: SyncError) -> Ended | Later:
    return settle_error(key, error, _patience(services, claim, key))


def _patience(services: Services, claim: Claim, key: str) -> Patience:
    return Patience(
        attempts=claim.attempts[key],
        now=services.clock(),
        retries=services.settings.retries,
        jitter=services.jitter.random(),
        settle_s=services.settings.guards.settle_s,
    )


def _go_on(services: Services, run_id: str) -> None:
    """Wake the run's producer once there is room for more records in flight."""
    with services.database.read() as connection:
        run = runs.get(connection, run_id)
        if run is None or not run.enumerating:
            return
        in_flight = work.in_flight(connection, run_id)
    if in_flight < services.settings.flow.in_flight:
        services.publisher.enumerate(run_id)
