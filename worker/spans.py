"""Spans of tasks and of calls to the CRMs, for OpenTelemetry.

They tell which run, which batch, how many records, how long: ids and counts, never a value, no
words of an error, and no address beyond its fixed parts.  Imported only where spans are asked for.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from guestlist.connectors.http import Answer, Transport

Attributes = dict[str, str | int]
_FIXED = re.compile(r"[A-Za-z][A-Za-z_-]*|v\d+(\.\d+)?|\d{4}-\d{2}")
"""Parts of a path that are no ids: words, versions."""


class Spans:
    """One provider of spans, and what is told of each."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("guestlist")

    @contextmanager
    def task(
        self, name: str, *, id: str, arguments: tuple[Any, ...], headers: Mapping[str, str]
    ) -> Iterator[None]:
        """Be in the span of a task, which the span that published it may be the parent of."""
        attributes: Attributes = {"messaging.system": "celery", "guestlist.batch": id}
        if arguments and isinstance(arguments[0], str):
            attributes["guestlist.run"] = arguments[0]
        if len(arguments) > 1 and isinstance(arguments[1], list):
            attributes["guestlist.records"] = len(arguments[1])
        with (
            self._tracer.start_as_current_span(
                name,
                context=extract(headers),
                kind=SpanKind.CONSUMER,
                attributes=attributes,
                record_exception=False,
                set_status_on_exception=False,
            ) as span,
            _failing(span),
        ):
            yield

    @contextmanager
    def call(self, method: str, url: str) -> Iterator[Span]:
        """Be in the span of a call of a CRM."""
        parts = urlsplit(url)
        path = template(parts.path)
        attributes: Attributes = {
            "http.request.method": method,
            "server.address": parts.hostname or "",
            "url.template": path,
        }
        with (
            self._tracer.start_as_current_span(
                f"{method} {path}",
                kind=SpanKind.CLIENT,
                attributes=attributes,
                record_exception=False,
                set_status_on_exception=False,
            ) as span,
            _failing(span),
        ):
            yield span

    def flush(self) -> None:
        """Send what has ended, within seconds: the process is about to end too."""
        self._provider.force_flush(2000)


class TracedTransport(Transport):
    """A transport whose every call is a span."""

    def __init__(self, inner: Transport, spans: Spans) -> None:
        self._inner = inner
        self._spans = spans

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        with self._spans.call(method, url) as span:
            if request_id := headers.get("X-Request-Id"):
                span.set_attribute("guestlist.request", request_id)
            answer = self._inner.send(method, url, headers=headers, body=body)
            span.set_attribute("http.response.status_code", answer.status)
            if answer.status >= 400:
                span.set_status(Status(StatusCode.ERROR))
            return answer


def open_spans(endpoint: str, *, environment: str) -> Spans:
    """Return spans that are sent in the background to a collector, OTLP over HTTP."""
    resource = Resource.create(
        {"service.name": "guestlist", "deployment.environment.name": environment}
    )
    provider = TracerProvider(resource=resource)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Spans(provider)


def carried() -> dict[str, str]:
    """Return what a message bears so that its task's span knows its parent."""
    headers: dict[str, str] = {}
    inject(headers)
    return headers


def template(path: str) -> str:
    """Return a path with ``{}`` for whatever may be an id or a value."""
    parts = path.split("/")
    return "/".join(part if not part or _FIXED.fullmatch(part) else "{}" for part in parts)


@contextmanager
def _failing(span: Span) -> Iterator[None]:
    """Name an error by its kind: its words may hold a person's data."""
    try:
        yield
    except Exception as error:
        span.set_attribute("error.type", type(error).__name__)
        span.set_status(Status(StatusCode.ERROR))
        raise
