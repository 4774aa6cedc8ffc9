"""HubSpot lists (segments): their definitions and who is in them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.objects import halving, numbers
from guestlist.connectors.hubspot.portal import Portal
from guestlist.domain.errors import Missing
from schemas.records import ListDefinition, ListProcessing, Member, MemberPage

PAGE = 250
"""HubSpot: memberships a page at most."""
_SEARCH_PAGE = 500


def get(portal: Portal, list_id: str) -> ListDefinition:
    """Return one list; raises ``Missing`` for one that is deleted, restorable or not."""
    path = f"{_one(portal, list_id)}?includeFilters=true"
    return _present(portal.get(path))


def by_name(portal: Portal, type_id: str, name: str) -> ListDefinition:
    """Return the list of that name, in any case; raises ``Missing``."""
    place = f"object-type-id/{quote(type_id, safe='')}/name/{quote(name, safe='')}"
    return _present(portal.get(f"{portal.paths.lists()}/{place}?includeFilters=true"))


def search(portal: Portal, query: str, *, type_id: str | None) -> Iterator[ListDefinition]:
    """Yield lists whose name holds *query*, without their filters; empty: all lists."""
    wanted = {
        "query": query,
        "count": _SEARCH_PAGE,
        "additionalProperties": ["hs_list_size"],
        **({"objectTypeId": type_id} if type_id else {}),
    }
    offset, more = 0, True
    while more:
        page = portal.post(f"{portal.paths.lists()}/search", {**wanted, "offset": offset})
        with shaped("HubSpot's search for lists"):
            found = [_definition(each) for each in page["lists"]]
            offset, more = page["offset"], page["hasMore"] and bool(found)
        yield from found


def create(
    portal: Portal, name: str, filter_branch: Mapping[str, Any], *, type_id: str
) -> ListDefinition:
    """Create an active list; HubSpot fills it in its own time."""
    content = {
        "name": name,
        "objectTypeId": type_id,
        "processingType": ListProcessing.DYNAMIC.value,
        "filterBranch": filter_branch,
    }
    return _present(portal.post(portal.paths.lists(), content))


def members(portal: Portal, list_id: str, *, after: str | None, limit: int) -> MemberPage:
    """Return one page of memberships; raises ``Missing`` when the list is gone."""
    return _members(portal, f"{_one(portal, list_id)}/memberships", after, limit)


def joins(portal: Portal, list_id: str, *, after: str | None) -> MemberPage:
    """Return one page of memberships, the earliest joining first."""
    return _members(portal, f"{_one(portal, list_id)}/memberships/join-order", after, PAGE)


def _members(portal: Portal, path: str, after: str | None, limit: int) -> MemberPage:
    query = {"limit": str(limit), **({"after": after} if after else {})}
    page = portal.get(f"{path}?{urlencode(query)}")
    with shaped("HubSpot's page of memberships"):
        found = tuple(
            Member(str(each["recordId"]), _instant(each.get("membershipTimestamp")))
            for each in page["results"]
        )
        following = ((page.get("paging") or {}).get("next") or {}).get("after")
        return MemberPage(found, str(following) if following else None)


def memberships(
    portal: Portal, type_id: str, ids: Sequence[str], *, batch: int
) -> dict[str, frozenset[str]]:
    """Return the ids of the lists each record is in; a record HubSpot does not name is absent."""
    path = f"{portal.paths.lists()}/records/memberships/batch/read"

    def ask(part: Sequence[str]) -> dict[str, frozenset[str]]:
        inputs = [{"objectTypeId": type_id, "recordId": each} for each in part]
        return _lists_of(portal.post(path, {"inputs": inputs}))

    found: dict[str, frozenset[str]] = {}
    for each in halving(numbers(ids), batch, ask, refused={}):
        found |= each
    return found


def _lists_of(answer: Any) -> dict[str, frozenset[str]]:
    with shaped("HubSpot's memberships of records"):
        return {
            str(row["recordId"]): frozenset(
                str(each["listId"]) for each in row["recordListMemberships"]
            )
            for row in answer["results"]
        }


def _one(portal: Portal, list_id: str) -> str:
    return f"{portal.paths.lists()}/{quote(list_id, safe='')}"


def _present(answer: Any) -> ListDefinition:
    with shaped("HubSpot's list"):
        found = answer["list"]
        if found.get("deletedAt"):
            raise Missing(f"the list {found['listId']} was deleted at {found['deletedAt']}")
        return _definition(found)


def _definition(row: Mapping[str, Any]) -> ListDefinition:
    size = (row.get("additionalProperties") or {}).get("hs_list_size", row.get("size"))
    return ListDefinition(
        list_id=str(row["listId"]),
        name=row["name"],
        object_type_id=row["objectTypeId"],
        processing_type=ListProcessing(row["processingType"]),
        processing_status=row["processingStatus"],
        version=int(row["listVersion"]),
        size=None if size is None else int(size),
        filter_branch=row.get("filterBranch"),
        filters_updated_at=_instant(row.get("filtersUpdatedAt")),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
