"""The lists API: definitions, filters, names, deletion and restoring."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.crm_list import CrmList
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.instants import DAY_MS, iso
from sandbox.hubspot.shapes import ANY, each, flag, members, text, whole

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

USER = "61000001"
KINDS = ("MANUAL", "DYNAMIC", "SNAPSHOT")
KEPT_MS = 90 * DAY_MS
"""A deleted list can be restored this long."""
OFFSET_LIMIT = 10_000

_NEW = members(
    "name",
    "objectTypeId",
    "processingType",
    name=text,
    objectTypeId=text,
    processingType=text,
    filterBranch=ANY,
    listPermissions=members(teamsWithEditAccess=each(whole), usersWithEditAccess=each(whole)),
    membershipSettings=members(membershipTeamId=whole, includeUnassigned=flag),
)
_SEARCH = members(
    query=text,
    offset=whole,
    count=whole,
    processingTypes=each(text),
    listIds=each(text),
    objectTypeId=text,
    additionalProperties=each(text),
    sort=text,
)
_FILTERS = members("filterBranch", filterBranch=ANY)


def find(portal: "Portal", id: str, *, deleted: bool = False) -> CrmList:
    """Return a list or raise the 404."""
    item = portal.lists.lists.get(id)
    if item is None or (item.deleted is not None and not deleted):
        raise missing(f"List does not exist with ID {id}.")
    return item


def missing(message: str) -> ApiError:
    """Return the 404 of a list, or of something about it."""
    fields = {"subCategory": "ILS.LIST_NOT_FOUND"}
    return ApiError(404, message, category="OBJECT_NOT_FOUND", fields=fields)


def told_size(portal: "Portal", item: CrmList) -> int:
    """Return how many members a list is said to have, which lags behind."""
    return item.size(portal.now_ms(), int(portal.options.size_lag * 1000))


def render(portal: "Portal", item: CrmList, *, filters: bool = False) -> dict[str, Any]:
    """Return a list's wire form."""
    complete = portal.now_ms() >= item.processing_until
    body: dict[str, Any] = {
        "listId": item.id,
        "listVersion": item.version,
        "createdAt": iso(item.created),
        "updatedAt": iso(item.updated),
        "filtersUpdatedAt": iso(item.filters_updated),
        "processingStatus": "COMPLETE" if complete else "PROCESSING",
        "createdById": USER,
        "updatedById": USER,
        "processingType": item.processing_type,
        "objectTypeId": item.type_id,
        "name": item.name,
        "size": told_size(portal, item),
    }
    if filters and item.branch is not None:
        body["filterBranch"] = item.branch
    if item.deleted is not None:
        body["deletedAt"] = iso(item.deleted)
    for name, standard in _SETTINGS.items():
        given = item.settings.get(name) or {}
        body[name] = {member: given.get(member, value) for member, value in standard.items()}
    return body


_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "listPermissions": {"teamsWithEditAccess": [], "usersWithEditAccess": []},
    "membershipSettings": {"membershipTeamId": None, "includeUnassigned": True},
}
"""What a list says of itself when nobody said otherwise."""


def create(portal: "Portal", call: Call) -> Answer:
    body = call.body(_NEW)
    settings = {name: body.get(name) for name in _SETTINGS}
    item = add(
        portal,
        str(body["name"]),
        body.get("filterBranch"),
        type_id=str(body["objectTypeId"]),
        kind=str(body["processingType"]),
        settings=settings,
    )
    return Answer(200, {"list": render(portal, item, filters=True)})


def add(
    portal: "Portal",
    name: str,
    branch: Any,
    *,
    type_id: str,
    kind: str,
    settings: dict[str, Any] | None = None,
) -> CrmList:
    """Check and make a list."""
    store = portal.stores.get(type_id)
    if store is None:
        fields = {"subCategory": "ListError.INVALID_OBJECT_TYPE_FOR_LIST"}
        message = f"The objectTypeId {type_id} provided for the list is not valid for this portal."
        raise invalid(message, **fields)
    if not name.strip():
        raise invalid("The name of a list can not be blank")
    if kind not in KINDS:
        raise invalid(f"processingType {kind} is not one of {', '.join(KINDS)}")
    if kind == "DYNAMIC" and branch is None:
        raise invalid("DYNAMIC lists require a filterBranch")
    if kind == "MANUAL" and branch is not None:
        raise invalid("MANUAL lists can not have a filterBranch")
    _refuse_name(portal, name, type_id, besides=None)
    compiled = portal.lists.compile(branch, store) if branch is not None else None
    now = portal.now_ms()
    item = CrmList(portal.lists.next_id(), name, type_id, kind, now, branch, compiled)
    item.updated = item.filters_updated = now
    item.settings = settings or {}
    portal.lists.add(item)
    return item


def _refuse_name(portal: "Portal", name: str, type_id: str, *, besides: CrmList | None) -> None:
    other = _by_name(portal, name, type_id)
    if other and other is not besides:
        message = f"A list with the name {name} already exists"
        raise invalid(message, subCategory="ILS.DUPLICATE_LIST_NAMES")


