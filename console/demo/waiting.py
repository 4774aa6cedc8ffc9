"""Waiting for a run's end, and giving up where nothing will come of it."""

import time

from console.demo.stage import Stage
from console.demo.teller import Teller
from console.exits import Exit
from console.printer import Progress
from console.session import Refusal, Session
from console.watching import follow
from console.words import run_line
from guestlist.domain.outcome import RunState
from guestlist.store.runs import Run

STUCK_AFTER_S = 120.0
"""A run that has not moved for this long is given up."""


def to_its_end(stage: Stage, session: Session, teller: Teller, run: Run) -> Run:
    """Follow a run to its end, as long as everything lives and something moves."""
    with session.printer.progress(run.id) as update:
        ended = follow(session, run.id, _Watchful(stage, update))
    if ended.state is not RunState.COMPLETE:
        raise Refusal(f"{run.id} ended as {ended.state}: {ended.reason}", code=Exit.PARTIAL)
    teller.show(lambda: session.printer.line(f"{run.id}: {run_line(ended)}"))
    return ended


class _Watchful:
    """Passes progress on, and gives up when a process has ended or nothing moves."""

    def __init__(self, stage: Stage, update: Progress) -> None:
        self._stage = stage
        self._update = update
        self._seen: tuple[int, str] = (-1, "")
        self._moved_at = time.monotonic()

    def __call__(self, done: int, total: int | None, words: str = "") -> None:
        self._update(done, total, words)
        self._stage.processes.refuse_ended()
        now = time.monotonic()
        if (done, words) != self._seen:
            self._seen, self._moved_at = (done, words), now
        elif now - self._moved_at > STUCK_AFTER_S:
            raise Refusal(
                f"the run has stood still for {STUCK_AFTER_S:g} s: {words}", code=Exit.UNREACHABLE
            )
