"""Keep leases for as long as this process lives: a killed one stops, and its work is soon free."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Thread

import structlog

RENEWALS = 4
"""How often in the time of a lease it is renewed: three in a row may fail."""


@dataclass(slots=True, eq=False)
class _Kept:
    renew: Callable[[], bool]
    fresh: bool = True
    """Younger than one turn: what ends soon is never renewed."""


class LeaseKeeper:
    """Renews from a thread of its own, which ends when there is nothing left to keep.

    A process that stands still renews nothing; once it goes on it finds its leases lost.
    """

    def __init__(self, lease_s: float) -> None:
        self._every_s = lease_s / RENEWALS
        self._lock = Lock()
        self._kept: set[_Kept] = set()
        self._thread: Thread | None = None

    @contextmanager
    def keep(self, renew: Callable[[], bool]) -> Iterator[None]:
        """Renew while the block lasts, or until *renew* says that the lease is lost."""
        kept = _Kept(renew)
        with self._lock:
            self._kept.add(kept)
            if self._thread is None:
                self._thread = Thread(target=self._turns, name="leases", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._kept.discard(kept)

    def _turns(self) -> None:
        while True:
            time.sleep(self._every_s)
            with self._lock:
                if not self._kept:
                    self._thread = None
                    return
                turn = tuple(self._kept)
            for kept in turn:
                self._turn(kept)

    def _turn(self, kept: _Kept) -> None:
        if kept.fresh:
            kept.fresh = False
            return
        try:
            held = kept.renew()
        except Exception as error:  # noqa: BLE001 - the next turn may find the database again
            structlog.get_logger().warning("lease_not_renewed", error=type(error).__name__)
            return
        if not held:
            with self._lock:
                self._kept.discard(kept)
