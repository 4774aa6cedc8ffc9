"""A worker whose broker is gone in the middle of everything."""

from typing import Any

import pytest
from celery.worker import consumer as celerys
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


def test_workers_use_it() -> None:
    assert symbol_by_name(celery_options(Settings())["worker_consumer"]) is Consumer
