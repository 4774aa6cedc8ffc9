"""Which call a request is: version and method looked up in the table of calls."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from sandbox.hubspot import oauth, private_apps
from sandbox.hubspot.route_table import TABLE, Handler
from sandbox.wire import Request

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

_TOKEN = re.compile(r"/oauth/v[13]/(?P<kind>access|refresh)-tokens/(?P<token>[^/]+)")
_OF_TOKEN: Mapping[tuple[str, str], tuple[str, Handler]] = {
    ("GET", "access"): ("oauth.token_info", oauth.token_info),
    ("GET", "refresh"): ("oauth.refresh_info", oauth.refresh_info),
    ("DELETE", "refresh"): ("oauth.delete", oauth.delete),
}


def open_call(request: Request) -> tuple[str, Handler, dict[str, str]] | None:
    """Return name, handler and variables of a call that needs no bearer token."""
    path = request.path.rstrip("/")
    if found := OPEN.get((request.method, path)):
        return (*found, {})
    token = _TOKEN.fullmatch(path)
    of_token = _OF_TOKEN.get((request.method, token["kind"])) if token else None
    return (*of_token, {"token": token["token"]}) if token and of_token else None


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


def words_of(request: Request) -> tuple[str, ...] | None:
    """Return the path without its version, as words; None when it has no known version."""
    parts = (request.raw_path or request.path).strip("/").split("/")
    if request.raw_path:
        parts = list(map(unquote, parts))
    if len(parts) < 3 or parts[0] not in {"crm", "account-info"}:
        return None
    if parts[0] == "account-info":
        return ("account", *parts[2:]) if parts[1] in {"v3", *DATED} else None
    if parts[1] == "v3" or (parts[1] == "v4" and parts[2] in {"objects", "associations"}):
        words = tuple(parts[2:])
    elif parts[2] in DATED:
        words = (parts[1], *parts[3:])
    else:
        return None
    return None if words[0] == "account" else words


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
