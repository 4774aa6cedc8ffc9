"""How far a run is, how fast it goes, and how long it may still take."""

from datetime import datetime, timedelta
from typing import NamedTuple

from guestlist.domain.outcome import RunState
from guestlist.store.runs import Run

SOON = timedelta(seconds=3)
"""Before that a pace says nothing."""


class Progress(NamedTuple):
    done: int
    total: int | None
    """``None``: the list is still being read."""
    percent: float | None
    per_second: float | None
    left: timedelta | None
    took: timedelta


def progress(run: Run, now: datetime) -> Progress:
    done = run.enumerated - run.waiting
    total = None if run.enumerating else run.enumerated
    took = (run.finished_at or now) - run.created_at
    percent = None if total is None else (100 * done / total if total else 100.0)
    pace = done / took.total_seconds() if took >= SOON and done else None
    left = None
    if pace and run.state is RunState.RUNNING and run.waiting:
        left = timedelta(seconds=run.waiting / pace)
    return Progress(done, total, percent, pace, left, took)
