"""Celery's consumer, which no broken connection ends, whatever the breaking looks like."""

from typing import Any

import structlog
from celery.worker import consumer


class Consumer(consumer.Consumer):
    """Connects anew whatever goes wrong while the lost connection is put away.

    kombu 5.7 gives back what it holds when a Redis channel is closed, and acknowledges what came by
    a connection that is gone.  Both meet a transport half taken down: an AttributeError, by which
    the whole worker ended.
    """

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        known = self.app.connection_for_read().connection_errors
        self.connection_errors: Any = (*known, AttributeError)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Put the connection away; nothing of it is used again."""
        try:
            super().on_connection_error_after_connected(exc)
        except Exception as error:  # noqa: BLE001 - whatever it was, the connection is gone
            self.connection: Any = None
            log = structlog.get_logger()
            log.warning("connection_not_closed", error=type(error).__name__)
