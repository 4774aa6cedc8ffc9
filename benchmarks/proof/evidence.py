"""All that the judgement rests on: the sandbox's word, and our own accounts to hold against it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from benchmarks.proof.script import FIELDS
from benchmarks.proof.timeline import Lists

CALLER = "guestlist"
"""The journal's name for our token."""
EXTERNAL_ID = "HubSpot_Contact_Id__c"
Row = Mapping[str, Any]


class Account(NamedTuple):
    """A run as we keep it."""

    id: str
    enumerated: int
    ended: int
    waiting: int
    finished: bool


class Lost(NamedTuple):
    """A value that our conflict log keeps."""

    key: str
    name: str
    value: str | None


class Marks(NamedTuple):
    """Where in the journal what began or ended: entry numbers, and times by the sandbox's clock."""

    edits_after: int
    """The last entry before the edits."""
    edits_until: int
    """The last entry when they had ended."""
    quiet_after: int
    """The last entry when both sides were in step again."""


@dataclass(frozen=True)
class Evidence:
    """What is known at the end."""

    list_id: str
    lag_s: float
    """From a contact's change to the membership that follows from it."""
    proof_age_s: float
    """A membership read longer ago than this is no proof."""
    before: frozenset[str]
    """Who was in the list when the journal began."""
    members: frozenset[str]
    """Who is in it at the end."""
    journal: Sequence[Row]
    hubspot: Sequence[Row]
    """Live contacts at the end."""
    salesforce: Sequence[Row]
    """Live contacts and leads at the end."""
    marks: Marks
    accounts: Sequence[Account]
    looked: Mapping[str, float]
    """Record key -> when we last came to an end with it, seconds since the epoch."""
    late: frozenset[str]
    """Of whom we said ourselves that they left while they were written."""
    lost: frozenset[Lost]
    unchanged: int
    """What a last run over the whole list said of its members, by its outcomes."""
    refused: int

    @cached_property
    def lists(self) -> Lists:
        return Lists(self.journal, list_id=self.list_id, before=self.before, lag_s=self.lag_s)

    @cached_property
    def ours(self) -> list[Row]:
        """Our writes, oldest first."""
        return [entry for entry in self.journal if entry["caller"] == CALLER]

    @cached_property
    def people(self) -> list[Row]:
        """What people did while both sides were followed, oldest first."""
        return [
            entry
            for entry in self.journal
            if entry["caller"] != CALLER
            and self.marks.edits_after < entry["seq"] <= self.marks.edits_until
        ]

    @cached_property
    def contacts(self) -> dict[str, Row]:
        return {row["id"]: row["fields"] for row in self.hubspot}

    @cached_property
    def twins(self) -> dict[str, list[Row]]:
        """Live Salesforce records by the HubSpot id they bear."""
        found: dict[str, list[Row]] = {}
        for row in self.salesforce:
            if key := row["fields"].get(EXTERNAL_ID):
                found.setdefault(key, []).append(row)
        return found

    @cached_property
    def invited(self) -> set[str]:
        """Addresses of those whom people created in Salesforce: these may enter past the list."""
        return {
            str(entry["fields"].get("Email")).lower()
            for entry in self.people
            if entry["crm"] == "salesforce" and entry["operation"] == "create"
        }

    def enters(self, entry: Row) -> bool:
        """Tell whether a write of ours is an entry that the settings allow past the list."""
        created = entry["crm"] == "hubspot" and entry["operation"] == "create"
        return created and entry["fields"].get("email") in self.invited


def settings_of(entry: Row) -> Iterator[tuple[str, str | None]]:
    """Yield what an entry sets, by HubSpot's names, of what both sides edit."""
    for name, fields in FIELDS.items():
        field = name if entry["crm"] == "hubspot" else fields.get(entry["type"])
        if field in entry["fields"]:
            yield name, entry["fields"][field]
