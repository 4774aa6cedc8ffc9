"""Looks for what is wrong where beat and workers are silent: they can not say so themselves."""

from threading import Event
from typing import NamedTuple

import structlog

from guestlist.engine import alerting
from guestlist.engine.services import Services
from worker.options import ALERT_EVERY_S


class Lookout(NamedTuple):
    """Does on a thread of the console's own what a task does in a worker."""

    services: Services

    def run(self, ended: Event) -> None:
        """Look until *ended*; what goes wrong is tried again."""
        while not ended.wait(ALERT_EVERY_S):
            try:
                alerting.check(self.services)
                alerting.deliver(self.services)
            except Exception as error:  # noqa: BLE001
                structlog.get_logger().warning("lookout_failed", error=type(error).__name__)
