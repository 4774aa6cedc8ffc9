"""Sends alerts beside the tasks: a mail server that is silent for minutes holds up no task."""

from collections.abc import Callable
from threading import Lock, Thread

import structlog

from guestlist.engine.alerting import deliver
from guestlist.engine.services import Services


class Courier:
    """At most one delivery at a time in a process; whoever asks does not wait for it."""

    def __init__(self, work: Callable[[Services], None] = deliver) -> None:
        self._work = work
        self._lock = Lock()

    def __call__(self, services: Services) -> Thread | None:
        """Begin to deliver; ``None``: it is under way already."""
        if not self._lock.acquire(blocking=False):
            return None
        thread = Thread(target=self._run, args=(services,), name="courier", daemon=True)
        thread.start()
        return thread

    def _run(self, services: Services) -> None:
        """Whatever goes wrong is tried again by the next tick."""
        try:
            self._work(services)
        except Exception as error:  # noqa: BLE001
            structlog.get_logger().warning("delivery_failed", error=type(error).__name__)
        finally:
            self._lock.release()


courier = Courier()
