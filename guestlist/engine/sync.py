"""Sync a batch of a run's records: gather, decide, apply, record."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog

from guestlist.domain.decide import decide_all
from guestlist.domain.errors import SyncError
from guestlist.domain.gate import Proof
from guestlist.domain.settle import Applied, Ended, Later, Patience, settle, settle_error
from guestlist.domain.write import Decision, Plan
from guestlist.engine.apply import apply
from guestlist.engine.gather import Sources, gather
from guestlist.engine.record import Claim, record
from guestlist.engine.services import Services
from guestlist.store import runs, work
from schemas.settings import Lane


class Carried(NamedTuple):
    """What was decided about each record of a batch, and what the CRMs answered."""

    decisions: Sequence[Decision]
    applied: dict[str, Applied]


def sync(services: Services, run_id: str, keys: Sequence[str]) -> None:
    """Bring these records of a run to their end, or park them until they are due again.

    Doing it twice, late, or for records someone else holds does no harm: only rows whose
    lease is ours are touched, and a record that is in step is not written.
    """
    claim = _claim(services, run_id, keys)
    if claim is None:
        return
    hubspot = services.hubspot.on(Lane(claim.run.lane))
    salesforce = services.salesforce.on(Lane(claim.run.lane))
    sources = Sources(hubspot, salesforce, services.database, services.clock)
    log = structlog.get_logger()
    try:
        carried = _carry_out(services, sources, claim)
    except SyncError as error:
        log.warning("batch_parked", records=len(claim.rows), error=type(error).__name__)
        endings = [_settle_error(services, claim, key, error) for key in claim.attempts]
    else:
        endings = [
            settle(
                decision,
                carried.applied.get(decision.key, Applied()),
                _patience(services, claim, decision.key),
            )
            for decision in carried.decisions
        ]
    calls = {"hubspot": hubspot.calls, "salesforce": salesforce.calls}
    ended = record(services.database, claim, endings, calls=calls, now=services.clock())
    log.info("batch_done", records=len(claim.rows), ended=ended, **calls)
    _go_on(services, run_id)


def _claim(services: Services, run_id: str, keys: Sequence[str]) -> Claim | None:
    now = services.clock()
    until = now + timedelta(seconds=services.settings.flow.lease_s)
    lease = services.new_id()
    with services.database.begin() as connection:
        run = runs.get(connection, run_id)
        rows = work.claim(connection, run_id, keys, lease=lease, until=until, now=now)
    return Claim(run, lease, until, rows) if run and rows else None


def _carry_out(services: Services, sources: Sources, claim: Claim) -> Carried:
    mapping = services.schemas.compiled(claim.run.object)
    inclusion = services.inclusions.current(services.schemas.object(claim.run.object))
    guards = services.settings.guards
    proof_age = timedelta(seconds=guards.proof_age_s)
    ours = inclusion and inclusion.definition and inclusion.definition.list_id
    proofs = {
        row.key: Proof(member=True, read_at=row.proof_at)
        for row in claim.rows
        if row.proof_at and ours == claim.run.list_id
    }
    facts = gather(sources, [*claim.attempts], proofs, inclusion, mapping, proof_age=proof_age)
    decisions = decide_all(facts, inclusion, mapping, now=services.clock(), guards=guards)
    proved_at = {each.key: each.proof.read_at for each in facts if each.proof}

    def may_write(key: str) -> bool:
        now = services.clock()
        proved = inclusion is None or now - proved_at[key] <= proof_age
        return proved and now < claim.until

    plans = [each for each in decisions if isinstance(each, Plan)]
    applied = apply(
        sources.hubspot,
        sources.salesforce,
        mapping.object.hubspot_type,
        plans,
        may_write=may_write,
    )
    return Carried(decisions, applied)


def _settle_error(services: Services, claim: Claim, key: str, error: SyncError) -> Ended | Later:
    return settle_error(key, error, _patience(services, claim, key))


def _patience(services: Services, claim: Claim, key: str) -> Patience:
    return Patience(
        attempts=claim.attempts[key],
        now=services.clock(),
        retries=services.settings.retries,
        jitter=services.jitter.random(),
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
