"""The types of a body, checked before a handler reads it, with the words of HubSpot's own parser.

It says where (``line 1, column 15``); we do not know where and always say the beginning.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.hubspot.digits import is_instant
from sandbox.hubspot.errors import ApiError, invalid

Shape = Callable[[Any], None]
"""Passes a value, or raises the 400."""

WHERE = "Invalid input JSON on line 1, column 1"
_INT = 2**31

TEXT, WHOLE, FLAG = "java.lang.String", "int", "boolean"
LIST, MAP = "java.util.ArrayList", "java.util.LinkedHashMap"


def wrong_type(wanted: str, found: Any) -> ApiError:
    """Return the 400 without a category that a value of another type gets."""
    kind, token = _TOKENS[type(found)] if found is not True else ("Boolean", "VALUE_TRUE")
    return ApiError(
        400,
        f"{WHERE}: Cannot deserialize value of type `{wanted}` from {kind} value "
        f"(token `JsonToken.{token}`)",
    )


_TOKENS: Mapping[type, tuple[str, str]] = {
    dict: ("Object", "START_OBJECT"),
    list: ("Array", "START_ARRAY"),
    str: ("String", "VALUE_STRING"),
    int: ("Integer", "VALUE_NUMBER_INT"),
    float: ("Floating-point", "VALUE_NUMBER_FLOAT"),
    bool: ("Boolean", "VALUE_FALSE"),
    type(None): ("Null", "VALUE_NULL"),
}


def not_set(*names: str) -> ApiError:
    """Return the 400 for members that must be there."""
    return invalid(f"{WHERE}. Some required fields were not set: [{', '.join(names)}]")


def text(value: Any) -> None:
    """Take a text, and whatever can be read as one: a number, true or false."""
    if isinstance(value, dict | list):
        raise wrong_type(TEXT, value)


def whole(value: Any) -> None:
    """Take a whole number of 32 bits, as a text too."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise wrong_type(WHOLE, value)
    if (isinstance(value, str) and not is_instant(value)) or not -_INT <= int(value) < _INT:
        raise wrong_type(WHOLE, value)


def flag(value: Any) -> None:
    """Take true or false, as a text too."""
    if not isinstance(value, bool) and value not in ("true", "false"):
        raise wrong_type(FLAG, value)


def each(shape: Shape) -> Shape:
    """Return the shape of a list whose items all have one shape."""

    def check(value: Any) -> None:
        if not isinstance(value, list):
            raise wrong_type(LIST, value)
        for item in value:
            if item is None:
                raise wrong_type("java.lang.Object", item)
            shape(item)

    return check


def named(value: Any) -> None:
    """Take a mapping of any names to texts, as ``properties`` are; null is a text here."""
    if not isinstance(value, dict):
        raise wrong_type(MAP, value)
    for item in value.values():
        if isinstance(item, dict | list):
            raise wrong_type(TEXT, item)


def members(*required: str, **shapes: Shape) -> Shape:
    """Return the shape of an object. A member that is not set passes unless it is *required*."""

    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise wrong_type(MAP, value)
        missing = [name for name in required if value.get(name) is None]
        if missing:
            raise not_set(*missing)
        for name, shape in shapes.items():
            if (item := value.get(name)) is not None:
                shape(item)

    return check


ANY = members()
"""An object, whatever its members."""
