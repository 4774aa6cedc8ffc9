"""What a request asks for, checked: words of closed sets, and numbers."""

from enum import StrEnum
from typing import TypeVar

from flask import request
from werkzeug.exceptions import BadRequest

E = TypeVar("E", bound=StrEnum)


def choice(name: str, words: type[E]) -> E | None:
    """Return the word the query gives for *name*; ``None``: it gives none."""
    given = request.args.get(name, "")
    if not given:
        return None
    try:
        return words(given)
    except ValueError:
        known = ", ".join(words)
        raise BadRequest(f"{name} has to be one of: {known}.") from None


def positive(name: str) -> int | None:
    """Return a number above 0 that the form gives for *name*; ``None``: it gives none."""
    given = request.form.get(name, "").strip()
    if not given:
        return None
    if not given.isascii() or not given.isdecimal() or len(given) > 9 or int(given) == 0:
        raise BadRequest(f"{name} has to be a number above 0.")
    return int(given)
