"""All records of one object type, with the indexes that reads, uniqueness and search need."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

from sandbox.hubspot.object_types import CONTACT, ObjectType
from sandbox.hubspot.record import Derive, Record, derived


class ChangeLog:
    """Record numbers by time of change; entries of overtaken changes stay until compacted."""

    def __init__(self) -> None:
        self._stamps = array("q")
        self._numbers = array("q")

    def add(self, ms: int, number: int) -> None:
        if not self._stamps or ms >= self._stamps[-1]:
            self._stamps.append(ms)
            self._numbers.append(number)
            return
        place = bisect_right(self._stamps, ms)
        self._stamps.insert(place, ms)
        self._numbers.insert(place, number)

    def between(self, low: int, high: int) -> "array[int]":
        """Return numbers changed in ``[low, high]``, possibly with repeats."""
        return self._numbers[bisect_left(self._stamps, low) : bisect_right(self._stamps, high)]

    def count(self, low: int, high: int) -> int:
        return max(0, bisect_right(self._stamps, high) - bisect_left(self._stamps, low))

    def __len__(self) -> int:
        return len(self._stamps)

    def compact(self, records: Iterable[Record]) -> None:
        """Keep each record's latest change only."""
        latest = sorted((record.updated, record.number) for record in records)
        self._stamps = array("q", (ms for ms, _ in latest))
        self._numbers = array("q", (number for _, number in latest))


class ObjectStore:
    """Records by id. ``unique`` maps a unique property to its lower-cased values' record ids."""

    def __init__(self, type: ObjectType) -> None:
        self.type = type
        self.records: dict[str, Record] = {}
        self.numbers: list[int] = []
        """Every number ever used, ascending; some are gone."""
        self.aliases: dict[str, str] = {}
        """Id of a merged record -> id of the record it became part of."""
        self.unique: dict[str, dict[str, str]] = {"email": {}} if type.id == CONTACT.id else {}
        self.changes = ChangeLog()
        self.derived: dict[str, Derive] = derived(type)
        self._next = type.first_id

    def next_number(self, rng: Random) -> int:
        """Return a fresh number; HubSpot's ids rise with gaps."""
        number = self._next
        self._next += rng.randint(1, 9)
        return number

    def insert(self, record: Record) -> None:
        self.records[record.id] = record
        self.numbers.append(record.number)
        self.claim(record)
        self.stamped(record)

    def stamped(self, record: Record) -> None:
        """Note that the record's last-modified time has moved."""
        self.changes.add(record.updated, record.number)
        if len(self.changes) > 4 * len(self.records) + 10_000:
            self.changes.compact(self.records.values())

    def claim(self, record: Record) -> None:
        """Enter the record's unique values; the first holder keeps a value."""
        for name, index in self.unique.items():
            for value in unique_values(record, name):
                index.setdefault(value, record.id)

    def release(self, record: Record) -> None:
        """Take the record's unique values out of the indexes."""
        for name, index in self.unique.items():
            for value in unique_values(record, name):
                if index.get(value) == record.id:
                    del index[value]

    def live(self, id: str) -> Record | None:
        """Return the record if it exists and is not archived; old merged ids do not resolve."""
        record = self.records.get(id)
        return record if record and record.archived_at is None else None

    def resolve(self, id: str) -> str:
        """Follow merges to the surviving id."""
        while id in self.aliases:
            id = self.aliases[id]
        return id

    def by_unique(self, name: str, value: str) -> Record | None:
        """Return the live record with this value of a unique property."""
        if name == "hs_object_id":
            return self.live(value)
        found = self.unique[name].get(value.strip().lower())
        return self.live(found) if found else None

    def holder(self, name: str, value: str, *, besides: str | None) -> str | None:
        """Return the id of another record that has the unique value."""
        found = self.unique[name].get(value.strip().lower())
        return found if found != besides else None

    def rival(self, record: Record) -> str | None:
        """Return the id of a live record that holds a unique value of *record*."""
        for name in self.unique:
            for value in unique_values(record, name):
                if holder := self.holder(name, value, besides=record.id):
                    return holder
        return None

    def make_unique(self, name: str) -> None:
        self.unique.setdefault(name, {})
        for record in self.all_live():
            for value in unique_values(record, name):
                self.unique[name].setdefault(value, record.id)

    def value(self, record: Record, name: str) -> str | None:
        derive = self.derived.get(name)
        return derive(record) if derive else record.values.get(name)

    def getter(self, name: str) -> Callable[[Record], str | None]:
        """Return a function that reads one property."""
        derive = self.derived.get(name)
        return derive or (lambda record: record.values.get(name))

    def all_live(self) -> Iterator[Record]:
        """Yield live records by id."""
        return (record for record in self.records.values() if record.archived_at is None)

    def after(self, number: int, *, archived: bool = False) -> Iterator[Record]:
        """Yield records with a greater number, by id."""
        for position in range(bisect_right(self.numbers, number), len(self.numbers)):
            record = self.records.get(str(self.numbers[position]))
            if record and (record.archived_at is not None) == archived:
                yield record

    def to_json(self) -> dict[str, Any]:
        return {
            "next": self._next,
            "aliases": self.aliases,
            "unique": list(self.unique),
            "records": [record.to_json() for record in self.records.values()],
        }

    def restore(self, body: dict[str, Any]) -> None:
        """Take over a dumped state; the store must be empty."""
        self._next = body["next"]
        self.aliases = dict(body["aliases"])
        self.unique = {name: {} for name in body["unique"]}
        for item in sorted(body["records"], key=lambda item: int(item["number"])):
            record = Record.from_json(item)
            self.records[record.id] = record
            self.numbers.append(record.number)
            if record.archived_at is None:
                self.claim(record)
        self.changes.compact(self.records.values())


def unique_values(record: Record, name: str) -> Iterator[str]:
    """Yield the lower-cased values a record occupies; additional e-mails count as e-mails."""
    value = record.values.get(name)
    if value:
        yield value.lower()
    if name == "email":
        for extra in filter(None, record.values.get("hs_additional_emails", "").split(";")):
            yield extra.strip().lower()
