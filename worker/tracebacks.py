"""Exceptions in logs: where and of what kind, seldom what they say, which may quote a record."""

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from structlog.typing import EventDict

_QUOTES_NO_RECORD = ("redis.", "kombu.", "amqp.")
"""Modules whose errors speak of connections only."""


def render_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by ``exception``, a text without what the exceptions say."""
    raised = event.pop("exc_info", None)
    error = _error(raised)
    if error is not None:
        event["exception"] = exception_text(error)
    return event


def exception_text(error: BaseException) -> str:
    return "\n".join(part for link in _chain(error) for part in _one(link))


class WithoutMessages(logging.Filter):
    """Takes the exception's words and the arguments out of Celery's line on a failed task."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, dict) and "exc" in record.args:
            kind = type(record.exc_info[1]).__name__ if record.exc_info else "error"
            record.args = {**record.args, "exc": kind, "traceback": "", "args": "", "kwargs": ""}
        return True


def _error(raised: Any) -> BaseException | None:
    if raised is True:
        return sys.exception()
    if isinstance(raised, tuple):
        return raised[1] if raised and isinstance(raised[1], BaseException) else None
    if isinstance(raised, BaseException):
        return raised
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Causes first, as Python prints them."""
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        hidden = link.__suppress_context__
        link = link.__cause__ or (None if hidden else link.__context__)
    return reversed(seen)


def _one(error: BaseException) -> Iterator[str]:
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    yield f"{name}: {error}" if _speaks_freely(error) else name


def _speaks_freely(error: BaseException) -> bool:
    return isinstance(error, OSError) or type(error).__module__.startswith(_QUOTES_NO_RECORD)
