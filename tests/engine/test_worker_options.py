"""Celery's options against what was measured to lose, double or stall work."""

from collections.abc import Sequence
from typing import Any

import pytest

from schemas.settings import Lane, Settings
from worker.options import celery_options, chosen_pool
from worker.task import SyncTask


@pytest.fixture
def options() -> dict[str, Any]:
    return celery_options(Settings())


def test_a_killed_worker_or_child_loses_no_message(options: dict[str, Any]) -> None:
    assert options["task_acks_late"]
    assert options["task_reject_on_worker_lost"]
    assert SyncTask.acks_late
    assert SyncTask.reject_on_worker_lost


def test_E5_no_message_is_delivered_again_while_its_task_still_runs(
    options: dict[str, Any],
) -> None:
    """A task of 25 s with a visibility timeout of 5 s was started five times."""
    transport = options["broker_transport_options"]
    assert transport["visibility_timeout"] > options["task_time_limit"]


def test_a_message_that_was_lost_is_found_soon_after_its_timeout(options: dict[str, Any]) -> None:
    """By Celery's defaults the look for them adds some 100 s."""
    transport = options["broker_transport_options"]
    assert (transport["unacked_restore_interval"], transport["unacked_restore_throttle"]) == (5, 1)


def test_a_worker_waits_for_a_lost_broker_as_long_as_it_takes(options: dict[str, Any]) -> None:
    """By default it gives up after a hundred tries, and ends."""
    assert options["broker_connection_retry_on_startup"]
    assert options["broker_connection_max_retries"] is None


def test_messages_are_json_and_leave_no_result(options: dict[str, Any]) -> None:
    assert options["accept_content"] == ["json"]
    assert options["task_serializer"] == "json"
    assert options["task_ignore_result"]
    assert "result_backend" not in options


def test_every_lane_has_its_queue_and_no_other_is_made(options: dict[str, Any]) -> None:
    assert {queue.name for queue in options["task_queues"]} == {lane.value for lane in Lane}
    assert options["task_create_missing_queues"] is False


@pytest.mark.parametrize(
    ("arguments", "pool"),
    [
        (["celery", "-A", "worker", "worker"], "threads"),
        (["celery", "-A", "worker", "worker", "--pool", "prefork"], "prefork"),
        (["celery", "-A", "worker", "worker", "--pool=prefork"], "prefork"),
        (["celery", "-A", "worker", "worker", "-P", "prefork", "-c", "2"], "prefork"),
        (["celery", "-A", "worker", "worker", "-Pprefork"], "prefork"),
        (["celery", "-A", "worker", "worker", "-n", "prefork@host"], "threads"),
    ],
)
def test_the_pool_is_threads_unless_prefork_is_asked_for(
    arguments: Sequence[str], pool: str
) -> None:
    assert chosen_pool(arguments) == pool
