"""Write down how a batch ended: work rows, counters, links and problems in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from guestlist import failpoint
from guestlist.domain.ages import Ages
from guestlist.domain.ending import Ended, Later, LinkTo
from guestlist.domain.fingerprint import fingerprint
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from guestlist.domain.write import Conflict, Plan
from guestlist.engine.claim import Claim
from guestlist.store import (
    conflicts,
    erasure,
    inclusion,
    intents,
    links,
    members,
    problems,
    proofs,
    runs,
    stragglers,
    work,
)
from guestlist.store.database import Database
from guestlist.store.links import Link
from guestlist.store.problems import Failure
from guestlist.store.runs import Run
from guestlist.store.work import Finished, Parked

Foreseen = Mapping[str, Mapping[int, Conflict]]
"""Work key -> the conflicts that are logged before the write that decides them, by entry."""
NOTHING_FORESEEN: Foreseen = MappingProxyType({})


class LetIn(NamedTuple):
    """Whose write a CRM took because they were in a list, by HubSpot id."""

    list_id: str
    ids: frozenset[str]


def record(
    database: Database,
    claim: Claim,
    endings: Sequence[Ended | Later],
    *,
    calls: Mapping[str, int],
    ages: Ages,
    now: datetime,
    foreseen: Foreseen = NOTHING_FORESEEN,
    let_in: LetIn | None = None,
) -> int:
    """Store every ending and return how many records reached their end.

    What a worker that lost its lease found out counts for nothing, but for whom it *let_in*.
    Conflicts that were *foreseen* and can not have been carried out are forgotten.
    """
    ended = [each for each in endings if isinstance(each, Ended)]
    later = [each for each in endings if isinstance(each, Later)]

    def store(conn: Connection) -> int:
        if let_in:  # before the links, as whoever reads the list does
            members.let_in(conn, claim.run.object, let_in.list_id, let_in.ids, now=now)
        finished = [_finished(each) for each in ended]
        ours = work.finish(conn, claim.run.id, claim.lease, finished, now=now)
        if any(each.reason is Reason.LIST_HELD and each.key in ours for each in ended):
            inclusion.held_anyway(conn, claim.run.object, since=now)
        waiting = work.park(conn, claim.run.id, claim.lease, [_parked(each) for each in later])
        begun = [each.link for each in later if each.link and each.key in waiting]
        links.put_many(conn, claim.run.object, [_link(each, now) for each in begun])
        intents.remove(conn, claim.run.object, _linked(endings, ours | waiting))
        held = ours | waiting
        doubtful = [sent for each in endings if each.key in held for sent in each.doubtful]
        stragglers.put_many(conn, claim.run.object, doubtful, now=now)
        _store_results(conn, claim.run, [each for each in ended if each.key in ours], now)
        clashes = [one for each in endings if each.key in held for one in each.conflicts]
        own = [id for each in endings for id in foreseen.get(each.key, ())]
        conflicts.put_many(conn, claim.run.object, clashes, run_id=claim.run.id, now=now, own=own)
        conflicts.take_back(conn, _moot(foreseen, endings))
        runs.add_calls(conn, claim.run.id, **calls)
        proofs.add(conn, claim.run.id, ages)
        runs.finish_if_done(conn, claim.run.id, now)
        failpoint.hit("write.recorded")
        return len(ours)

    return database.run(store)


def foresee(database: Database, claim: Claim, plans: Sequence[Plan], *, now: datetime) -> Foreseen:
    """Log the conflicts that these plans decide and what first syncs mean to write, before they do.

    Who ends us between a write and its record must leave no lost edit that nobody knows of, and no
    pair that passes for a new one.
    """
    first = {plan.record_id: plan.intent for plan in plans if plan.record_id and plan.intent}
    decided = {plan.key: plan.conflicts for plan in plans if plan.writes and plan.conflicts}
    clashes = [conflict for each in decided.values() for conflict in each]
    if not (clashes or first):
        return NOTHING_FORESEEN

    def store(conn: Connection) -> dict[Conflict, int]:
        intents.put_many(conn, claim.run.object, first, now=now)
        return conflicts.foresee(conn, claim.run.object, clashes, run_id=claim.run.id, now=now)

    ids = database.run(store)
    return {key: {ids[one]: one for one in of if one in ids} for key, of in decided.items()}


def _linked(endings: Sequence[Ended | Later], held: frozenset[str]) -> list[str]:
    """Return the HubSpot ids whose pair is linked by now; who is only held stays half done."""
    made = [each.link for each in endings if each.link and each.key in held]
    return [id for link in made for id in (link.key, *link.replaces)]


def _moot(foreseen: Foreseen, endings: Sequence[Ended | Later]) -> list[int]:
    """Return the entries for records of which nothing was written, nor may have been."""
    return [
        id
        for each in endings
        if not each.doubtful
        for id, one in foreseen.get(each.key, {}).items()
        if one not in each.conflicts
    ]


def _store_results(conn: Connection, run: Run, ended: Sequence[Ended], now: datetime) -> None:
    _store_links(conn, run.object, ended, now)
    failures = [_failure(each) for each in ended if each.outcome is Outcome.FAILED]
    problems.put_many(conn, run.object, failures, run_id=run.id, now=now)
    solved = [name for each in ended if each.outcome is not Outcome.FAILED for name in _names(each)]
    problems.resolve(conn, run.object, solved, now=now)
    gone = [each.key for each in ended if each.reason is Reason.ERASED]
    erasure.forget(conn, run.object, gone, now=now)


def _names(ended: Ended) -> list[str]:
    """Return every key under which a problem of this record may stand."""
    return [ended.key, ended.link.key, ended.link.twin_id] if ended.link else [ended.key]


def _store_links(conn: Connection, object: str, ended: Sequence[Ended], now: datetime) -> None:
    new = [each.link for each in ended if each.link]
    out = [each.key for each in ended if each.reason is Reason.LEFT_LIST]
    if out:
        links.mark_left(conn, object, out, left_at=now)
    replaced = [key for link in new for key in link.replaces]
    if replaced:
        links.remove(conn, object, replaced)
    for not_stored in links.put_many(conn, object, [_link(each, now) for each in new]):
        structlog.get_logger().warning("twin_taken", object=object, **asdict(not_stored))
    stragglers.arrived(conn, object, [seen for each in ended for seen in each.arrived])
    restored = {each.link.key: each.restored for each in ended if each.link and each.restored}
    if restored:
        wanted = conflicts.pending(conn, object, restored)
        back = [
            value.id
            for key, names in restored.items()
            for name, value in wanted.get(key, {}).items()
            if name in names
        ]
        conflicts.restored(conn, back, now=now)


def _link(to: LinkTo, now: datetime) -> Link:
    return Link(to.key, to.twin_type, to.twin_id, to.agreed, now, now, outside=to.outside)


def _failure(ended: Ended) -> Failure:
    """Name the problem: the CRM's own words, or those of our check of its live schema."""
    refusal = ended.refusal
    message = ended.facts.get("message", "")
    fields = refusal.fields if refusal else tuple(filter(None, [ended.facts.get("field")]))
    return Failure(
        key=ended.key,
        reason=ended.reason,
        fingerprint=fingerprint(ended.reason, fields, message),
        crm=ended.refused_by,
        code=refusal.code if refusal else "",
        message=message,
        fields=fields,
        correlation_id=refusal.correlation_id if refusal else "",
    )


def _finished(ended: Ended) -> Finished:
    twin = (ended.link.twin_type, ended.link.twin_id) if ended.link else None
    told = (ended.key, ended.outcome, ended.reason, ended.facts, ended.changes)
    return Finished(*told, twin, ended.way)


def _parked(later: Later) -> Parked:
    return Parked(later.key, later.due_at, later.reason, later.facts, tried=later.counts)
