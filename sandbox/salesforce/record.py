"""One record, and the table that holds an object's records with their indexes."""

from bisect import bisect_left, insort_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandbox.salesforce.cleaning import Cleaner, cleaner
from sandbox.salesforce.ids import IdSequence
from sandbox.salesforce.options import Options
from sandbox.salesforce.schema.field import FieldSpec, ObjectSpec

Values = dict[str, Any]
_ALSO_INDEXED = {"CampaignMember": ("CampaignId",)}


class Record:
    """A record: what was last written, and what readers see (None before its first commit)."""

    __slots__ = ("id", "shown", "table", "values")

    def __init__(self, record_id: str, table: "Table", values: Values) -> None:
        self.id = record_id
        self.table = table
        self.values = values
        self.shown: Values | None = None

    @property
    def deleted(self) -> bool:
        """Tell whether it is in the recycle bin."""
        return bool(self.values.get("IsDeleted"))


class Table:
    """All records of one object. ``rows`` is keyed by the 15-character id."""

    def __init__(self, spec: ObjectSpec, options: Options, instance: str) -> None:
        self.options = options
        self.ids = IdSequence(spec.prefix, instance)
        self.rows: dict[str, Record] = {}
        self.bin: dict[str, Record] = {}
        self.lookups: dict[str, dict[str, list[Record]]] = {}
        self.log: list[tuple[str, int, Record]] = []
        self._logged = 0
        self.schema_changed = 0.0
        self.set_spec(spec)

    def set_spec(self, spec: ObjectSpec) -> None:
        """Take a schema, now or changed later; records stay, new indexes are filled."""
        self.spec = spec
        self.name = spec.name
        fields = spec.fields.values()
        self.names = {field.name.lower(): field.name for field in fields}
        self.cleaners = {field.name: cleaner(field, self.options) for field in fields}
        self.creatable = self._writable(field for field in fields if field.createable)
        self.changeable = self._writable(field for field in fields if field.updateable)
        self.required = tuple(field.name for field in fields if field.required)
        self.never_null = frozenset(
            field.name for field in fields if not field.nillable and field.type != "boolean"
        )
        self.unique = tuple(field for field in fields if field.unique)
        self.references = {field.name: field for field in fields if field.type == "reference"}
        self.defaults = {f.name: f.default for f in fields if f.default is not None}
        self._index_anew(fields)

    def _writable(self, fields: Iterable[FieldSpec]) -> dict[str, Cleaner]:
        return {field.name: self.cleaners[field.name] for field in fields}

    def _index_anew(self, fields: Iterable[FieldSpec]) -> None:
        wanted = {f.name for f in fields if f.id_lookup or f.external_id or f.unique} - {"Id"}
        wanted.update(_ALSO_INDEXED.get(self.name, ()))
        self.lookups = {name: self.lookups.get(name, {}) for name in sorted(wanted)}
        for name, index in self.lookups.items():
            if not index:
                for record in self.rows.values():
                    self._file(index, name, record)

    def _file(self, index: dict[str, list[Record]], name: str, record: Record) -> None:
        value = record.values.get(name)
        if value is not None and not record.deleted:
            index.setdefault(str(value).lower(), []).append(record)

    def find(self, record_id: str) -> Record | None:
        """Return the record with this id, deleted or not."""
        return self.rows.get(record_id[:15])

    def holding(self, name: str, value: object) -> list[Record]:
        """Return the live records whose indexed field *name* holds *value*, whatever the case."""
        return self.lookups[name].get(str(value).lower(), [])

    def add(self, record: Record) -> None:
        """Take a new record into rows and indexes."""
        self.rows[record.id[:15]] = record
        for name, index in self.lookups.items():
            self._file(index, name, record)

    def drop(self, record: Record) -> None:
        """Take back a record whose creation was rolled back."""
        self._unfile(record, record.values, self.lookups)
        self.rows.pop(record.id[:15], None)
        self.bin.pop(record.id, None)

    def put(self, record: Record, values: Values) -> None:
        """Replace a record's values and keep the indexes right."""
        before, was_deleted = record.values, record.deleted
        now_deleted = bool(values.get("IsDeleted"))
        moved = {
            name: index
            for name, index in self.lookups.items()
            if was_deleted != now_deleted or before.get(name) != values.get(name)
        }
        if moved and not was_deleted:
            self._unfile(record, before, moved)
        record.values = values
        for name, index in moved.items():
            self._file(index, name, record)
        if now_deleted:
            self.bin[record.id] = record
        elif was_deleted:
            self.bin.pop(record.id, None)

    def _unfile(
        self, record: Record, values: Values, indexes: Mapping[str, dict[str, list[Record]]]
    ) -> None:
        for name, index in indexes.items():
            value = values.get(name)
            held = index.get(str(value).lower()) if value is not None else None
            if held and record in held:
                held.remove(record)
                if not held:
                    del index[str(value).lower()]

    def note(self, stamp: str, record: Record) -> None:
        """Remember that *record* was stamped, so that a poll need not scan."""
        self._logged += 1
        entry = (stamp, self._logged, record)
        if self.log and stamp < self.log[-1][0]:
            insort_left(self.log, entry)
        else:
            self.log.append(entry)
        if len(self.log) > 2 * len(self.rows) + 10_000:
            self._shorten_log()

    def _shorten_log(self) -> None:
        latest = {id(record): (stamp, seq, record) for stamp, seq, record in self.log}
        self.log = sorted(latest.values(), key=lambda entry: entry[:2])

    def stamped_since(self, stamp: str) -> Iterator[Record]:
        """Yield once each record that may be stamped at or after *stamp*."""
        start = bisect_left(self.log, (stamp,))
        yield from {id(record): record for _, _, record in self.log[start:]}.values()
