"""SOQL built from checked names and escaped values, never from text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from guestlist.domain.errors import Misconfigured

MAX_SOQL = 90_000
"""Salesforce: 100,000 characters; the rest is margin."""
_MAX_LITERAL = 4_000
"""Salesforce: characters of a string in WHERE; no longer value can be found."""

_NAME = re.compile(r"[A-Za-z]\w{0,79}(?:\.[A-Za-z]\w{0,79})?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_CONTROL = re.compile(r"[\x00-\x07\x0b\x0e-\x1f\x7f]")
_SPECIAL = re.compile(r"[\x00-\x1f\x7f\\'\"]")
_ESCAPES = str.maketrans(
    {
        "\\": r"\\",
        "'": r"\'",
        '"': r"\"",
        "\n": r"\n",
        "\r": r"\r",
        "\t": r"\t",
        "\b": r"\b",
        "\f": r"\f",
    }
)
_PLAIN_IN_ADDRESS = "'(),=@:;/!*$?~"
_WRITTEN_IN_ADDRESS = {
    each: quote(each, safe=_PLAIN_IN_ADDRESS)
    for each in ["%", *(chr(code) for code in range(128) if chr(code) != "%")]
    if quote(each, safe=_PLAIN_IN_ADDRESS) != each
}
"""What an address writes otherwise, the percent sign first."""
_ALWAYS = ("Id", "SystemModstamp")


class Lookup(NamedTuple):
    """Rows of one type that hold any of these values in any of these fields."""

    type: str
    fields: Sequence[str]
    """What to read; ``Id`` and ``SystemModstamp`` come with it."""
    where: Mapping[str, Sequence[str]]
    """Field -> values; blank values find nothing."""


def queries(lookup: Lookup, *, longest: int = MAX_SOQL) -> list[str]:
    """Return as few queries as fit, for all values of a lookup."""
    selected = ", ".join(name(each) for each in dict.fromkeys([*_ALWAYS, *lookup.fields]))
    head = f"SELECT {selected} FROM {name(lookup.type)} WHERE "  # noqa: S608 # nosec B608
    return [head + where for where in _conditions(lookup.where, longest - len(head))]


def _conditions(where: Mapping[str, Sequence[str]], room: int) -> Iterator[str]:
    """Fill one condition after the other, each within *room* characters."""
    groups: dict[str, list[str]] = {}
    used = 0
    for field, values in where.items():
        named = name(field)
        for value in dict.fromkeys(values):
            quoted = _findable(field, value)
            if quoted is None:
                continue
            size = len(quoted) + 1 + (0 if named in groups else len(named) + len(" OR  IN ()"))
            if groups and used + size > room:
                yield _any_of(groups)
                groups, used = {}, 0
                size = len(quoted) + 1 + len(named) + len(" OR  IN ()")
            groups.setdefault(named, []).append(quoted)
            used += size
    if groups:
        yield _any_of(groups)


def _any_of(groups: Mapping[str, Sequence[str]]) -> str:
    return " OR ".join(f"{field} IN ({','.join(values)})" for field, values in groups.items())


def _findable(field: str, value: str) -> str | None:
    """Return the value as a literal; ``None`` for what no row can hold."""
    if not value or len(value) > _MAX_LITERAL or _CONTROL.search(value):
        return None
    if field == "Id" and not _ID.fullmatch(value):
        return None
    return literal(value)


def literal(value: str) -> str:
    """Return *value* as a SOQL string."""
    escaped = value.translate(_ESCAPES) if _SPECIAL.search(value) else value
    return f"'{escaped}'"


def containing(words: str) -> str:
    """Return a pattern for ``LIKE``: text that holds *words*, in which wildcards are plain."""
    held = literal(words)[1:-1].replace("%", r"\%").replace("_", r"\_")
    return f"'%{held}%'"


def instant(at: datetime) -> str:
    """Return a time as SOQL compares it: in whole seconds, and without quotes."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_address(soql: str) -> str:
    """Return a query as it stands in an address; ``urllib`` would take 3 ms for a long one."""
    if not soql.isascii():
        return quote(soql, safe=_PLAIN_IN_ADDRESS)
    for character, written in _WRITTEN_IN_ADDRESS.items():
        soql = soql.replace(character, written)
    return soql


def name(text: str) -> str:
    """Return a field's or type's name; anything else is refused."""
    if not _NAME.fullmatch(text):
        raise Misconfigured(f"{text!r} is no name of a Salesforce field or object")
    return text
