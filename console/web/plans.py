"""Plans that people asked for on a page: made in the background, kept for a while."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock, Thread

import structlog

from console.exits import tell
from console.planning import Planned, allowances
from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import Outcome
from guestlist.engine import importing, launch
from guestlist.engine.importing import Choice
from guestlist.engine.preview import Preview, preview_import, preview_list
from guestlist.engine.services import Services
from guestlist.store.runs import Run

KEPT = 20
GOOD_FOR = timedelta(minutes=30)
"""How long a run may be started from a plan."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan that is being made, or is made, or could not be."""

    id: str
    object: str
    limit: int | None
    choice: Choice | None
    """Whom to import; ``None``: a plan of a list sync."""
    asked_by: str
    asked_at: datetime
    planned: Planned | None = None
    problem: str = ""
    ended_at: datetime | None = None


class Plans:
    """The latest plans of this process.  One is made at a time: each reads the whole list."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services
        self._lock = Lock()
        self._turn = Lock()
        self._kept: OrderedDict[str, Draft] = OrderedDict()

    def get(self, plan_id: str) -> Draft | None:
        with self._lock:
            return self._kept.get(plan_id)

    def latest(self) -> list[Draft]:
        """Return the kept plans, newest first."""
        with self._lock:
            return list(reversed(self._kept.values()))

    def begin(
        self, name: str, *, limit: int | None, by: str, choice: Choice | None = None
    ) -> Draft:
        """Start making a plan, or return the one of the same kind that is being made."""
        services = self._services()
        draft = Draft(f"p_{services.new_id()}", name, limit, choice, by, services.clock())
        with self._lock:
            for kept in self._kept.values():
                same = (kept.object, kept.limit, kept.choice) == (name, limit, choice)
                if same and kept.ended_at is None:
                    return kept
            self._kept[draft.id] = draft
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        Thread(target=self._make, args=(draft,), name=draft.id, daemon=True).start()
        return draft

    def _make(self, draft: Draft) -> None:
        with self._turn:
            services = self._services()
            done = _made(services, draft)
        with self._lock:
            if draft.id in self._kept:
                self._kept[draft.id] = replace(done, ended_at=services.clock())


def _made(services: Services, draft: Draft) -> Draft:
    """Make the plan; whatever goes wrong is what its page says."""
    try:
        preview = _preview(services, draft)
        left = allowances(services)
    except Exception as error:  # noqa: BLE001
        structlog.get_logger().warning("plan_failed", error=type(error).__name__)
        return replace(draft, problem=tell(error).message)
    made = Planned(preview, services.settings_version, services.clock(), left, draft.limit)
    return replace(draft, planned=made)


def _preview(services: Services, draft: Draft) -> Preview:
    if draft.choice is None:
        return preview_list(services, draft.object, limit=draft.limit)
    return preview_import(services, draft.object, draft.choice, limit=draft.limit)


def start(services: Services, draft: Draft, *, by: str) -> Run:
    """Start the run that was planned; raises ``Misconfigured`` if the world has moved on."""
    if draft.planned is None or not fresh(draft, services.clock):
        raise Misconfigured("this plan is too old: make a new one")
    if services.settings_version != draft.planned.settings_version:
        raise Misconfigured("the mapping was changed since this plan was made: make a new one")
    if draft.choice is not None:
        return importing.start(services, draft.object, draft.choice, by=by, limit=draft.limit)
    inclusion = services.inclusions.current(services.schemas.object(draft.object))
    definition = inclusion.definition if inclusion else None
    preview = draft.planned.preview
    now = (definition.list_id, definition.version) if definition else None
    if now != (preview.list_id, preview.list_version):
        raise Misconfigured("the list was changed since this plan was made: make a new one")
    return launch.start_list(services, draft.object, by=by, limit=draft.limit)


def creates_of(draft: Draft) -> int:
    """Return how many records a run would create."""
    counts = draft.planned.preview.outcomes if draft.planned else {}
    return sum(n for (outcome, _), n in counts.items() if outcome is Outcome.CREATED)


def fresh(draft: Draft, clock: Callable[[], datetime]) -> bool:
    """Return whether a run may still be started from this plan."""
    return draft.ended_at is not None and clock() - draft.ended_at <= GOOD_FOR
