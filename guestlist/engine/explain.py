"""Why a record did or did not sync: the path of its decision, the facts, and what would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from guestlist.domain.errors import Missing
from guestlist.domain.facts import Facts
from guestlist.domain.hold import Hold
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.outcome import RunKind
from guestlist.domain.path import Step, path
from guestlist.domain.reason import Reason
from guestlist.domain.reference import RecordId, crm_of, read_reference
from guestlist.domain.seen import seen_in
from guestlist.domain.settle import planned_outcome
from guestlist.domain.write import Change, Decision, Plan, Skip
from guestlist.engine.gather import gather
from guestlist.engine.looking import look_for
from guestlist.engine.mapped import by_mapping
from guestlist.engine.resolve import resolve
from guestlist.engine.services import Services
from guestlist.engine.sources import Sources
from guestlist.engine.weigh import weigh
from guestlist.store import listing, problems
from guestlist.store.listing import WorkRow
from guestlist.store.problems import Problem
from schemas.records import Crm
from schemas.settings import Lane

HISTORY = 20


@dataclass(frozen=True, slots=True)
class Explained:
    """All there is to say about one record now."""

    object: str
    key: str
    reason: Reason
    decision: Decision
    steps: tuple[Step, ...]
    facts: Mapping[str, str]
    twin: tuple[str, str] | None
    would_change: tuple[Change, ...]
    """What a sync would write: now, or if the record passed the gate."""
    held: tuple[Hold, ...]
    """Fields that do not sync for now, whatever becomes of the rest."""
    history: tuple[WorkRow, ...]
    problem: Problem | None

    @property
    def crm(self) -> Crm:
        """Whose id the key is: Salesforce's, where HubSpot knows no such contact."""
        return crm_of(self.key)


def _names(key: str, facts: Facts) -> list[str]:
    """Return every key under which the record may have been looked at."""
    return [key, facts.twin[1]] if facts.twin else [key]


def _held(facts: Facts, decision: Decision, mapping: CompiledMapping) -> tuple[Hold, ...]:
    """Return the fields that are held between this record and its twin, or the one it would get."""
    if facts.record and not facts.record.archived:
        mapping = seen_in(facts.record, mapping)
    twin = decision.twin if isinstance(decision, Plan) else facts.twin
    compiled = mapping.types[twin[0]] if twin else mapping.created_type
    return tuple(compiled.held.values())


def _said(decision: Decision, facts: Facts, text: str) -> dict[str, str]:
    """Return what the decision rests on; and that the Salesforce record named is not its twin."""
    said = dict(decision.facts) if isinstance(decision, Skip) else {}
    match read_reference(text):
        case RecordId(Crm.SALESFORCE, named) if facts.twin and named != facts.twin[1]:
            said["named"] = f"{named}, found by its external id or e-mail address; not linked"
    return said


def explain(services: Services, name: str, text: str) -> Explained:
    """Read both CRMs now and say what a sync of the named record would do, and why.

    Raises ``Missing`` for a record that neither CRM has, and that nobody here ever looked at.
    """
    key = resolve(services, name, text)
    inclusion = services.inclusions.current(services.schemas.object(name))
    sources = Sources.on(services, Lane.INTERACTIVE)
    proof_age = timedelta(seconds=services.settings.guards.proof_age_s)
    mapping, found = by_mapping(
        services,
        name,
        lambda mapping: gather(sources, [key], {}, inclusion, mapping, proof_age=proof_age),
    )
    facts = found[0]
    inclusion = services.inclusions.confirmed(mapping.object, inclusion, [facts])
    look = look_for(services, name, RunKind.RECORDS)
    decision = weigh(sources, [facts], inclusion, mapping, look)[0]
    passed = weigh(sources, [facts], None, mapping, look)[0]
    with services.database.read() as connection:
        history = tuple(listing.history(connection, name, _names(key, facts), limit=HISTORY))
        problem = problems.get(connection, name, key)
    seen = any(row.twin or row.reason is not Reason.DELETED_HS for row in history)
    if not (facts.record or facts.origin or facts.twin or seen or problem):
        raise Missing(f"HubSpot has no record {key}, and none was ever seen here")
    return Explained(
        object=name,
        key=key,
        reason=planned_outcome(decision)[1],
        decision=decision,
        steps=path(decision, facts, inclusion, look.now),
        facts=_said(decision, facts, text),
        twin=decision.twin if isinstance(decision, Plan) else facts.twin,
        would_change=passed.changes if isinstance(passed, Plan) else (),
        held=_held(facts, decision, mapping),
        history=history,
        problem=problem,
    )
