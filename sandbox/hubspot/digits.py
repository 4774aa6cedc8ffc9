"""Numbers as callers write them: plain digits of this alphabet, and nothing Python alone reads."""

import re

_WHOLE = re.compile(r"[0-9]{1,18}")
_INSTANT = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?", re.IGNORECASE)


def is_whole(text: str) -> bool:
    """Say whether a text is a whole number that an ``int`` of Java's ``long`` holds."""
    return _WHOLE.fullmatch(text) is not None


def is_instant(text: str) -> bool:
    """Say whether a text is a number of milliseconds, before the epoch too."""
    return _INSTANT.fullmatch(text) is not None


def decimal(text: str) -> float | None:
    """Return the number a text is; None for no number, and for one without end."""
    plain = text.strip()
    if len(plain) > 400 or _DECIMAL.fullmatch(plain) is None:
        return None
    number = float(plain)
    return None if number in (float("inf"), float("-inf")) else number
