"""``python -m tests.chaos.process FOLDER MUTANT|- CELERY...``: Celery, as it is on a bad day.

The process's wall clock is off by as many seconds as the file ``clock`` of its folder says, from
the moment it says so, as after a step of the machine's clock.  With the name of a mutant the engine
has that bug.
"""

import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from celery.__main__ import main

LOOK_EVERY_S = 0.1
CLOCK = "clock"


class WallClock:
    """A process's wall clock, as far off as a file says."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._off = 0.0
        self._travel: time_machine.travel | None = None

    def watch(self) -> None:
        """Follow the file in this process, and in every process it forks."""
        os.register_at_fork(after_in_child=self._start)
        self._start()

    def _start(self) -> None:
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            if (off := self._told()) != self._off:
                self._set(off)

    def _told(self) -> float:
        try:
            return float(self._file.read_text() or 0)
        except (OSError, ValueError):
            return 0.0

    def _set(self, off: float) -> None:
        if self._travel:
            self._travel.stop()
        self._travel, self._off = None, off
        if off:
            then = datetime.fromtimestamp(time.time() + off, UTC)
            self._travel = time_machine.travel(then, tick=True)
            self._travel.start()


def mutate(name: str) -> None:
    """Seed a bug of the model's into this process."""
    from tests.model.mutants import MUTANTS

    (found,) = (each for each in MUTANTS if each.name == name)
    found.mutate(pytest.MonkeyPatch())


if __name__ == "__main__":
    folder, mutant, *line = sys.argv[1:]
    WallClock(Path(folder) / CLOCK).watch()
    if mutant != "-":
        mutate(mutant)
    sys.argv = ["celery", *line]
    main()
