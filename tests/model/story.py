"""What happened in both CRMs, as the judge reads it: every accepted write, and who was in the list.

Plain values only.  :class:`tests.model.diary.Diary` writes a story down while a world lives.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tests.model.fields import Values

CrmName = Literal["hubspot", "salesforce"]


class Moment(NamedTuple):
    """One accepted write of either CRM."""

    at: float
    ours: bool
    crm: CrmName
    operation: str
    type: str
    id: str
    contact: str | None
    """The HubSpot contact it is about: itself, by external id, else by e-mail address."""
    before: Values
    after: Values
    sent: frozenset[str] = frozenset()
    """HubSpot properties and Salesforce fields that the writer named."""
    carried: str | None = None
    """Salesforce: the contact's id that the record carries after it."""


class Presence(NamedTuple):
    """Who was in the inclusion list from an instant on."""

    at: float
    usable: bool
    by_filter: frozenset[str]
    evaluated: frozenset[str]


class Hold(NamedTuple):
    """The list changed so much that nobody of *newcomers* may enter until a person says so."""

    since: float
    newcomers: frozenset[str]
    until: float
    limit: int = 0
    """So many newcomers need no person: when no more are left in the list, the brake is off."""


class Ban(NamedTuple):
    """The settings in force say that nobody is created in Salesforce."""

    since: float
    until: float


class Pause(NamedTuple):
    """A worker was stopped, and went on where it was."""

    since: float
    until: float


class Lost(NamedTuple):
    """A value in the conflict log."""

    contact: str
    property: str
    value: str | None


@dataclass(slots=True)
class Story:
    """All of it, oldest first."""

    moments: list[Moment] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Id of a contact that was merged away -> id of the one it became part of."""
    lost: frozenset[Lost] = frozenset()
    bans: list[Ban] = field(default_factory=list)
    late_s: float = 0.0
    """How long after it was sent a request may have been carried out."""
    proof_age_s: float = 30.0
    """G: how long a membership may be over when it is written by."""
    race_s: float = 2.0
    """An edit this shortly before a write may be lost: neither CRM compares before it sets."""
    pauses: Sequence[Pause] = ()
    """What was read before a pause is written after it."""
    doubtful: bool = False
    """Answers were lost on the way: what was created may not have been known as ours at first."""
    enters: bool = False
    """Salesforce's new records make contacts, whatever the list, under some settings in force."""

    def root(self, contact: str) -> str:
        """Return the contact that this one is part of by now."""
        while contact in self.aliases:
            contact = self.aliases[contact]
        return contact

    def family(self, contact: str) -> frozenset[str]:
        """Return every id under which the contact was ever known."""
        root = self.root(contact)
        return frozenset({contact, root, *(id for id in self.aliases if self.root(id) == root)})

    def during(self, since: float, until: float) -> Iterator[Presence]:
        """Yield every state of the list that held at some instant of ``[since, until]``."""
        first = bisect_right(self.presences, since, key=lambda each: each.at) - 1
        for presence in self.presences[max(first, 0) :]:
            if presence.at > until:
                return
            yield presence

    def unseen_since(self, at: float) -> float:
        """Return from when on an edit may have been unknown to a write that landed *at*."""
        since = at - self.race_s - self.late_s
        for pause in self.pauses:
            if pause.since <= at and since <= pause.until:
                since = min(since, pause.since - self.race_s)
        return since

    def ours(self) -> Iterator[Moment]:
        """Yield what the product wrote."""
        return (moment for moment in self.moments if moment.ours)
