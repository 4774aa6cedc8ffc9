"""Webhook hints become runs: marked records are gathered for a moment, then looked at once."""

from collections.abc import Callable
from threading import Event
from typing import NamedTuple

import structlog

from console.exits import tell
from guestlist.domain.outcome import RunKind
from guestlist.engine import launch
from guestlist.engine.services import Services
from guestlist.store import hints
from guestlist.store.database import Database
from schemas.settings import Lane

GATHER_S = 1.0
"""How long records are gathered: a burst becomes few runs of many records, not many of one."""
MOST = 10_000
"""Records of one run at most; the next takes the rest."""
WHO = "webhook"


class Marking(NamedTuple):
    """Starts runs over what is marked."""

    services: Callable[[], Services]
    """As they are in force now."""

    def run(self, ended: Event) -> None:
        """Look for marked records until *ended*; what goes wrong is tried again."""
        while not ended.wait(GATHER_S):
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001
                structlog.get_logger().warning("marking_failed", error=tell(error).message)

    def flush(self) -> list[str]:
        """Start a run for each object that has marked records; their ids.

        The records are unmarked in their own transaction before: a run that could not be started
        is one that the next poll makes up for.
        """
        services = self.services()
        return [
            launch.start_records(
                services, name, keys, by=WHO, kind=RunKind.CHANGES, lane=Lane.INTERACTIVE
            ).id
            for name in sorted(services.settings.objects)
            if (keys := _take(services.database, name))
        ]


def _take(database: Database, name: str) -> list[str]:
    with database.begin() as conn:
        return hints.take(conn, name, limit=MOST)
