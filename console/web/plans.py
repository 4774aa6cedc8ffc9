"""Plans that people asked for on a page: made in the background, kept for a while."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock, Thread

import structlog

from console.exits import tell
from console.planning import Planned, allowances
from guestlist.engine.preview import preview_list
from guestlist.engine.services import Services

KEPT = 20
GOOD_FOR = timedelta(minutes=30)
"""How long a run may be started from a plan."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan that is being made, or is made, or could not be."""

    id: str
    object: str
    limit: int | None
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

    def begin(self, name: str, *, limit: int | None, by: str) -> Draft:
        """Start making a plan, or return the one of the same kind that is being made."""
        services = self._services()
        draft = Draft(f"p_{services.new_id()}", name, limit, by, services.clock())
        with self._lock:
            for kept in self._kept.values():
                same = (kept.object, kept.limit) == (name, limit)
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
        preview = preview_list(services, draft.object, limit=draft.limit)
        left = allowances(services)
    except Exception as error:  # noqa: BLE001
        structlog.get_logger().warning("plan_failed", error=type(error).__name__)
        return replace(draft, problem=tell(error).message)
    made = Planned(preview, services.settings_version, services.clock(), left, draft.limit)
    return replace(draft, planned=made)


def fresh(draft: Draft, clock: Callable[[], datetime]) -> bool:
    """Return whether a run may still be started from this plan."""
    return draft.ended_at is not None and clock() - draft.ended_at <= GOOD_FOR
