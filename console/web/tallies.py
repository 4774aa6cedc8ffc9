"""Counts by reason of large runs: counted once where nothing can change any more, else rarely."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock, Thread
from typing import NamedTuple

from guestlist.store import listing
from guestlist.store.database import Database
from guestlist.store.listing import Tally
from guestlist.store.runs import Run

LARGE = 20_000
"""Records from which a page does not wait for the count: some 25 ms."""
SHARE = 0.05
"""Part of the time that counting a live run may take."""
KEPT = 50


class Counted(NamedTuple):
    tallies: Sequence[Tally]
    final: bool
    good_until: float


class Tallies:
    """Keeps the counts of the runs that were looked at last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._kept: OrderedDict[str, Counted] = OrderedDict()
        self._under_way: set[str] = set()

    def of(self, run: Run) -> Sequence[Tally] | None:
        """Return a run's counts, for a live one as they were lately; ``None``: still counting."""
        with self._lock:
            kept = self._kept.get(run.id)
        if kept and (kept.final or time.monotonic() < kept.good_until):
            return kept.tallies
        if run.enumerated <= LARGE:
            return self.count(run)
        self._begin(run)
        return kept.tallies if kept else None

    def count(self, run: Run) -> Sequence[Tally]:
        """Count now, however long it takes."""
        begun = time.monotonic()
        with self._database.read() as conn:
            tallies = listing.outcomes(conn, run.id)
        ended = time.monotonic()
        counted = Counted(tallies, run.finished_at is not None, ended + (ended - begun) / SHARE)
        with self._lock:
            self._kept[run.id] = counted
            self._kept.move_to_end(run.id)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return tallies

    def _begin(self, run: Run) -> None:
        with self._lock:
            if run.id in self._under_way:
                return
            self._under_way.add(run.id)
        Thread(target=self._count, args=(run,), name=f"count {run.id}", daemon=True).start()

    def _count(self, run: Run) -> None:
        try:
            self.count(run)
        finally:
            with self._lock:
                self._under_way.discard(run.id)
