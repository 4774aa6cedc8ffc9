"""The base of every task: what a task may fail with, and what Celery makes of it."""

import time
from typing import Any

import celery
import structlog
from celery.exceptions import Reject, TaskPredicate

from guestlist.store.database import takes_nothing
from worker.tracing import HEADERS, traces

SWEEP_EVERY_S = 5.0
"""How often lost and due work is looked for."""
AGAIN_S = 2.0
"""How long a message is kept that finds the database away, before others may try it."""


class TaskFailed(Exception):
    """A task ended with an error of the kind that is named: its words may hold a person's data.

    Celery passes an error's words on, in events that Flower shows.
    """


class SyncTask(celery.Task[Any, Any]):
    """A task that may be lost, doubled or late without harm.

    Nothing is retried through Celery: the work table remembers what a failed task left
    behind, and the sweep sends it again when its due time or its lease has passed.  But where
    that table can not be reached, the message goes back to its queue: at full speed a worker
    would throw away all that wait in it within a second.
    """

    acks_late = True
    reject_on_worker_lost = True
    ignore_result = True
    sleep = staticmethod(time.sleep)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Bind the run and the task to every log line of this call."""
        with (
            structlog.contextvars.bound_contextvars(
                run=args[0] if args else None, task=self.name, task_id=self.request.id
            ),
            traces.task(self.name, id=self.request.id, arguments=args, headers=self._parent()),
        ):
            try:
                return super().__call__(*args, **kwargs)
            except TaskPredicate:
                raise
            except Exception as error:  # noqa: BLE001
                if takes_nothing(error):
                    raise self._given_back(error) from None
                named = TaskFailed(type(error).__name__)
                raise named.with_traceback(error.__traceback__) from None

    def _given_back(self, error: Exception) -> Reject:
        kind = type(error).__name__
        structlog.get_logger().warning("database_away", error=kind, again_s=AGAIN_S)
        self.sleep(AGAIN_S)
        return Reject(kind, requeue=True)

    def _parent(self) -> dict[str, str]:
        """Return which span published this call, if its message says so."""
        found = ((name, self.request.get(name)) for name in HEADERS)
        return {name: value for name, value in found if isinstance(value, str)}

    def on_failure(self, exc: Exception, task_id: str, *_rest: Any, **_more: Any) -> None:
        """Say which task failed with what kind of error; its text may hold a person's data."""
        kind = str(exc) if isinstance(exc, TaskFailed) else type(exc).__name__
        structlog.get_logger().error("task_failed", task=self.name, task_id=task_id, error=kind)
