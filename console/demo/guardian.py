"""Ends the demo's processes and removes its folder once the demo is gone, however it went.

A process of its own, because a killed one tidies nothing up.  Its standard input says which
processes there are (``+PID``, ``-PID``, a line each); where that ends, the demo has ended.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PATIENCE_S = 5.0
LOOK_EVERY_S = 0.05


def told(lines: Iterable[str]) -> set[int]:
    """Return the processes that are left when *lines* end."""
    left: set[int] = set()
    for line in lines:
        word = line.strip()
        if word[1:].isdecimal():
            (left.add if word[0] == "+" else left.discard)(int(word[1:]))
    return left


def end(left: set[int], *, patience: float = PATIENCE_S) -> None:
    """Ask the process groups to end, and kill those that have not after *patience* seconds."""
    _send(left, signal.SIGTERM)
    until = time.monotonic() + patience
    while any(map(_alive, left)) and time.monotonic() < until:
        time.sleep(LOOK_EVERY_S)
    _send(left, signal.SIGKILL)


def _send(groups: set[int], number: signal.Signals) -> None:
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main(folder: Path) -> None:
    """Wait for the end of the demo, then tidy up after it."""
    end(told(sys.stdin))
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
