"""What one request changes: undone as a whole, or committed and journalled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.journal import Operation
from sandbox.salesforce.dates import stamp
from sandbox.salesforce.record import Record, Values

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and what the request's headers ask for."""

    caller: str
    user_id: str
    request_id: str = ""
    version: float = 67.0
    auto_assign: bool = True
    allow_save: bool = False
    record_details: bool = False
    bypass: bool = False
    inside: bool = False
    """Written through control, not by an API client."""


class Change(NamedTuple):
    """One accepted write; *before* is None for a create."""

    record: Record
    before: Values | None
    shown_before: Values | None
    operation: Operation
    fields: Mapping[str, Any]
    changed: bool


@dataclass(slots=True)
class Transaction:
    """Changes made so far. Nothing is journalled before commit."""

    org: "Org"
    author: Author
    changes: list[Change] = field(default_factory=list)
    at: float = field(init=False)
    stamp: str = field(init=False)
    late: bool = field(init=False)
    saved_before: int = field(default=0)
    """How many changes are of earlier saves: a composite holds several."""

    def __post_init__(self) -> None:
        options = self.org.options
        self.at = self.org.clock.timestamp()
        self.stamp = stamp(self.at)
        mine = options.late_commits == "all" or self.author.inside
        self.late = options.commit_delay > 0 and mine

    def create(self, record: Record, sent: Mapping[str, Any]) -> None:
        """Add a new record; *sent* are the fields the caller gave, as stored."""
        record.table.add(record)
        if not self.late:
            record.shown = record.values
        self._note(record, None, None, "create", sent, changed=True)

    def change(
        self,
        record: Record,
        values: Values,
        sent: Mapping[str, Any],
        *,
        operation: Operation = "update",
    ) -> None:
        """Replace the values of a record."""
        before, shown = record.values, record.shown
        changed = any(before.get(name) != value for name, value in sent.items())
        record.table.put(record, values)
        if not self.late:
            record.shown = values
        self._note(record, before, shown, operation, sent, changed=changed)

    def _note(
        self,
        record: Record,
        before: Values | None,
        shown: Values | None,
        operation: Operation,
        sent: Mapping[str, Any],
        *,
        changed: bool,
    ) -> None:
        record.table.note(record.values.get("SystemModstamp", self.stamp), record)
        self.changes.append(Change(record, before, shown, operation, sent, changed))

    def roll_back(self, to: int = 0) -> None:
        """Undo everything after the first *to* changes."""
        while len(self.changes) > to:
            change = self.changes.pop()
            if change.before is None:
                change.record.table.drop(change.record)
            else:
                change.record.table.put(change.record, change.before)
                change.record.shown = change.shown_before

    def commit(self) -> None:
        """Journal every change; rows committed late become visible when their time comes."""
        for change in self.changes:
            if self.late:
                self.org.delay(change.record, self.at)
            else:
                self.org.show(change.record)
            self._journal(change)
        self.changes.clear()

    def _journal(self, change: Change) -> None:
        record = change.record
        self.org.journal.write(
            at=self.at,
            crm="salesforce",
            operation=change.operation,
            type=record.table.name,
            id=record.id,
            fields=change.fields,
            changed=change.changed,
            caller=self.author.caller,
            request_id=self.author.request_id,
            contact_id=self.org.contact_of(record),
        )
