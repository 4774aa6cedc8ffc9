"""The table of calls: method and path to handler, with the name they are counted under."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sandbox.hubspot import (
    account,
    associations,
    batch,
    lists,
    memberships,
    oauth,
    objects,
    owners,
    properties,
    search,
)
from sandbox.hubspot.answers import Answer, Call

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

Handler = Callable[["Portal", Call], Answer]

DATED = frozenset({"2025-09", "2026-03", "2026-09", "2026-09-beta"})
"""Date versions in the path; ``v3`` (and ``v4`` for associations) stand before the area."""


class Route(NamedTuple):
    """One call. ``scope`` is ``area.verb``; the area of objects is the object type."""

    name: str
    handler: Handler
    scope: str
    pattern: tuple[str, ...]


_TABLE: tuple[tuple[str, str, str, str, Handler], ...] = (
    # name, method, path behind the version, scope, handler
    ("objects.page", "GET", "objects/{type}", "objects.read", objects.page),
    ("objects.create", "POST", "objects/{type}", "objects.write", objects.create),
    ("objects.read", "GET", "objects/{type}/{id}", "objects.read", objects.read),
    ("objects.update", "PATCH", "objects/{type}/{id}", "objects.write", objects.update),
    ("objects.archive", "DELETE", "objects/{type}/{id}", "objects.write", objects.archive),
    ("objects.merge", "POST", "objects/{type}/merge", "objects.write", objects.merge),
    (
        "objects.gdpr_delete",
        "POST",
        "objects/{type}/gdpr-delete",
        "objects.write",
        objects.gdpr_delete,
    ),
    ("objects.search", "POST", "objects/{type}/search", "objects.read", search.search),
    ("objects.batch_read", "POST", "objects/{type}/batch/read", "objects.read", batch.read),
    ("objects.batch_create", "POST", "objects/{type}/batch/create", "objects.write", batch.create),
    ("objects.batch_update", "POST", "objects/{type}/batch/update", "objects.write", batch.update),
    ("objects.batch_upsert", "POST", "objects/{type}/batch/upsert", "objects.write", batch.upsert),
    (
        "objects.batch_archive",
        "POST",
        "objects/{type}/batch/archive",
        "objects.write",
        batch.archive,
    ),
    (
        "associations.page",
        "GET",
        "objects/{type}/{id}/associations/{to}",
        "objects.read",
        associations.page,
    ),
    (
        "associations.put_default",
        "PUT",
        "objects/{type}/{id}/associations/default/{to}/{to_id}",
        "objects.write",
        associations.put_default,
    ),
    (
        "associations.delete",
        "DELETE",
        "objects/{type}/{id}/associations/{to}/{to_id}",
        "objects.write",
        associations.delete,
    ),
    (
        "associations.batch_read",
        "POST",
        "associations/{type}/{to}/batch/read",
        "objects.read",
        associations.batch_read,
    ),
    ("lists.create", "POST", "lists", "lists.write", lists.create),
    ("lists.several", "GET", "lists", "lists.read", lists.read_several),
    ("lists.search", "POST", "lists/search", "lists.read", lists.search),
    ("lists.read", "GET", "lists/{id}", "lists.read", lists.read),
    ("lists.delete", "DELETE", "lists/{id}", "lists.write", lists.delete),
    ("lists.restore", "PUT", "lists/{id}/restore", "lists.write", lists.restore),
    ("lists.rename", "PUT", "lists/{id}/update-list-name", "lists.write", lists.rename),
    (
        "lists.update_filters",
        "PUT",
        "lists/{id}/update-list-filters",
        "lists.write",
        lists.update_filters,
    ),
    (
        "lists.by_name",
        "GET",
        "lists/object-type-id/{type}/name/{name}",
        "lists.read",
        lists.read_by_name,
    ),
    (
        "lists.conversion",
        "GET",
        "lists/{id}/schedule-conversion",
        "lists.read",
        lists.read_conversion,
    ),
    (
        "lists.schedule_conversion",
        "PUT",
        "lists/{id}/schedule-conversion",
        "lists.write",
        lists.schedule_conversion,
    ),
    (
        "lists.cancel_conversion",
        "DELETE",
        "lists/{id}/schedule-conversion",
        "lists.write",
        lists.cancel_conversion,
    ),
    ("memberships.page", "GET", "lists/{id}/memberships", "lists.read", memberships.page),
    (
        "memberships.remove_all",
        "DELETE",
        "lists/{id}/memberships",
        "lists.write",
        memberships.remove_all,
    ),
    (
        "memberships.page_by_join",
        "GET",
        "lists/{id}/memberships/join-order",
        "lists.read",
        memberships.page_by_join,
    ),
    ("memberships.add", "PUT", "lists/{id}/memberships/add", "lists.write", memberships.add),
    (
        "memberships.remove",
        "PUT",
        "lists/{id}/memberships/remove",
        "lists.write",
        memberships.remove,
    ),
    (
        "memberships.add_and_remove",
        "PUT",
        "lists/{id}/memberships/add-and-remove",
        "lists.write",
        memberships.add_and_remove,
    ),
    (
        "memberships.add_from",
        "PUT",
        "lists/{id}/memberships/add-from/{source}",
        "lists.write",
        memberships.add_from,
    ),
    (
        "memberships.of_record",
        "GET",
        "lists/records/{type}/{record}/memberships",
        "lists.read",
        memberships.of_record,
    ),
    (
        "memberships.batch_read",
        "POST",
        "lists/records/memberships/batch/read",
        "lists.read",
        memberships.batch_read,
    ),
    ("properties.page", "GET", "properties/{type}", "schemas.read", properties.page),
    ("properties.create", "POST", "properties/{type}", "schemas.write", properties.create),
    ("properties.groups", "GET", "properties/{type}/groups", "schemas.read", properties.groups),
    (
        "properties.create_group",
        "POST",
        "properties/{type}/groups",
        "schemas.write",
        properties.create_group,
    ),
    (
        "properties.read_group",
        "GET",
        "properties/{type}/groups/{group}",
        "schemas.read",
        properties.read_group,
    ),
    (
        "properties.update_group",
        "PATCH",
        "properties/{type}/groups/{group}",
        "schemas.write",
        properties.update_group,
    ),
    (
        "properties.archive_group",
        "DELETE",
        "properties/{type}/groups/{group}",
        "schemas.write",
        properties.archive_group,
    ),
    ("properties.read", "GET", "properties/{type}/{name}", "schemas.read", properties.read),
    ("properties.update", "PATCH", "properties/{type}/{name}", "schemas.write", properties.update),
    (
        "properties.archive",
        "DELETE",
        "properties/{type}/{name}",
        "schemas.write",
        properties.archive,
    ),
    (
        "properties.batch_read",
        "POST",
        "properties/{type}/batch/read",
        "schemas.read",
        properties.batch_read,
    ),
    (
        "properties.batch_create",
        "POST",
        "properties/{type}/batch/create",
        "schemas.write",
        properties.batch_create,
    ),
    (
        "properties.batch_archive",
        "POST",
        "properties/{type}/batch/archive",
        "schemas.write",
        properties.batch_archive,
    ),
    ("owners.page", "GET", "owners", "owners.read", owners.page),
    ("owners.read", "GET", "owners/{id}", "owners.read", owners.read),
    ("account.details", "GET", "details", "", account.details),
    ("account.daily_usage", "GET", "api-usage/daily/private-apps", "", account.daily_usage),
)

OPEN = {
    ("POST", "/oauth/v1/token"): ("oauth.token", oauth.token),
    ("POST", "/oauth/v3/token"): ("oauth.token", oauth.token),
}
"""Calls without a bearer token."""

TOKEN_INFO = re.compile(r"/oauth/v[13]/access-tokens/(?P<token>[^/]+)")


def _build() -> Mapping[tuple[str, str, int], list[Route]]:
    """Index the table by method, first word and length; fixed words win over variables."""
    index: dict[tuple[str, str, int], list[Route]] = {}
    for name, method, path, scope, handler in _TABLE:
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
