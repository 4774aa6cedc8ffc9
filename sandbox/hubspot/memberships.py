"""The membership calls: pages of a list, writes to static lists, and the lists of a record."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.crm_list import CrmList
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.inputs import batch_of, read_inputs
from sandbox.hubspot.instants import iso
from sandbox.hubspot.lists import find, told_size
from sandbox.hubspot.members import Page
from sandbox.hubspot.shapes import each, members, text

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

PAGE = 250
COPY_LIMIT = 100_000

_IDS = each(text)
_CHANGES = members(recordIdsToAdd=_IDS, recordIdsToRemove=_IDS)
_RECORDS = batch_of(members("objectTypeId", "recordId", objectTypeId=text, recordId=text))


def _cursor(*parts: int) -> str:
    """Return an opaque cursor."""
    text = ":".join(map(str, parts))
    return urlsafe_b64encode(f"m:{text}".encode()).decode().rstrip("=")


def _uncursor(text: str | None, *, parts: int) -> tuple[int, ...] | None:
    """Read a cursor of ours, or raise the 400."""
    if not text:
        return None
    try:
        plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        mark, *numbers = plain.split(":")
        found = tuple(map(int, numbers))
    except ValueError:
        raise invalid(f"Invalid cursor: {text}") from None
    if mark != "m" or len(found) != parts:
        raise invalid(f"Invalid cursor: {text}")
    return found


def page(portal: "Portal", call: Call) -> Answer:
    """List members by record id."""
    item = find(portal, call.params["id"])
    limit = call.number("limit", default=100, high=PAGE)
    after = _uncursor(call.request.query.get("after"), parts=1)
    before = _uncursor(call.request.query.get("before"), parts=1)
    found = item.members.by_number(
        after=after[0] if after else None, before=before[0] if before else None, limit=limit
    )
    joined = item.members.joined
    results = [
        {"recordId": str(number), "membershipTimestamp": iso(joined[number])}
        for number in found.keys
    ]
    keys = [(number,) for number in found.keys]
    return _page(portal, call, item, found, results=results, keys=keys)


def page_by_join(portal: "Portal", call: Call) -> Answer:
    """List members by time of joining."""
    item = find(portal, call.params["id"])
    limit = call.number("limit", default=100, high=PAGE)
    after = _uncursor(call.request.query.get("after"), parts=2)
    before = _uncursor(call.request.query.get("before"), parts=2)
    found = item.members.by_join(
        after=(after[0], after[1]) if after else None,
        before=(before[0], before[1]) if before else None,
        limit=limit,
    )
    results = [
        {"recordId": str(number), "membershipTimestamp": iso(ms)} for ms, number in found.keys
    ]
    return _page(portal, call, item, found, results=results, keys=found.keys)


def _page(
    portal: "Portal",
    call: Call,
    item: CrmList,
    found: Page,
    *,
    results: list[dict[str, str]],
    keys: Sequence[tuple[int, ...]],
) -> Answer:
    body: dict[str, Any] = {"results": results}
    paging: dict[str, Any] = {}
    if found.has_next and keys:
        cursor = _cursor(*keys[-1])
        paging["next"] = {"after": cursor, "link": call.link(after=cursor)}
    if found.has_previous and keys:
        cursor = _cursor(*keys[0])
        paging["prev"] = {"before": cursor, "link": call.link(before=cursor)}
    if paging:
        body["paging"] = paging
    if portal.options.membership_total:
        body["total"] = told_size(portal, item)
    return Answer(200, body)


def _static(portal: "Portal", id: str) -> CrmList:
    item = find(portal, id)
    if item.processing_type == "DYNAMIC":
        message = "You cannot use segment membership endpoints to update a DYNAMIC list"
        raise invalid(message, subCategory="ILS.DYNAMIC_LIST_MEMBERSHIP_UPDATE")
    return item


def _ids(given: Iterable[Any] | None) -> list[str]:
    return list(dict.fromkeys(map(str, given or ())))


def add(portal: "Portal", call: Call) -> Answer:
    return _change(portal, call, add=_ids(call.body(_IDS)), remove=[])


def remove(portal: "Portal", call: Call) -> Answer:
    return _change(portal, call, add=[], remove=_ids(call.body(_IDS)))


def add_and_remove(portal: "Portal", call: Call) -> Answer:
    body = call.body(_CHANGES)
    wanted = _ids(body.get("recordIdsToAdd"))
    return _change(portal, call, add=wanted, remove=_ids(body.get("recordIdsToRemove")))


def _change(portal: "Portal", call: Call, *, add: list[str], remove: list[str]) -> Answer:
    """Write members; empty answers are left out, and "recordsIdsAdded" is HubSpot's spelling."""
    item = _static(portal, call.params["id"])
    store = portal.stores[item.type_id]
    missing = [id for id in (*add, *remove) if store.live(id) is None]
    known = set(add).union(remove).difference(missing)
    joined = item.members.joined
    added = [id for id in add if id in known and int(id) not in joined]
    removed = [id for id in remove if id in known and int(id) in joined]
    portal.lists.set_manually(item, add=map(int, added), remove=map(int, removed))
    body = {"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing}
    return Answer(200, {name: ids for name, ids in body.items() if ids})


def add_from(portal: "Portal", call: Call) -> Answer:
    """Add all members of another list."""
    item, source = _static(portal, call.params["id"]), find(portal, call.params["source"])
    if item.type_id != source.type_id:
        raise invalid("Both lists must hold the same object type")
    if len(source.members) > COPY_LIMIT:
        raise invalid(f"At most {COPY_LIMIT} records can be added from a list")
    portal.lists.set_manually(item, add=list(source.members.joined), remove=())
    return Answer(204)


def remove_all(portal: "Portal", call: Call) -> Answer:
    item = _static(portal, call.params["id"])
    if len(item.members) >= COPY_LIMIT:
        raise invalid(f"Only lists of fewer than {COPY_LIMIT} records can be emptied")
    portal.lists.set_manually(item, add=(), remove=list(item.members.joined))
    return Answer(204)


def of_record(portal: "Portal", call: Call) -> Answer:
    """List the lists a record is in."""
    return Answer(200, _of_record(portal, call.params["type"], call.params["record"]))


def _of_record(portal: "Portal", type_id: str, record_id: str) -> dict[str, Any]:
    store = portal.store_of(type_id)
    if store.live(record_id) is None:
        raise ApiError(
            404,
            f"Record does not exist with ID {record_id}.",
            category="OBJECT_NOT_FOUND",
            fields={"context": {"recordId": [record_id]}},
        )
    number = int(record_id)
    return {"results": list(_memberships(portal.lists.lists.values(), store.type.id, number))}


def _memberships(
    lists: Iterable[CrmList], type_id: str, number: int
) -> Iterable[Mapping[str, Any]]:
    for item in lists:
        if item.deleted is None and item.type_id == type_id and number in item.members.joined:
            yield {
                "listId": item.id,
                "listVersion": item.version,
                "isPublicList": True,
                "firstAddedTimestamp": iso(item.members.first_joined(number)),
                "lastAddedTimestamp": iso(item.members.joined[number]),
            }


def batch_read(portal: "Portal", call: Call) -> Answer:
    """List the lists of several records; records that do not exist are errors of a 207."""
    results, errors = [], []
    for item in read_inputs(call, _RECORDS):
        type_id, record_id = str(item["objectTypeId"]), str(item["recordId"])
        try:
            found = _of_record(portal, type_id, record_id)["results"]
        except ApiError as error:
            errors.append(error.element(None))
            continue
        results.append(
            {"objectTypeId": type_id, "recordId": record_id, "recordListMemberships": found}
        )
    return Answer(207 if errors else 200, portal.batch_body(results, errors))
