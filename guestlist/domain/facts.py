"""All that a decision about one record rests on, and what it is looked at for."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from guestlist.domain.gate import Proof
from guestlist.domain.intent import Noted
from guestlist.domain.outcome import RunKind
from guestlist.domain.plan import NO_HISTORY, History
from guestlist.domain.reason import Reason
from guestlist.domain.write import Agreed
from schemas.records import HubSpotRecord, SalesforceRecord
from schemas.settings import GuardSettings


class Facts(NamedTuple):
    """All a decision about one record rests on, as just read."""

    key: str
    """The work row's: a HubSpot id, or the id of a Salesforce record without a known contact."""
    record: HubSpotRecord | None
    """``None``: HubSpot does not have it (any more)."""
    proof: Proof | None
    twin: tuple[str, str] | None
    """The stored link: (Salesforce type, id)."""
    agreed: Agreed | None
    """What it was last agreed on with that twin."""
    candidates: Sequence[SalesforceRecord]
    """Salesforce rows found by link, external id or match value."""
    origin: SalesforceRecord | None = None
    """The Salesforce record that *key* names."""
    merged_into: str | None = None
    """The Salesforce record that the linked twin was merged into."""
    twin_deleted: bool = False
    """Salesforce shows the linked twin in its recycle bin; else it may be out of our sight only."""
    outside: Reason | None = None
    """Why the pair was linked although the contact was in no list; ``None``: it was a member."""
    left: bool = False
    """It left the list after it was linked."""
    erased: bool = False
    """HubSpot has it neither live nor archived, and we were linked to it."""
    forgotten: bool = False
    """HubSpot deleted for good whom *origin* is about."""
    history: History = NO_HISTORY
    agreed_at: datetime | None = None
    """When that was agreed on."""
    noted: Noted | None = None
    """What was to be written to this pair before it was linked, by a look that nobody recorded."""


class Look(NamedTuple):
    """What a batch is looked at for, as far as it changes what may be done."""

    kind: RunKind
    now: datetime
    guards: GuardSettings
    followed_since: datetime | None = None
    """Salesforce records younger than this were created while we watched."""
