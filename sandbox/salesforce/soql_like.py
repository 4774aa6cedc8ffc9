"""LIKE as a regular expression that takes no longer on a hostile pattern than on a kind one."""

import re

_PART = re.compile(r"\\(.)|([%_])|([^\\%_]+)", re.DOTALL)


def like(pattern: str) -> re.Pattern[str]:
    """Return what a whole value must match; ``%`` is any text, ``_`` any character.

    Between two ``%`` the first place that fits is as good as any later one, so none is tried anew.
    """
    first, *rest = _between(pattern)
    if not rest:
        return _compiled(first)
    *middle, last = rest
    inner = "".join(f"(?>.*?{part})" for part in middle if part)
    return _compiled(f"{first}{inner}.*{last}")


def _between(pattern: str) -> list[str]:
    """Return what stands before, between and after the ``%``, as expressions."""
    parts = [""]
    for escaped, wildcard, plain in _PART.findall(pattern):
        if wildcard == "%":
            parts.append("")
        else:
            parts[-1] += "." if wildcard else re.escape(escaped or plain)
    return parts


def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE | re.DOTALL)
