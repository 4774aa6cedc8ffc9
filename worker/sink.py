"""Where log lines go: a reader that has stopped reading costs lines, never work."""

import logging
import os
import select
import stat
from typing import TextIO

ROOM = select.PIPE_BUF
"""What a pipe that says it can be written to takes without waiting."""


def handler_for(stream: TextIO) -> logging.Handler:
    """Return what writes to *stream*; to a pipe or a socket, what never waits for its reader."""
    try:
        kind = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # not a file of the system's
        return logging.StreamHandler(stream)
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
        return Unwaiting(stream)
    return logging.StreamHandler(stream)


class Unwaiting(logging.Handler):
    """Writes what fits, and drops and counts the rest.

    How many lines were dropped is told as soon as there is room again.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._fd = stream.fileno()
        self._torn = False
        """The last line ended in the middle."""
        self.dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, if there is room for its beginning."""
        try:
            if self.dropped and self._put(self.format(self._drops(record))):
                self.dropped = 0
            if not self._put(self.format(record)):
                self.dropped += 1
        except Exception:  # noqa: BLE001 - as every handler of the library does
            self.handleError(record)

    def _put(self, line: str) -> bool:
        data = (("\n" if self._torn else "") + line + "\n").encode(errors="backslashreplace")
        if not self._writable():
            return False
        while data and self._writable():
            data = data[os.write(self._fd, data[:ROOM]) :]
        self._torn = bool(data)
        return True

    def _writable(self) -> bool:
        return bool(select.select([], [self._fd], [], 0)[1])

    def _drops(self, record: logging.LogRecord) -> logging.LogRecord:
        words = f"log_lines_dropped: {self.dropped}"
        return logging.LogRecord(__name__, logging.WARNING, record.pathname, 0, words, None, None)
