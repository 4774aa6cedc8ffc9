"""Sync a batch of a run's records: gather, decide, apply, record."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import structlog

from guestlist import failpoint
from guestlist.domain.ages import tally
from guestlist.domain.ending import Applied, Ended, Later, Patience
from guestlist.domain.errors import Fault, SyncError
from guestlist.domain.facts import Facts
from guestlist.domain.gate import Inclusion, Proof
from guestlist.domain.overwritten import asking
from guestlist.domain.reason import Reason
from guestlist.domain.settle import settle, settle_error
from guestlist.domain.write import Conflict, Decision, Plan
from guestlist.engine.aftermath import (
    late_exits,
    proof_ages,
    with_overwritten,
    with_replaced,
    written,
)
from guestlist.engine.apply import Guard, apply
from guestlist.engine.claim import Batch, claim, renew
from guestlist.engine.gather import gather
from guestlist.engine.halting import stopped
from guestlist.engine.looking import look_for
from guestlist.engine.mapped import by_mapping, doubt_refused, doubt_unseen
from guestlist.engine.recheck import recheck
from guestlist.engine.record import NOTHING_FORESEEN, Foreseen, LetIn, foresee, record
from guestlist.engine.services import Services
from guestlist.engine.sources import Sources
from guestlist.engine.sweep import wake
from guestlist.engine.telling import tell
from guestlist.engine.weigh import weigh
from guestlist.store import runs, work
from schemas.settings import Lane


class Carried(NamedTuple):
    """What was decided about each record of a batch, and what the CRMs answered."""

    decisions: Sequence[Decision]
    applied: dict[str, Applied]
    ages: Mapping[str, timedelta]
    """Key -> the age of the proof by which something was written."""
    late: frozenset[str]
    """Who left the list while we wrote."""
    foreseen: Foreseen
    let_in: LetIn | None


def sync(services: Services, run_id: str, keys: Sequence[str]) -> None:
    """Bring these records of a run to their end, or park them until they are due again.

    What waits in other runs, and fits in, is done with them: a call costs the same for one record
    as for a hundred.  Doing it twice, late, or for records someone else holds does no harm: only
    rows whose lease is ours are touched, and a record that is in step is not written.
    """
    batch = claim(services, run_id, keys)
    if batch is None:
        return
    batch = _without_lost(services, batch)
    with services.keeper.keep(lambda: renew(services, batch)):
        _look(services, batch)
    for each in batch.claims:
        _go_on(services, each.run.id)
    wake(services)


def _look(services: Services, batch: Batch) -> None:
    """Carry out a batch and record how each of its records ended."""
    retry = min(batch.attempts.values(), default=0) > 1
    sources = Sources.on(services, Lane(batch.run.lane), retry=retry)
    log = structlog.get_logger()
    ages: Mapping[str, timedelta] = {}
    foreseen, let_in = NOTHING_FORESEEN, None
    try:
        carried = _carry_out(services, sources, batch)
    except SyncError as error:
        log.warning("batch_parked", records=len(batch.attempts), error=type(error).__name__)
        endings = [_settle_error(services, batch, key, error) for key in batch.attempts]
    except Exception as error:
        _record_fault(services, batch, type(error).__name__, sources.calls)
        raise
    else:
        ages, foreseen, let_in = carried.ages, carried.foreseen, carried.let_in
        endings = [_settle(services, batch, carried, each) for each in carried.decisions]
    ended = _record(
        services, batch, endings, sources.calls, ages=ages, foreseen=foreseen, let_in=let_in
    )
    failpoint.hit("write.result_committed")
    log.info("batch_done", records=len(batch.attempts), ended=ended, **sources.calls)


def _record(
    services: Services,
    batch: Batch,
    endings: Sequence[Ended | Later],
    calls: Mapping[str, int],
    *,
    ages: Mapping[str, timedelta],
    foreseen: Foreseen = NOTHING_FORESEEN,
    let_in: LetIn | None = None,
) -> int:
    """Store the endings run by run, the calls with the run whose message it was; how many ended."""
    ended = 0
    for each in batch.claims:
        own = [ending for ending in endings if ending.key in each.attempts]
        ended += record(
            services.database,
            each,
            own,
            calls=calls if each.run is batch.run else {},
            ages=tally(age for key, age in ages.items() if key in each.attempts),
            now=services.clock(),
            foreseen=foreseen,
            let_in=let_in if each.run is batch.run else None,
        )
        tell(each.run, own)
    return ended


def _without_lost(services: Services, batch: Batch) -> Batch:
    """Give up the records whose every worker ended before it could say anything of them."""
    limit = services.settings.retries.attempts
    kept, lost = batch.parted(lambda row: row.attempts <= limit)
    if lost.claims:
        _record_fault(services, lost, "its worker ended each time", {})
    return kept


def _record_fault(services: Services, batch: Batch, kind: str, calls: Mapping[str, int]) -> None:
    """Let records try again, in smaller batches, whose batch met a fault of our own."""
    fault = Fault(f"a fault of Guestlist itself: {kind}")
    endings = [_settle_error(services, batch, key, fault) for key in batch.attempts]
    _record(services, batch, endings, calls, ages={})
    structlog.get_logger().error("batch_fault", records=len(batch.attempts), error=kind)


def _carry_out(services: Services, sources: Sources, batch: Batch) -> Carried:
    inclusion = services.inclusions.current(services.schemas.object(batch.run.object))
    proof_age = timedelta(seconds=services.settings.guards.proof_age_s)
    proofs = _proofs(batch, inclusion)
    mapping, facts = by_mapping(
        services,
        batch.run.object,
        lambda mapping: gather(
            sources, [*batch.attempts], proofs, inclusion, mapping, proof_age=proof_age
        ),
    )
    doubt_unseen(services, facts, mapping)
    inclusion = services.inclusions.confirmed(mapping.object, inclusion, facts)
    look = look_for(services, batch.run.object, batch.run.kind)
    decisions = weigh(sources, facts, inclusion, mapping, look)
    if batch.run.lane != Lane.BULK:
        decisions = recheck(sources, facts, decisions, mapping)
    plans = [asking(each, mapping) for each in decisions if isinstance(each, Plan)]
    by_key = {each.key: each for each in facts}
    guard = Guard(partial(stopped, services), _held(services, batch, by_key, inclusion))
    if any(each.writes for each in plans):
        services.accounts.confirm()
    foreseen = _foresee(services, batch, plans)
    applied = apply(sources, mapping.object.hubspot_type, plans, guard=guard)
    failpoint.hit("write.response_received")
    doubt_refused(services, applied.values(), mapping)
    done = written(facts, applied) if inclusion else []
    ages = proof_ages(sources, done)
    bulk = batch.run.lane == Lane.BULK
    late = frozenset[str]() if bulk else late_exits(sources, done, inclusion, mapping)
    decisions = with_replaced(facts, decisions, applied, mapping)
    if not bulk:
        decisions = with_overwritten(sources, facts, decisions, applied, mapping)
    return Carried(decisions, applied, ages, late, foreseen, _let_in(done, inclusion))


def _let_in(done: Sequence[Facts], inclusion: Inclusion | None) -> LetIn | None:
    ids = frozenset(x.record.id for x in done if x.record and x.proof and x.proof.member)
    if not ids or inclusion is None or inclusion.definition is None:
        return None
    return LetIn(inclusion.definition.list_id, ids)


def _foresee(services: Services, batch: Batch, plans: Sequence[Plan]) -> Foreseen:
    now, foreseen = services.clock(), dict[str, Mapping[int, Conflict]]()
    for each in batch.claims:
        theirs = [plan for plan in plans if plan.key in each.attempts]
        foreseen |= foresee(services.database, each, theirs, now=now)
    return foreseen


def _proofs(batch: Batch, inclusion: Inclusion | None) -> dict[str, Proof]:
    """Return what the enumeration proved, if it was of the list that decides now."""
    ours = inclusion and inclusion.definition and inclusion.definition.list_id
    return {
        row.key: Proof(member=True, read_at=row.proof_at)
        for each in batch.claims
        for row in each.rows
        if row.proof_at and ours == each.run.list_id
    }


def _held(
    services: Services, batch: Batch, facts: Mapping[str, Facts], inclusion: Inclusion | None
) -> Callable[[Plan], Reason | None]:
    """Ask of one plan what may have run out since the decision."""
    proof_age = timedelta(seconds=services.settings.guards.proof_age_s)

    def held(plan: Plan) -> Reason | None:
        now = services.clock()
        if now >= batch.of(plan.key).until:
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
    services: Services, batch: Batch, carried: Carried, decision: Decision
) -> Ended | Later:
    applied = carried.applied.get(decision.key, Applied())
    end = settle(decision, applied, _patience(services, batch, decision.key))
    if decision.key not in carried.late:
        return end
    return end._replace(facts={**end.facts, "late_exit": "left the list while it was written"})


def _settle_error(services: Services, batch: Batch, key: str, error: SyncError) -> Ended | Later:
    return settle_error(key, error, _patience(services, batch, key))


def _patience(services: Services, batch: Batch, key: str) -> Patience:
    return Patience(
        attempts=batch.attempts[key],
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
