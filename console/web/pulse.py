"""What the pages show of the world outside, read in the background so that no page waits for it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Any, NamedTuple

import structlog

from console.exits import tell

WATCHED_FOR = timedelta(minutes=10)
"""Looks that cost API calls stop this long after the last page was shown."""
TICK_S = 1.0


class Look(NamedTuple):
    """Something to read now and then; ``costs``: it takes calls of a CRM's allowance."""

    ask: Callable[[], Any]
    every: timedelta
    costs: bool = False
    unwatched: timedelta | None = None
    """How often one that costs is read while nobody looks; ``None``: not at all."""


class Reading(NamedTuple):
    """The last answer and its age; with a *problem* the value is the last one that was good."""

    value: Any
    at: datetime
    problem: str = ""


class Pulse:
    """Keeps the latest reading of every look; any number of threads may ask."""

    def __init__(
        self, looks: Callable[[], Mapping[str, Look]], clock: Callable[[], datetime]
    ) -> None:
        self._looks = looks
        self._clock = clock
        self._lock = Lock()
        self._readings: dict[str, Reading] = {}
        self._watched_at: datetime | None = None

    def get(self, name: str) -> Reading | None:
        """Return the last reading; ``None``: not looked yet."""
        with self._lock:
            return self._readings.get(name)

    def value(self, name: str, default: Any = None) -> Any:
        """Return the last good value, or *default*."""
        reading = self.get(name)
        return default if reading is None or reading.value is None else reading.value

    def watch(self) -> None:
        """Say that somebody looks at a page now."""
        self._watched_at = self._clock()

    def forget(self, name: str) -> None:
        """Have it read anew at the next beat."""
        with self._lock:
            self._readings.pop(name, None)

    def beat(self) -> None:
        """Read whatever is due."""
        for name, look in self._looks().items():
            if self._due(name, look):
                self._read(name, look)

    def run(self, ended: Event) -> None:
        """Beat until *ended*."""
        while not ended.wait(TICK_S):
            self.beat()

    def _due(self, name: str, look: Look) -> bool:
        now = self._clock()
        watched = self._watched_at is not None and now - self._watched_at < WATCHED_FOR
        every = look.every if watched or not look.costs else look.unwatched
        if every is None:
            return False
        last = self.get(name)
        return last is None or now - last.at >= every

    def _read(self, name: str, look: Look) -> None:
        """Whatever goes wrong is shown, and tried again when it is due."""
        before = self.get(name)
        try:
            reading = Reading(look.ask(), self._clock())
        except Exception as error:  # noqa: BLE001
            structlog.get_logger().warning("look_failed", look=name, error=type(error).__name__)
            kept = before.value if before else None
            reading = Reading(kept, self._clock(), tell(error).message)
        with self._lock:
            self._readings[name] = reading
