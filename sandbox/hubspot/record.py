"""One CRM record: stored values, their history, and what HubSpot calculates from them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sandbox.hubspot.instants import iso
from sandbox.hubspot.object_types import CONTACT, ObjectType


class Version(NamedTuple):
    """One past or present value of a property; None when it was cleared."""

    ms: int
    value: str | None
    caller: str


class Record:
    """Only set values are stored; the history begins with a property's first change."""

    __slots__ = (
        "archived_at",
        "author",
        "created",
        "history",
        "id",
        "merged",
        "number",
        "updated",
        "values",
    )

    def __init__(self, number: int, values: dict[str, str], *, created: int, author: str) -> None:
        self.number = number
        self.id = str(number)
        self.values = values
        self.created = created
        self.updated = created
        self.archived_at: int | None = None
        self.author = author
        self.history: dict[str, list[Version]] | None = None
        self.merged: list[tuple[str, int]] = []
        """Ids merged into this record, with the time."""

    def frozen_copy(self) -> "Record":
        """Return the record as it is now, for an index that lags behind."""
        copy = Record(self.number, dict(self.values), created=self.created, author=self.author)
        copy.updated = self.updated
        copy.archived_at = self.archived_at
        copy.merged = list(self.merged)
        return copy

    def put(self, name: str, value: str, *, ms: int, caller: str) -> bool:
        """Set or, with an empty text, clear a value; say whether anything changed."""
        old = self.values.get(name)
        if old == (value or None):
            return False
        if self.history is None:
            self.history = {}
        versions = self.history.get(name)
        if versions is None:
            first = [] if old is None else [Version(self.created, old, self.author)]
            versions = self.history[name] = first
        versions.append(Version(ms, value or None, caller))
        if value:
            self.values[name] = value
        else:
            del self.values[name]
        return True

    def versions(self, name: str) -> list[Version]:
        """Return every version of a stored property, oldest first."""
        if self.history and name in self.history:
            return self.history[name]
        value = self.values.get(name)
        return [] if value is None else [Version(self.created, value, self.author)]

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "values": self.values,
            "created": self.created,
            "updated": self.updated,
            "archived_at": self.archived_at,
            "author": self.author,
            "history": _plain(self.history),
            "merged": self.merged,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Record":
        record = cls(
            body["number"], dict(body["values"]), created=body["created"], author=body["author"]
        )
        record.updated = body["updated"]
        record.archived_at = body["archived_at"]
        record.merged = [(id, ms) for id, ms in body["merged"]]
        if body["history"] is not None:
            record.history = {
                name: [Version(*version) for version in versions]
                for name, versions in body["history"].items()
            }
        return record


def _plain(history: Mapping[str, list[Version]] | None) -> dict[str, list[list[Any]]] | None:
    """Return every version as a list, which any writer of JSON takes."""
    if history is None:
        return None
    return {name: [list(version) for version in versions] for name, versions in history.items()}


Derive = Callable[[Record], str | None]


def _domain(record: Record) -> str | None:
    return record.values.get("email", "").rpartition("@")[2] or None


def _full_name_or_email(record: Record) -> str | None:
    values = record.values
    name = f"{values.get('firstname', '')} {values.get('lastname', '')}".strip()
    return name or values.get("email")


def _merged_ids(record: Record) -> str | None:
    return ";".join(id for id, _ in record.merged) or None


def _merged_vids(record: Record) -> str | None:
    return ";".join(f"{id}:{ms}" for id, ms in record.merged) or None


def _all_vids(record: Record) -> str:
    return ";".join([record.id, *(id for id, _ in record.merged)])


_EVERY: dict[str, Derive] = {
    "hs_object_id": lambda record: record.id,
    "hs_merged_object_ids": _merged_ids,
}

_CONTACT: dict[str, Derive] = {
    "hs_all_contact_vids": _all_vids,
    "hs_calculated_merged_vids": _merged_vids,
    "hs_email_domain": _domain,
    "hs_full_name_or_email": _full_name_or_email,
    "hs_is_contact": lambda _record: "true",
    "hs_is_unworked": lambda _record: "true",
    "hs_pipeline": lambda _record: "contacts-lifecycle-pipeline",
    "num_notes": lambda _record: "0",
}


def derived(type: ObjectType) -> dict[str, Derive]:
    """Return the properties calculated from a record rather than stored."""
    return {
        type.created: lambda record: iso(record.created),
        type.modified: lambda record: iso(record.updated),
        **_EVERY,
        **(_CONTACT if type.id == CONTACT.id else {}),
    }
