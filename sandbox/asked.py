"""What was asked of control, read strictly: a wrong key or type is refused with one sentence."""

from collections.abc import Mapping
from typing import Any

from sandbox.wire import Request


class Refused(Exception):
    """Control cannot do that; the message says why and *status* is the answer's."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message, status)
        self.message = message
        self.status = status


def body(request: Request) -> Any:
    """Return the JSON body; an empty one is an empty object."""
    if not request.body:
        return {}
    try:
        return request.json()
    except ValueError as error:
        raise Refused(f"The body is not JSON: {error}.") from error


def fields(given: Any, *allowed: str) -> Mapping[str, Any]:
    """Return *given* as an object that has no other keys than *allowed*."""
    if not isinstance(given, dict):
        raise Refused(f"This takes a JSON object with {_list(allowed)}.")
    if unknown := sorted(set(given) - set(allowed)):
        raise Refused(f"Unknown {_list(unknown)}; this takes {_list(allowed)}.")
    return given


def text(given: Mapping[str, Any], name: str) -> str:
    """Return a string that has to be there."""
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(f"{name} has to be a text, not {value!r}.")
    return value


def optional_text(given: Mapping[str, Any], name: str) -> str | None:
    """Return a string, or None where there is none."""
    return None if given.get(name) is None else text(given, name)


def texts(given: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of strings that has to be there."""
    value = given.get(name)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refused(f"{name} has to be a list of texts, not {value!r}.")
    return value


def number(given: Mapping[str, Any], name: str, default: float) -> float:
    """Return a number, or *default* where there is none."""
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{name} has to be a number, not {value!r}.")
    return value


def whole(given: Mapping[str, Any], name: str, default: int) -> int:
    """Return a whole number of at least 0, in JSON or in a query."""
    value = given.get(name, default)
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Refused(f"{name} has to be a whole number of at least 0, not {value!r}.")
    return value


def flag(given: Mapping[str, Any], name: str) -> bool:
    """Return true or false; false where there is none."""
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise Refused(f"{name} has to be true or false, not {value!r}.")
    return value


def mapping(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object that has to be there."""
    value = given.get(name)
    if not isinstance(value, dict):
        raise Refused(f"{name} has to be an object, not {value!r}.")
    return value


def _list(names: Any) -> str:
    return ", ".join(names) or "nothing"