def _by_name(portal: "Portal", name: str, type_id: str) -> CrmList | None:
    wanted = name.lower()
    for item in portal.lists.lists.values():
        if item.deleted is None and item.type_id == type_id and item.name.lower() == wanted:
            return item
    return None


def read(portal: "Portal", call: Call) -> Answer:
    item = find(portal, call.params["id"])
    return Answer(200, {"list": render(portal, item, filters=call.flag("includeFilters"))})


def read_several(portal: "Portal", call: Call) -> Answer:
    """Read lists by id; ids that mean no list are left out."""
    found = [portal.lists.lists.get(id) for id in call.names("listIds")]
    filters = call.flag("includeFilters")
    live = [item for item in found if item and item.deleted is None]
    return Answer(200, {"lists": [render(portal, item, filters=filters) for item in live]})


def read_by_name(portal: "Portal", call: Call) -> Answer:
    """Read a list by its name, in any case."""
    name, type_id = call.params["name"], call.params["type"]
    item = _by_name(portal, name, type_id)
    if item is None:
        raise missing(f"List does not exist with name {name}.")
    return Answer(200, {"list": render(portal, item, filters=call.flag("includeFilters"))})


def search(portal: "Portal", call: Call) -> Answer:
    """Find lists by words of the name, ids, type and kind."""
    body = call.body(_SEARCH)
    offset, count = int(body.get("offset") or 0), int(body.get("count") or 20)
    if not 1 <= count <= 500:
        raise invalid(f"count must be between 1 and 500, but was {count}")
    if not 0 <= offset <= OFFSET_LIMIT:
        raise invalid(f"offset must be between 0 and {OFFSET_LIMIT}, but was {offset}")
    words = str(body.get("query") or "").lower().split()
    kinds, ids = body.get("processingTypes") or KINDS, body.get("listIds")
    type_id = body.get("objectTypeId")
    found = [
        item
        for item in portal.lists.lists.values()
        if item.deleted is None
        and item.processing_type in kinds
        and (not ids or item.id in map(str, ids))
        and (not type_id or item.type_id == type_id)
        and all(word in item.name.lower() for word in words)
    ]
    page = [_found(portal, item) for item in found[offset : offset + count]]
    more = offset + count < len(found)
    end = offset + len(page)
    return Answer(200, {"offset": end, "hasMore": more, "lists": page, "total": len(found)})


def _found(portal: "Portal", item: CrmList) -> dict[str, Any]:
    """Return a search hit: no permissions or size, but additional properties."""
    body = render(portal, item)
    for name in ("size", "listPermissions", "membershipSettings"):
        del body[name]
    more = {"hs_list_size": str(told_size(portal, item)), "hs_list_reference_count": "0"}
    if item.members.last_joined is not None:
        more["hs_last_record_added_at"] = str(item.members.last_joined)
    body["additionalProperties"] = more
    return body


def rename(portal: "Portal", call: Call) -> Answer:
    item = find(portal, call.params["id"])
    name = call.request.query.get("listName", "")
    if not name:
        raise invalid("listName is required")
    _refuse_name(portal, name, item.type_id, besides=item)
    item.name = name
    item.updated = portal.now_ms()
    filters = call.flag("includeFilters")
    return Answer(200, {"updatedList": render(portal, item, filters=filters)})


def update_filters(portal: "Portal", call: Call) -> Answer:
    """Replace an active list's whole definition and evaluate everyone again."""
    item = find(portal, call.params["id"])
    if item.processing_type != "DYNAMIC":
        raise invalid(f"List {item.id} is not DYNAMIC; its filters can not be updated")
    change_filters(portal, item, call.body(_FILTERS)["filterBranch"])
    return Answer(200, {"updatedList": render(portal, item, filters=True)})


def change_filters(portal: "Portal", item: CrmList, branch: Any) -> None:
    """Give an active list a new definition."""
    compiled = portal.lists.compile(branch, portal.stores[item.type_id])
    if portal.lists.reaches(compiled.lists, item.id):
        raise invalid(f"The filters of list {item.id} refer to the list itself")
    item.branch, item.filter = branch, compiled
    item.version += 1
    portal.lists.rebuild()
    item.updated = item.filters_updated = portal.now_ms()
    portal.lists.evaluate(item)


def delete(portal: "Portal", call: Call) -> Answer:
    item = find(portal, call.params["id"])
    item.deleted = portal.now_ms()
    portal.lists.rebuild()
    return Answer(204)


def restore(portal: "Portal", call: Call) -> Answer:
    """Bring a list back within 90 days."""
    item = find(portal, call.params["id"], deleted=True)
    if item.deleted is not None:
        if portal.now_ms() - item.deleted > KEPT_MS:
            raise missing(f"List does not exist with ID {item.id}.")
        _refuse_name(portal, item.name, item.type_id, besides=item)
        item.deleted = None
        portal.lists.rebuild()
        if item.filter:
            portal.lists.evaluate(item)
    return Answer(204)
