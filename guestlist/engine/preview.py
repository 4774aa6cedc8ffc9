"""What a run would do: the same reads and the same decisions, and no write."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from guestlist.connectors.turn import PERSON_S
from guestlist.domain.cost import Cost, estimate
from guestlist.domain.gate import Inclusion, Proof
from guestlist.domain.outcome import Outcome, RunKind
from guestlist.domain.pack import chunks
from guestlist.domain.reason import Reason
from guestlist.domain.settle import planned_outcome
from guestlist.domain.write import Change, Decision, Plan
from guestlist.engine.gather import gather
from guestlist.engine.importing import Choice, keys_of
from guestlist.engine.lists import usable
from guestlist.engine.looking import look_for
from guestlist.engine.mapped import by_mapping
from guestlist.engine.services import Services
from guestlist.engine.sources import Sources
from guestlist.engine.weigh import weigh
from schemas.settings import Lane

SAMPLES = 10
PLANNED = 10_000
"""Records of an import that are looked at, at most, to say what it would do."""

Progress = Callable[[int, int | None], object]
"""Told how many of how many were looked at."""


def _untold(_done: int, _total: int | None) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Preview:
    """Counts by outcome and reason, a few field diffs, and what the run would cost."""

    object: str
    list_id: str | None
    list_version: int | None
    members: int = 0
    outcomes: Counter[tuple[Outcome, Reason]] = field(default_factory=Counter)
    samples: list[tuple[str, tuple[Change, ...]]] = field(default_factory=list)
    salesforce_writes: int = 0
    hubspot_writes: int = 0
    more: bool = False
    """There may be more records than were looked at."""

    @property
    def cost(self) -> Cost:
        """Return the calls a run of exactly this would make."""
        return estimate(
            self.members,
            salesforce_writes=self.salesforce_writes,
            hubspot_writes=self.hubspot_writes,
        )

    def add(self, decisions: Sequence[Decision]) -> None:
        """Count what each decision would end as."""
        self.members += len(decisions)
        for decision in decisions:
            self.outcomes[planned_outcome(decision)] += 1
            if isinstance(decision, Plan):
                self.salesforce_writes += decision.salesforce is not None
                self.hubspot_writes += decision.hubspot is not None
                if decision.changes and len(self.samples) < SAMPLES:
                    self.samples.append((decision.key, decision.changes))


def preview_list(
    services: Services, name: str, *, limit: int | None = None, progress: Progress = _untold
) -> Preview:
    """Return what a list sync started now would do; raises ``Misconfigured`` as its start would.

    *progress* is told after each batch how many of how many were looked at.
    """
    inclusion, definition = usable(services, name)
    preview = Preview(name, definition.list_id, definition.version)
    total = min(definition.size, limit or definition.size) if definition.size else limit
    for proofs in _pages(services, definition.list_id, limit):
        preview.add(_decide(services, name, [*proofs], proofs, inclusion))
        progress(preview.members, total)
    return preview


def preview_records(
    services: Services, name: str, keys: Sequence[str], *, progress: Progress = _untold
) -> Preview:
    """Return what a sync of these records started now would do."""
    inclusion = services.inclusions.current(services.schemas.object(name))
    definition = inclusion.definition if inclusion else None
    preview = Preview(
        name, definition.list_id if definition else None, definition.version if definition else None
    )
    for part in chunks(keys, services.settings.lanes[Lane.BULK].width):
        preview.add(_decide(services, name, part, {}, inclusion))
        progress(preview.members, len(keys))
    return preview


def preview_import(
    services: Services, name: str, choice: Choice, *, limit: int | None = None
) -> Preview:
    """Return what an import started now would do with its first records.

    Raises ``Misconfigured`` as its start would.
    """
    inclusion = services.inclusions.current(services.schemas.object(name))
    preview = Preview(name, None, None)
    left = min(limit or PLANNED, PLANNED)
    for keys in keys_of(services, name, choice):
        for part in chunks(keys[:left], services.settings.lanes[Lane.BULK].width):
            preview.add(_decide(services, name, part, {}, inclusion, kind=RunKind.IMPORT))
        left -= len(keys)
        if left <= 0:
            preview.more = limit is None or limit > PLANNED
            break
    return preview


def _pages(services: Services, list_id: str, limit: int | None) -> Iterator[dict[str, Proof]]:
    """Yield members with the proof their page is, as many as a run hands over at once."""
    hubspot = services.hubspot.on(Lane.BULK, patience_s=PERSON_S)
    width = services.settings.lanes[Lane.BULK].width
    left = limit
    after: str | None = None
    proofs: dict[str, Proof] = {}
    while True:
        asked_at = services.clock()
        page = hubspot.members(list_id, after=after)
        members = page.members[:left]
        proofs |= {each.record_id: Proof(member=True, read_at=asked_at) for each in members}
        left = None if left is None else left - len(members)
        after = None if left == 0 else page.after
        if len(proofs) >= width or after is None:
            yield proofs
            proofs = {}
        if after is None:
            return


def _decide(
    services: Services,
    name: str,
    keys: Sequence[str],
    proofs: dict[str, Proof],
    inclusion: Inclusion | None,
    *,
    kind: RunKind = RunKind.LIST,
) -> list[Decision]:
    sources = Sources.on(services, Lane.BULK, patience_s=PERSON_S)
    proof_age = timedelta(seconds=services.settings.guards.proof_age_s)
    mapping, facts = by_mapping(
        services,
        name,
        lambda mapping: gather(sources, keys, proofs, inclusion, mapping, proof_age=proof_age),
    )
    inclusion = services.inclusions.confirmed(mapping.object, inclusion, facts)
    look = look_for(services, name, kind)
    return weigh(sources, facts, inclusion, mapping, look)
