"""Looks for what is wrong where beat and workers are silent: they can not say so themselves."""

from collections.abc import Callable
from threading import Event
from typing import NamedTuple

import structlog

from guestlist.engine import alerting
from guestlist.engine.services import Services
from worker.options import ALERT_EVERY_S


class Lookout(NamedTuple):
    """Does on a thread of the console's own what a task does in a worker."""

    services: Callable[[], Services]
    """As they are in force now."""

    def run(self, ended: Event) -> None:
        """Look until *ended*; what goes wrong is tried again."""
        while not ended.wait(ALERT_EVERY_S):
            try:
                services = self.services()
                alerting.check(services)
                alerting.deliver(services)
            except Exception as error:  # noqa: BLE001
                structlog.get_logger().warning("lookout_failed", error=type(error).__name__)
