"""Hand work to a lane's queue: record keys and a run id, never a value."""

from collections.abc import Sequence
from typing import Any

import celery
import structlog
from kombu.exceptions import OperationalError
from redis import RedisError

from schemas.settings import Lane
from worker.queues import ENUMERATE_LIST, SYNC_RECORDS
from worker.tracing import traces

MARK = "guestlist:broker"
"""Set as long as Redis remembers what it was given."""


class CeleryPublisher:
    """Publishes through the application's pooled producers.

    A message that can not be sent is not a failure: the work row is committed already,
    and the sweep sends it again once the broker is back.
    """

    def __init__(self, app: celery.Celery[Any]) -> None:
        self._app = app

    def sync(self, run_id: str, keys: Sequence[str], *, lane: Lane) -> None:
        """Ask for a look at these records."""
        self._send(SYNC_RECORDS, run_id, list(keys), lane=lane)

    def enumerate(self, run_id: str) -> None:
        """Ask a producer to go on with this run."""
        self._send(ENUMERATE_LIST, run_id, lane=Lane.UPKEEP)

    def emptied(self) -> bool:
        """Leave a mark in Redis; where it is gone, so are all messages.

        Other brokers keep theirs.
        """
        try:
            with self._app.connection_for_write() as connection:
                if connection.transport.driver_type != "redis":
                    return False
                channel: Any = connection.channel()
                return bool(channel.client.set(MARK, 1, nx=True))
        except (OperationalError, RedisError) as error:
            structlog.get_logger().warning("broker_not_asked", error=type(error).__name__)
            return False

    def _send(self, task: str, run_id: str, *rest: list[str], lane: Lane) -> None:
        size = f", {len(rest[0])} keys" if rest else ""
        try:
            self._app.send_task(
                task,
                (run_id, *rest),
                queue=lane.value,
                argsrepr=f"({run_id!r}{size})",
                headers=traces.carried(),
                retry=False,
            )
        except OperationalError as error:
            structlog.get_logger().warning(
                "publish_failed", task=task, run=run_id, error=type(error).__name__
            )
