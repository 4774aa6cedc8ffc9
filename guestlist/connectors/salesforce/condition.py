"""A person's own SOQL condition: sent as it is, as long as it stays one condition."""

import re

from guestlist.domain.errors import Misconfigured

_WORD = re.compile(r"'(?:\\.|[^'\\])*'|\w+|\S", re.DOTALL)
_ENDS = frozenset({";", "FROM", "LIMIT", "OFFSET", "ORDER", "GROUP", "HAVING"})
"""What ends a condition; inside brackets the words belong to a query of their own."""


def condition(text: str) -> str:
    """Return *text* in brackets; raises ``Misconfigured`` for what would reach beyond them."""
    if not text.strip():
        raise Misconfigured("the condition is empty")
    depth = 0
    for word in _WORD.findall(text):
        depth += (word == "(") - (word == ")")
        if depth < 0:
            raise Misconfigured("the condition closes a bracket that it did not open")
        if word == "'":
            raise Misconfigured("the condition opens a quote that it does not close")
        if word == ";" or (depth == 0 and word.upper() in _ENDS):
            raise Misconfigured(f"the condition may not hold {word.upper()}")
    if depth:
        raise Misconfigured("the condition opens a bracket that it does not close")
    return f"({text})"
