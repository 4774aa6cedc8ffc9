"""Everything the engine acts through, built once per process."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.engine.inclusion import InclusionWatch
from guestlist.engine.schema import SchemaWatch
from guestlist.store.database import Database
from schemas.settings import Lane, Settings


class Publisher(Protocol):
    """Where work is handed over; a lost message is found again by the sweep."""

    def sync(self, run_id: str, keys: Sequence[str], *, lane: Lane) -> None:
        """Ask for a look at these records of a run."""

    def enumerate(self, run_id: str) -> None:
        """Ask a producer to go on with a run."""


@dataclass(frozen=True, slots=True)
class Services:
    """The shell's hands.  ``clock`` returns aware UTC; ``new_id`` a short random word."""

    settings: Settings
    settings_version: str
    """Changes with the mapping and the guards; every run notes what it was started with."""
    database: Database
    hubspot: HubSpot
    salesforce: Salesforce
    schemas: SchemaWatch
    inclusions: InclusionWatch
    publisher: Publisher
    clock: Callable[[], datetime]
    superseded: Callable[[], bool]
    """Have the settings changed since these were built?  Then nothing more is written with them."""
    new_id: Callable[[], str]
    jitter: random.Random
