"""One record's way: gate, match, plan.  Sync, dry run and explain all come through here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from guestlist.domain.gate import Inclusion, Proof, admit
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.match import Found, Linked, match
from guestlist.domain.plan import plan
from guestlist.domain.reason import Reason
from guestlist.domain.write import Agreed, Decision, Plan, Skip
from schemas.records import HubSpotRecord, SalesforceRecord
from schemas.settings import GuardSettings


class Facts(NamedTuple):
    """All a decision about one record rests on, as just read."""

    key: str
    record: HubSpotRecord | None
    """``None``: HubSpot does not have it (any more)."""
    proof: Proof | None
    twin: tuple[str, str] | None
    """The stored link: (Salesforce type, id)."""
    agreed: Agreed | None
    candidates: Sequence[SalesforceRecord]
    """Salesforce rows found by link, external id or match value."""


def decide(
    facts: Facts,
    inclusion: Inclusion | None,
    mapping: CompiledMapping,
    *,
    now: datetime,
    guards: GuardSettings,
) -> Decision:
    """Return the plan for one record, or why there is none."""
    record = facts.record
    if record is None:
        return Skip(facts.key, Reason.DELETED_HS)
    refusal = admit(
        record,
        facts.proof,
        inclusion,
        now=now,
        guards=guards,
        email_property=mapping.email_property,
        linked=facts.twin is not None,
    )
    if refusal:
        return refusal
    found = match(
        facts.key,
        link=facts.twin,
        candidates=facts.candidates,
        mapping=mapping,
        match_value=mapping.match_value(record),
    )
    if isinstance(found, Skip):
        return found
    twin = found.record if isinstance(found, Linked | Found) else None
    return plan(record, twin, facts.agreed if isinstance(found, Linked) else None, mapping)


def decide_all(
    facts: Iterable[Facts],
    inclusion: Inclusion | None,
    mapping: CompiledMapping,
    *,
    now: datetime,
    guards: GuardSettings,
) -> list[Decision]:
    """Decide each record on its own; the second to claim one twin is refused it."""
    decisions: list[Decision] = []
    taken: set[tuple[str, str]] = set()
    for each in facts:
        decision = decide(each, inclusion, mapping, now=now, guards=guards)
        twin = decision.twin if isinstance(decision, Plan) else None
        if twin and twin in taken:
            decision = Skip(each.key, Reason.EMAIL_IN_USE, {"type": twin[0], "id": twin[1]})
        elif twin:
            taken.add(twin)
        decisions.append(decision)
    return decisions
