"""Logs, ours and the libraries': JSON lines for machines, readable ones on a terminal."""

import logging
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

import orjson
import structlog
from celery.signals import setup_logging
from structlog.typing import EventDict, Processor

from schemas.settings import Secret, Settings
from worker.redaction import redactor
from worker.sink import handler_for
from worker.tracebacks import WithoutMessages, render_exception

_QUIET = {
    "amqp": "warning",
    "kombu": "warning",
    "urllib3": "warning",
    "celery.bootsteps": "warning",
    "opentelemetry": "error",
}
"""Libraries that tell too much at our level."""


def configure(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Send every log line of this process, ours and the libraries', through one set of processors.

    To standard error unless *stream* says otherwise: standard output is for data.
    """
    out = stream or sys.stderr
    handler = handler_for(out)
    handler.setFormatter(_formatter(settings, readable=out.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    _without_messages(logging.getLogger("celery.app.trace"))
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(max(root.level, logging.getLevelName(level.upper())))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_described(settings),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def configure_celery(settings: Callable[[], Settings]) -> None:
    """Let Celery leave logging to us, whichever of its commands runs; *settings* loads them."""

    def on_setup_logging(**_: Any) -> None:
        configure(settings())

    setup_logging.connect(on_setup_logging, weak=False, dispatch_uid="guestlist.logs")


def _without_messages(logger: logging.Logger) -> None:
    if not any(isinstance(f, WithoutMessages) for f in logger.filters):
        logger.addFilter(WithoutMessages())


def _described(settings: Settings) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(settings.environment),
    ]


def _formatter(settings: Settings, *, readable: bool) -> logging.Formatter:
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        render_exception,
        redactor(_secrets(settings)),
    ]
    if readable:
        colours = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        last += [_without_controls, structlog.dev.ConsoleRenderer(colors=colours)]
    else:
        last.append(_json)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_described(settings), processors=last
    )


def _named(environment: str) -> Processor:
    def name(_logger: Any, _method: str, event: EventDict) -> EventDict:
        event["environment"] = environment
        return event

    return name


def _secrets(settings: Settings) -> Iterable[Secret]:
    hubspot, salesforce = settings.hubspot, settings.salesforce
    every = (
        hubspot.token,
        hubspot.webhook_secret,
        hubspot.client_secret,
        *(Secret(key.partition(":")[2]) for key in settings.vault_keys.reveal().split()),
        salesforce.client_secret,
        salesforce.private_key,
        salesforce.outbound_secret,
        settings.console.password,
        settings.alerts.webhook_url,
        settings.alerts.smtp_password,
    )
    return [secret for secret in every if secret]


def _json(_logger: Any, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _without_controls(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """No value can move a terminal's cursor or forge a line; a traceback keeps its lines."""
    return {key: _printable(key, value) for key, value in event.items()}


def _printable(key: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    kept = "\n\t" if key == "exception" else ""
    return "".join(c if c.isprintable() or c in kept else ascii(c)[1:-1] for c in value)
