"""Which of HubSpot's scopes a mapping takes, and what each of them is for."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Literal, NamedTuple

from guestlist.domain.hold import WRITES_HUBSPOT
from schemas.mapping import DeletePolicy, ObjectMapping, SyncRule

LISTS_READ, OWNERS_READ = "crm.lists.read", "crm.objects.owners.read"
GRANT_IT = "grant it in HubSpot: to the key or the app; with OAuth connect again then"
_CUSTOM = re.compile(r"2-\d+|p\d*_\w+")


class Scope(NamedTuple):
    """One scope that is of use."""

    name: str
    use: str
    """What it is for, in words."""
    writes: bool = False
    """Nothing but a write, or HubSpot's own word, shows whether it was granted."""
    optional: bool = False
    """Everything that is mapped syncs without it."""


def scopes_for(objects: Iterable[ObjectMapping]) -> list[Scope]:
    """Return the scopes that these mappings take, those for reading first."""
    mappings = list(objects)
    found: dict[str, Scope] = {}
    for each in (*_reading(mappings), *_writing(mappings)):
        known = found.get(each.name)
        if known is None or (known.optional and not each.optional):
            found[each.name] = each
    return list(found.values())


def lacking(objects: Iterable[ObjectMapping], granted: Collection[str] | None) -> list[Scope]:
    """Return what these mappings can not do without and was not granted; ``None``: not told."""
    if granted is None:
        return []
    return [e for e in scopes_for(objects) if not e.optional and e.name not in granted]


def asked_scopes(objects: Iterable[ObjectMapping]) -> list[str]:
    """Return the scopes that OAuth asks for: what the mapping may come to take, and no more."""
    return sorted({"oauth", *(each.name for each in scopes_for(objects))})


def of_objects(area: Literal["objects", "schemas"], type: str, verb: str) -> str:
    """Return the scope for records of a type or for its properties.

    HubSpot: tickets have one scope for everything, custom objects have theirs in common.
    """
    if type == "tickets":
        return "tickets"
    kind = "custom" if _CUSTOM.fullmatch(type) else type
    return f"crm.{area}.{kind}.{verb}"


def _reading(mappings: list[ObjectMapping]) -> Iterator[Scope]:
    yield Scope(LISTS_READ, "reading the inclusion list and its members")
    if any(map(_maps_owner, mappings)):
        yield Scope(OWNERS_READ, "reading owners, whom the mapping syncs")
    for type in (each.hubspot_type for each in mappings):
        yield Scope(of_objects("schemas", type, "read"), f"reading the properties of {type}")
        yield Scope(of_objects("objects", type, "read"), f"reading {type} and what changed")


def _writing(mappings: list[ObjectMapping]) -> Iterator[Scope]:
    for each in mappings:
        type = each.hubspot_type
        name, use = of_objects("objects", type, "write"), f"writing {type}"
        yield Scope(name, use, writes=True, optional=not _writes(each))
    yield Scope("crm.lists.write", "making a list", writes=True, optional=True)


def _maps_owner(mapping: ObjectMapping) -> bool:
    synced = (row for row in mapping.fields if row.rule is not SyncRule.DONT_SYNC)
    return any(row.converter == "owner" for row in synced)


def _writes(mapping: ObjectMapping) -> bool:
    archives = mapping.on_salesforce_delete is DeletePolicy.ARCHIVE
    return archives or any(row.rule in WRITES_HUBSPOT for row in mapping.fields)
