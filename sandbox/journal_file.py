"""The journal as JSON lines: in a file that grows with it, and back again."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from sandbox.journal import Entry, Journal, Membership


def as_line(value: Any) -> bytes:
    """Return *value*, an entry for instance, as one line of JSON."""
    return orjson.dumps(value, default=plain, option=orjson.OPT_APPEND_NEWLINE)


def plain(value: Any) -> Any:
    """Turn what orjson does not know into JSON values."""
    if isinstance(value, Entry):
        return value._asdict()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def entry(given: Mapping[str, Any]) -> Entry:
    """Build an entry from its JSON."""
    lists = {list_id: Membership(**held) for list_id, held in given["lists"].items()}
    return Entry(**{**given, "lists": lists})


class JournalFile:
    """Collects what a request wrote and puts it to the file in one go, before the answer leaves."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        self._pending: list[Entry] = []

    def follow(self, path: Path) -> None:
        """Write the whole journal to *path* and keep it growing; an older file is replaced."""
        self.close()
        self._path = path
        self._file = path.open("wb", buffering=0)
        self._write(self._journal.entries)
        self._journal.sink = self._pending.append

    def restart(self) -> None:
        """Begin the file anew, as the journal has."""
        if self._path:
            self.follow(self._path)

    def flush(self) -> None:
        """Write what is pending."""
        if self._pending:
            self._write(self._pending)
            self._pending.clear()

    def close(self) -> None:
        """Stop following."""
        self.flush()
        self._journal.sink = None
        if self._file:
            self._file.close()
        self._file = self._path = None

    def _write(self, entries: Iterable[Entry]) -> None:
        if self._file:
            self._file.write(b"".join(map(as_line, entries)))
