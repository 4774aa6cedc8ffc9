"""Reading the parts of a list filter out of JSON that promises nothing about its shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from guestlist.domain.ternary import Answer

Wanted = TypeVar("Wanted")


class NotKnown(Exception):
    """A part of a filter that is not understood for certain."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Situation(NamedTuple):
    """What a filter is evaluated against."""

    values: Mapping[str, str | None]
    now: datetime
    time_zone: ZoneInfo | None


Test = Callable[[str, Situation], Answer]
"""The answer for a value that is not blank."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked of a property's value, blank or not."""

    test: Callable[[str | None, Situation], Answer]
    properties: tuple[str, ...] = ()
    """Other properties that the answer depends on."""
    open: str | None = None
    """What else it depends on that is not known here; then it answers only where that is idle."""


_REQUIRED: Any = object()


def member(shape: Any, key: str, kind: type[Wanted], default: Any = _REQUIRED) -> Wanted:
    """Return *key* of a JSON object, of exactly this type; null counts as absent."""
    if not isinstance(shape, Mapping):
        raise NotKnown("malformed filter")
    value = shape.get(key)
    if value is None and default is not _REQUIRED:
        value = default
    # bool is an int to Python, and not to JSON.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise NotKnown(f"malformed filter: {key}")
    return value


def understood(shape: Any, keys: frozenset[str]) -> None:
    """Refuse a JSON object that says more than *keys*: the rest may change its meaning."""
    if not isinstance(shape, Mapping):
        raise NotKnown("malformed filter")
    for key, value in shape.items():
        if value is not None and key not in keys:
            raise NotKnown(str(key))


def decimal(value: Any) -> Decimal | None:
    """Read a finite number from JSON or from a property's text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        parsed = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return parsed if parsed.is_finite() else None
