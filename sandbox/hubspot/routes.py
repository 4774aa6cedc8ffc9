"""Which call a request is: version and method looked up in the table of calls."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from sandbox.hubspot import oauth, private_apps
from sandbox.hubspot.route_table import TABLE, Handler

DATED = frozenset({"2025-09", "2026-03", "2026-09", "2026-09-beta"})
"""Date versions in the path; ``v3`` (and ``v4`` for associations) stand before the area."""


class Route(NamedTuple):
    """One call. ``scope`` is ``area.verb``; the area of objects is the object type."""

    name: str
    handler: Handler
    scope: str
    pattern: tuple[str, ...]


_TOKENS = ("v1", "v3", *sorted(DATED))
OPEN = {
    ("GET", "/oauth/authorize"): ("oauth.authorize", oauth.authorize),
    ("POST", "/oauth/v2/private-apps/get/access-token-info"): (
        "private_apps.token_info",
        private_apps.token_info,
    ),
    **{("POST", f"/oauth/{each}/token"): ("oauth.token", oauth.token) for each in _TOKENS},
    **{
        ("POST", f"/oauth/{each}/token/revoke"): ("oauth.revoke", oauth.revoke)
        for each in _TOKENS
        if each != "v1"
    },
}
"""Calls without a bearer token."""

TOKEN_INFO = re.compile(r"/oauth/v[13]/access-tokens/(?P<token>[^/]+)")


def _build() -> Mapping[tuple[str, str, int], list[Route]]:
    """Index the table by method, first word and length; fixed words win over variables."""
    index: dict[tuple[str, str, int], list[Route]] = {}
    for name, method, path, scope, handler in TABLE:
        pattern = tuple(path.split("/"))
        key = (method, pattern[0], len(pattern))
        index.setdefault(key, []).append(Route(name, handler, scope, pattern))
    for routes in index.values():
        routes.sort(key=lambda route: sum(part.startswith("{") for part in route.pattern))
    return index


_INDEX = _build()
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def words_of(path: str) -> tuple[str, ...] | None:
    """Return the path without its version, as words; None when it has no known version."""
    parts = path.strip("/").split("/")
    if len(parts) < 3 or parts[0] not in {"crm", "account-info"}:
        return None
    if parts[0] == "account-info":
        known = parts[1] == "v3" or parts[1] in DATED
        return tuple(parts[2:]) if known else None
    if parts[1] == "v3" or (parts[1] == "v4" and parts[2] in {"objects", "associations"}):
        return tuple(parts[2:])
    return (parts[1], *parts[3:]) if parts[2] in DATED else None


def match(method: str, words: tuple[str, ...]) -> tuple[Route, dict[str, str]] | None:
    """Return the route of a call and the variable parts of its path."""
    for route in _INDEX.get((method, words[0], len(words)), ()):
        if all(
            part[0] == "{" or part == word for part, word in zip(route.pattern, words, strict=True)
        ):
            pairs = zip(route.pattern, words, strict=True)
            return route, {part[1:-1]: word for part, word in pairs if part[0] == "{"}
    return None


def known_elsewhere(words: tuple[str, ...]) -> bool:
    """Say whether the path exists with another method."""
    return any(match(method, words) for method in _METHODS)
