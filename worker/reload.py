"""Notice that the files of the settings changed, and build the services anew."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

from guestlist import failpoint
from guestlist.engine.services import Services

LOOK_EVERY_S = 1.0

Stamp = tuple[int, int, int] | None
"""Inode, size and time of the last change; ``None``: no such file."""


class Watch(ABC):
    """Tells whether something changed; looks at most once in so many seconds.

    What changed once stays changed.
    """

    def __init__(self, every_s: float, monotonic: Callable[[], float]) -> None:
        self._every_s = every_s
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._changed = False

    def changed(self) -> bool:
        now = self._monotonic()
        if not self._changed and now - self._looked_at >= self._every_s:
            self._looked_at = now
            self._changed = self.differs()
        return self._changed

    @abstractmethod
    def differs(self) -> bool:
        """Look."""


class FileWatch(Watch):
    """Tells whether any of *files* is another than when this was made; looks once a second."""

    def __init__(
        self, files: Iterable[Path], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._stamps = {path: _stamp(path) for path in files}
        super().__init__(LOOK_EVERY_S, monotonic)

    def differs(self) -> bool:
        return any(_stamp(path) != was for path, was in self._stamps.items())


class Current:
    """The services under the settings as they are now.

    *build* loads the settings; what it raises for settings that can not be used reaches whoever
    asks, and nothing is written meanwhile.  Batches under way end with the services they have.
    """

    def __init__(self, build: Callable[[], Services]) -> None:
        self._build = build
        self._lock = Lock()
        self._services: Services | None = None

    def __call__(self) -> Services:
        with self._lock:
            old = self._services
            if old is not None and not old.superseded():
                return old
            self._services = new = self._build()
            if old is not None:
                old.database.dispose()
                failpoint.hit("settings.read_anew")
            return new


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
