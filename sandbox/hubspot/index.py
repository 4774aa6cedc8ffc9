"""Search's own, stale view of the records: it learns of a change ``index_lag`` seconds later."""

import heapq
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from sandbox.hubspot.options import Options
from sandbox.hubspot.record import Record
from sandbox.hubspot.store import ObjectStore


class _Pending(NamedTuple):
    due: int
    order: int
    type_id: str
    number: int
    view: Record | None
    """What the index will hold; None once the record is gone."""


class SearchIndex:
    """Holds old views of records with changes not yet indexed; others are indexed as they are."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._pending: list[_Pending] = []
        self._stale: dict[tuple[str, int], Record | None] = {}
        self._waiting: dict[tuple[str, int], int] = {}
        self._order = count()

    def keeps_old(self) -> bool:
        """Say whether a writer must hand over the record as it was."""
        return self._options.index_lag > 0 or bool(self._pending)

    def changed(self, store: ObjectStore, record: Record, *, before: Record | None) -> None:
        """Take note of a write; *before* is None for a record new to the index."""
        if not self.keeps_old():
            return
        key = (store.type.id, record.number)
        self._stale.setdefault(key, before)
        self._waiting[key] = self._waiting.get(key, 0) + 1
        view = record.frozen_copy() if record.archived_at is None else None
        due = max(record.updated, record.archived_at or 0) + int(self._options.index_lag * 1000)
        heapq.heappush(self._pending, _Pending(due, next(self._order), *key, view))

    def settle(self, now: int) -> None:
        """Take over every change that is old enough."""
        while self._pending and self._pending[0].due <= now:
            pending = heapq.heappop(self._pending)
            key = (pending.type_id, pending.number)
            self._waiting[key] -= 1
            if self._waiting[key]:
                self._stale[key] = pending.view
            else:
                del self._waiting[key]
                del self._stale[key]

    def stale(self, type_id: str) -> Iterator[tuple[int, Record | None]]:
        """Yield (number, old view) of the type's records that the index holds otherwise."""
        return ((number, view) for (id, number), view in self._stale.items() if id == type_id)

    def is_stale(self, type_id: str, number: int) -> bool:
        return (type_id, number) in self._stale

    def __len__(self) -> int:
        return len(self._stale)
