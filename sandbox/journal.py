"""The journal of every accepted write: the judge of all proofs, never read by the product."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Operation = Literal["create", "update", "delete", "undelete", "merge", "convert", "gdpr-delete"]


@dataclass(frozen=True, slots=True)
class Membership:
    """A contact in one list, at one instant: by the list's own filter, and as last evaluated."""

    by_filter: bool
    evaluated: bool


class Entry(NamedTuple):
    """One accepted write."""

    seq: int
    at: float
    crm: Literal["hubspot", "salesforce"]
    operation: Operation
    type: str
    id: str
    fields: Mapping[str, Any]
    """The fields as stored after the write, only those the caller sent."""
    changed: bool
    """False when every sent field already held that value."""
    caller: str
    """Name of the app or user whose token was used; ``sandbox`` for control and seeding."""
    request_id: str
    """The caller's ``X-Request-Id``, else empty."""
    contact_id: str | None
    """HubSpot contact of the record: itself, or by external id, or by e-mail; None if unknown."""
    lists: Mapping[str, Membership]
    """Membership per active contact list, at the instant of the write."""


class Journal:
    """Append-only, in memory, and streamed to *sink* as it grows."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.sink: Callable[[Entry], None] | None = None
        self.listener: Callable[[Entry], None] | None = None
        """Told of each entry as well: what the CRMs tell others of."""
        self.membership: Callable[[str], Mapping[str, Membership]] = lambda _contact_id: {}
        """Set by the world: contact id -> membership now, per active list."""

    def write(
        self,
        *,
        at: float,
        crm: Literal["hubspot", "salesforce"],
        operation: Operation,
        type: str,
        id: str,
        fields: Mapping[str, Any],
        changed: bool,
        caller: str,
        request_id: str,
        contact_id: str | None,
    ) -> None:
        """Append one accepted write with the contact's membership as it is now."""
        lists = self.membership(contact_id) if contact_id else {}
        entry = Entry(
            seq=len(self.entries) + 1,
            at=at,
            crm=crm,
            operation=operation,
            type=type,
            id=id,
            fields=fields,
            changed=changed,
            caller=caller,
            request_id=request_id,
            contact_id=contact_id,
            lists=lists,
        )
        self.entries.append(entry)
        if self.sink:
            self.sink(entry)
        if self.listener:
            self.listener(entry)

    def since(self, seq: int) -> Iterator[Entry]:
        """Yield entries after *seq*, oldest first."""
        yield from self.entries[seq:]
