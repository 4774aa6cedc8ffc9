"""Canonical forms: the one spelling by which values of both CRMs are compared.

Every function here is total.  What can not be read keeps its own spelling, so that it still
compares; whether it may be *written* is decided by the converters.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

EXACT_INTEGER = 2**53
"""Salesforce keeps numbers as doubles; larger whole numbers come back changed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})
_EMAIL = re.compile(
    r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]+@[^\s@,;:<>()\[\]\\\"/_\x00-\x1f\x7f]+\.[^\s@.\x00-\x1f]{2,}"
)


def text(value: Any) -> str | None:
    """Both CRMs trim; Salesforce text areas turn line feeds into CR LF."""
    if value is None:
        return None
    word = value if isinstance(value, str) else str(value)
    if "\r" in word:
        word = word.replace("\r\n", "\n").replace("\r", "\n")
    return word.strip() or None


def email(value: Any) -> str | None:
    """HubSpot stores addresses in lower case, Salesforce as typed."""
    if value is None:
        return None
    return str(value).strip().lower() or None


def is_email(value: str) -> bool:
    """Tell what both CRMs refuse for certain; the finer points are left to them."""
    local, _, domain = value.rpartition("@")
    return (
        _EMAIL.fullmatch(value) is not None
        and ".." not in value
        and not local.startswith(".")
        and not local.endswith(".")
        and not domain.startswith((".", "-"))
    )


def boolean(value: Any) -> str | None:
    """Salesforce sends JSON booleans, HubSpot the words."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    word = text(value)
    if word is None:
        return None
    if word.lower() in _TRUE:
        return "true"
    return "false" if word.lower() in _FALSE else word


def number(value: Any) -> str | None:
    """Plain decimal digits: ``1e3``, ``1000.0`` and ``1000`` are one number.

    Fractions keep 15 significant digits, what a double carries there and back.
    """
    if isinstance(value, bool):
        return text(value)
    if isinstance(value, int):
        return str(value)
    word = text(value)
    if word is None:
        return None
    if word.isascii() and word.isdigit():
        return word.lstrip("0") or "0"
    return _decimal(word)


def _decimal(word: str) -> str:
    try:
        parsed = Decimal(word)
    except InvalidOperation:
        return word
    if not parsed.is_finite() or abs(parsed.adjusted()) > 40 or "_" in word:
        return word
    if parsed == parsed.to_integral_value():
        return f"{int(parsed)}"
    return f"{Decimal(f'{parsed:.15g}').normalize():f}"


def date(value: Any) -> str | None:
    """``YYYY-MM-DD``; of an instant, its day in UTC (HubSpot keeps dates as midnight UTC)."""
    word = text(value)
    if word is None:
        return None
    if len(word) == 10 and word[4] == "-" == word[7]:
        return word
    parsed = instant(word)
    return parsed.date().isoformat() if parsed else word


def moment(value: Any) -> str | None:
    """``YYYY-MM-DDTHH:MM:SSZ``: Salesforce keeps whole seconds."""
    word = text(value)
    if word is None:
        return None
    parsed = instant(word)
    return f"{parsed.replace(microsecond=0, tzinfo=None).isoformat()}Z" if parsed else word


def instant(word: str) -> datetime | None:
    """Read ISO 8601 or HubSpot's milliseconds since 1970; ``None``: neither.

    A time without an offset is UTC: both CRMs' APIs speak UTC unless they say otherwise.
    """
    try:
        if word.lstrip("-").isdigit():
            return _EPOCH + timedelta(milliseconds=int(word))
        parsed = datetime.fromisoformat(word)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def choices(value: Any) -> str | None:
    """Chosen options, each once, in order; HubSpot and Salesforce both join them by ``;``."""
    word = text(value)
    if word is None:
        return None
    if ";" not in word:
        return word
    return ";".join(sorted({part.strip() for part in word.split(";")} - {""})) or None
