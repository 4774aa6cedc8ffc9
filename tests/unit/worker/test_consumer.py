"""A worker whose broker is gone in the middle of everything."""

from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.worker import consumer as celerys
from kombu.log import get_logger
from kombu.utils.imports import symbol_by_name

from schemas.settings import Settings
from worker.consumer import Consumer
from worker.options import celery_options


def test_E4_a_lost_connection_that_can_not_be_closed_ends_no_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kombu met its own connection half taken down, and the worker ended for good."""

    def half_taken_down(_consumer: Any, _error: Exception) -> None:
        raise AttributeError("'NoneType' object has no attribute 'hostname'")

    base = celerys.Consumer
    monkeypatch.setattr(base, "on_connection_error_after_connected", half_taken_down)
    ours = Consumer.__new__(Consumer)
    ours.connection = object()
    ours.on_connection_error_after_connected(ConnectionError())
    assert ours.connection is None


def test_E4_a_message_of_a_connection_that_is_gone_ends_no_worker_when_it_is_acknowledged(
    redis_url: str,
) -> None:
    """Found by a chaos run: a task that outlived Redis was acknowledged, and its worker ended."""
    app = Celery(broker=redis_url)
    ours = Consumer(
        on_task_request=lambda _: None,
        app=app,
        hostname="ours",
        controller=SimpleNamespace(use_eventloop=False),
    )
    connection = app.connection_for_read()
    queue = connection.SimpleQueue("gone")
    queue.put("1")
    message = queue.get(timeout=5)
    connection.transport.client = None
    message.channel._pool = None  # type: ignore[union-attr]
    with pytest.raises(AttributeError):
        message.ack()
    message.ack_log_error(get_logger("ours"), ours.connection_errors)
    assert not message.acknowledged
    connection.transport.client = connection
    message.ack()
    connection.release()


def test_workers_use_it() -> None:
    assert symbol_by_name(celery_options(Settings())["worker_consumer"]) is Consumer
