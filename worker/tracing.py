"""Spans for whoever asks for them: off, and nothing imported, unless ``otel_endpoint`` is set."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from celery.signals import worker_process_shutdown

from guestlist.connectors.http import Transport
from schemas.settings import Settings
from worker.settings import load

if TYPE_CHECKING:
    from worker.spans import Spans

HEADERS = ("traceparent", "tracestate")


def spans_of(settings: Settings) -> "Spans | None":
    """Return this process's spans; ``None``: nobody asks for any, or the extra is not installed."""
    if not settings.otel_endpoint:
        return None
    return _opened(os.getpid(), settings.otel_endpoint, settings.environment)


@cache
def _opened(_pid: int, endpoint: str, environment: str) -> "Spans | None":
    """Open them once a process: what a parent opened sends nothing in its children."""
    try:
        from worker.spans import open_spans  # noqa: PLC0415 - an extra
    except ImportError:
        log = structlog.get_logger()
        log.warning("no_spans", reason="not installed: pip install 'guestlist[otel]'")
        return None
    return open_spans(endpoint, environment=environment)


def traced(
    transport: Callable[[float], Transport], spans: "Spans | None"
) -> Callable[[float], Transport]:
    """Return a way to the CRMs whose calls are spans; without spans the way as it is."""
    if spans is None:
        return transport
    from worker.spans import TracedTransport  # noqa: PLC0415 - an extra

    return lambda timeout_s: TracedTransport(transport(timeout_s), spans)


class Traces:
    """The spans of this process's tasks."""

    def __init__(self, spans: "Callable[[], Spans | None]") -> None:
        self._spans = spans

    def task(
        self, name: str, *, id: str | None, arguments: tuple[Any, ...], headers: Mapping[str, str]
    ) -> AbstractContextManager[None]:
        """Return the span to be in while a task is carried out."""
        spans = self._spans()
        if spans is None:
            return nullcontext()
        return spans.task(name, id=id or "", arguments=arguments, headers=headers)

    def carried(self) -> dict[str, str]:
        """Return what a message bears so that its task's span knows its parent."""
        if self._spans() is None:
            return {}
        from worker.spans import carried  # noqa: PLC0415 - an extra

        return carried()

    def flush(self) -> None:
        """Send what has ended."""
        if spans := self._spans():
            spans.flush()


@cache
def _settings() -> Settings:
    return load(os.environ).settings


traces = Traces(lambda: spans_of(_settings()))


def install() -> None:
    """Let a prefork child send its last spans before it ends."""
    worker_process_shutdown.connect(_on_shutdown, weak=False, dispatch_uid="guestlist.tracing")


def _on_shutdown(**_: Any) -> None:
    traces.flush()
