"""How a look at a record ends, as values: what the CRMs answered, an end, another look later."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from guestlist.domain.backoff import due
from guestlist.domain.errors import SyncError
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from guestlist.domain.way import Way
from guestlist.domain.write import Agreed, Change, Conflict, Refused, Straggler, WriteResult
from schemas.records import Crm
from schemas.settings import RetrySettings


class Applied(NamedTuple):
    """The CRMs' answers to one plan; ``None``: nothing was sent to that side."""

    salesforce: WriteResult | None = None
    hubspot: WriteResult | None = None
    unsent: SyncError | None = None
    """Why nothing could be sent to the side whose turn it was."""


class LinkTo(NamedTuple):
    """The pair and the agreed values to remember."""

    key: str
    """The HubSpot record's id."""
    twin_type: str
    twin_id: str
    agreed: Agreed
    outside: Reason | None = None
    """Why it is linked although the contact is in no list."""
    replaces: tuple[str, ...] = ()
    """HubSpot ids whose links end with this one."""


class Ended(NamedTuple):
    """The record's one end in its run."""

    key: str
    outcome: Outcome
    reason: Reason
    facts: Mapping[str, str]
    changes: tuple[Change, ...] = ()
    link: LinkTo | None = None
    """``None`` also when the stored link is still exact."""
    conflicts: tuple[Conflict, ...] = ()
    restored: tuple[str, ...] = ()
    """Properties whose lost value is back."""
    doubtful: tuple[Straggler, ...] = ()
    """What was sent without an answer."""
    arrived: tuple[Straggler, ...] = ()
    refusal: Refused | None = None
    refused_by: Crm | None = None
    """``None``: our own check of the live schema, before anything was sent."""
    way: Way = Way.NONE
    """Which way it went, or was to go."""


class Later(NamedTuple):
    """Another look at *due_at*; a wait that is nobody's fault uses up no attempt."""

    key: str
    due_at: datetime
    reason: Reason
    facts: Mapping[str, str]
    counts: bool = True
    link: LinkTo | None = None
    """What is linked already although the record is not at its end."""
    conflicts: tuple[Conflict, ...] = ()
    """Those decided by what one side took, although the other did not yet."""
    doubtful: tuple[Straggler, ...] = ()
    """What was sent without an answer."""


class Patience(NamedTuple):
    """How long one record is tried: its attempts so far, and what the next wait depends on."""

    attempts: int
    now: datetime
    retries: RetrySettings
    jitter: float
    settle_s: float = 0.0
    """How long HubSpot may take to put a new contact into its lists."""

    def next(self) -> datetime | None:
        """Return when to try again; ``None``: it was tried often enough."""
        return due(self.attempts, now=self.now, retries=self.retries, jitter=self.jitter)
