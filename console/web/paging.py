"""Pages by the key of their last row: however deep, each costs the same."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from flask import request

T = TypeVar("T")
ROWS = 50
MOST = 200


class Slice(NamedTuple, Generic[T]):
    """Some rows, and where the next ones begin."""

    rows: Sequence[T]
    next: str | None
    """Key to go on after; ``None``: these are the last."""


def cut(rows: Sequence[T], limit: int, key: Callable[[T], str]) -> Slice[T]:
    """Make a slice of *limit* rows out of up to one more, which says whether there is a next."""
    shown = rows[:limit]
    return Slice(shown, key(shown[-1]) if len(rows) > limit else None)


def here(**changed: str | int | None) -> str:
    """Return this page's address with some of its query changed; ``None`` takes a part out."""
    arguments: dict[str, str | int | None] = {**request.args.to_dict(), **changed}
    kept = {name: value for name, value in arguments.items() if value not in {None, ""}}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
