"""The sandbox's own time: it can be moved and frozen, and both CRMs share it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

FIRST = datetime(1970, 1, 1, tzinfo=UTC).timestamp()
LAST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
"""Between these every instant can be told, and those a few years around it."""


class Clock:
    """Wall time plus an offset, or a frozen instant."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen: float | None = None

    @property
    def frozen(self) -> bool:
        """Does time stand still."""
        return self._frozen is not None

    def timestamp(self) -> float:
        """Return seconds since the epoch, UTC."""
        return self._frozen if self._frozen is not None else time.time() + self._offset

    def now(self) -> datetime:
        """Return the current instant, aware, UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def move(self, delta: timedelta) -> None:
        """Jump by *delta*, frozen or not; negative goes back.

        Raises ``ValueError`` where the clock would leave its bounds, as ``freeze`` does.
        """
        _check(self.timestamp() + delta.total_seconds())
        if self._frozen is not None:
            self._frozen += delta.total_seconds()
        self._offset += delta.total_seconds()

    def freeze(self, at: datetime | None = None) -> None:
        """Stop time at *at* (default: now)."""
        instant = at.timestamp() if at else self.timestamp()
        _check(instant)
        self._frozen = instant

    def thaw(self) -> None:
        """Let time run on from the frozen instant."""
        if self._frozen is not None:
            self._offset = self._frozen - time.time()
            self._frozen = None

    @contextmanager
    def visit(self, at: datetime) -> Iterator[None]:
        """Stand still at *at* for a block, then go on as if it had not been."""
        kept = self._offset, self._frozen
        self.freeze(at)
        try:
            yield
        finally:
            self._offset, self._frozen = kept


def _check(instant: float) -> None:
    if not FIRST <= instant < LAST:
        raise ValueError("it runs from 1970 to 9000")
