"""Everything the engine acts through, built once per process."""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.presence import Presence
from guestlist.connectors.salesforce import Salesforce
from guestlist.connectors.turn import Limiter
from guestlist.engine.accounts import AccountWatch
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

    def emptied(self) -> bool:
        """Tell, once, that all messages are lost: the broker has come back without them."""


class Keeper(Protocol):
    """Holds on to leases for as long as this process lives."""

    def keep(self, renew: Callable[[], bool]) -> AbstractContextManager[None]:
        """Call *renew* again and again, from another thread, while the block lasts.

        ``False`` says that the lease is lost, and ends it.
        """


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
    accounts: AccountWatch
    publisher: Publisher
    keeper: Keeper
    limiter: Limiter
    presence: Presence
    clock: Callable[[], datetime]
    superseded: Callable[[], bool]
    """Have the settings changed since these were built?  Then nothing more is written with them."""
    new_id: Callable[[], str]
    jitter: random.Random

    def lease_until(self) -> datetime:
        """Return when a lease taken or renewed now runs out."""
        return self.clock() + timedelta(seconds=self.settings.flow.lease_s)
