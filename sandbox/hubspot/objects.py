"""Single-record calls: page, create, read, patch, archive, merge and delete for good."""

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from sandbox.hubspot import associations, validation, writes
from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.digits import is_whole
from sandbox.hubspot.errors import (
    ApiError,
    duplicate_email,
    invalid,
    non_numeric_id,
    resource_not_found,
)
from sandbox.hubspot.record import Record
from sandbox.hubspot.rendering import Projection, echo
from sandbox.hubspot.shapes import members, named, text
from sandbox.hubspot.store import ObjectStore

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

MERGE_LIMIT = 250

_NEW = members("properties", properties=named, associations=associations.WANTED)
_CHANGE = members("properties", properties=named)
_MERGE = members("primaryObjectId", "objectIdToMerge", primaryObjectId=text, objectIdToMerge=text)
_GDPR = members("objectId", objectId=text, idProperty=text)


def page(portal: "Portal", call: Call) -> Answer:
    """List records by id."""
    store = portal.store_of(call.params["type"])
    limit = call.number("limit", default=10, high=100)
    after = call.request.query.get("after", "0")
    if not is_whole(after):
        raise invalid(f"after was not a valid cursor: {after}")
    projection = Projection(
        portal, store, call.names("properties"), history=call.names("propertiesWithHistory")
    )
    found = list(islice(store.after(int(after), archived=call.flag("archived")), limit + 1))
    body: dict[str, Any] = {"results": [projection.render(record) for record in found[:limit]]}
    associations.attach(portal, store, body["results"], call.names("associations"))
    if len(found) > limit:
        cursor = found[limit - 1].id
        body["paging"] = {"next": {"after": cursor, "link": call.link(after=cursor)}}
    return Answer(200, body)


def create(portal: "Portal", call: Call) -> Answer:
    store = portal.store_of(call.params["type"])
    body = call.body(_NEW)
    sent = body["properties"]
    values = validation.check_values(portal, store, sent, record=None)
    validation.check_required(portal, store, values)
    if call.keeps_rules:
        validation.check_rules(portal, store, values, record=None)
    refuse_clash(portal, store, values)
    links = associations.wanted_links(portal, store, body.get("associations"))
    record = writes.create(portal, store, values, caller=call.caller, request_id=call.request_id)
    associations.create_with(portal, store, record, links)
    answer = echo(portal, store, record, sent, created=True)
    path = f"{call.base}{call.request.path.rstrip('/')}/{record.id}"
    return Answer(201, answer, {"location": path})


def refuse_clash(
    portal: "Portal", store: ObjectStore, values: validation.Values, *, named: bool = True
) -> None:
    """Raise the answer of a create whose unique value is taken: 409 for an e-mail, else 400."""
    clash = validation.check_unique(portal, store, values, record=None)
    if clash and clash[0] == "email":
        raise duplicate_email(clash[1], named=named)
    if clash:
        raise validation.taken(portal, store, values, clash, "a new record")


def find(portal: "Portal", store: ObjectStore, call: Call, *, archived: bool = False) -> Record:
    """Return the record the path means; ids of merged records lead to their survivor."""
    text = call.params["id"]
    property = call.request.query.get("idProperty")
    if property and property != "hs_object_id":
        found = unique_lookup(portal, store, property, text)
        if found is None:
            raise resource_not_found()
        return found
    if not is_whole(text):
        raise non_numeric_id(text)
    record = store.records.get(store.resolve(text))
    if record is None or (record.archived_at is not None) != archived:
        raise resource_not_found()
    return record


def unique_lookup(portal: "Portal", store: ObjectStore, property: str, text: str) -> Record | None:
    """Return the record with that value of a unique property, or raise the 400."""
    if not portal.schemas[store.type.id].is_unique(property):
        raise invalid(f"Property {property} is not unique and can not be used as idProperty")
    return store.by_unique(property, text)


def read(portal: "Portal", call: Call) -> Answer:
    store = portal.store_of(call.params["type"])
    record = find(portal, store, call, archived=call.flag("archived"))
    projection = Projection(
        portal, store, call.names("properties"), history=call.names("propertiesWithHistory")
    )
    body = projection.render(record)
    associations.attach(portal, store, [body], call.names("associations"))
    return Answer(200, body)


def update(portal: "Portal", call: Call) -> Answer:
    store = portal.store_of(call.params["type"])
    record = find(portal, store, call)
    sent = call.body(_CHANGE)["properties"]
    values = validation.check_values(portal, store, sent, record=record)
    if call.keeps_rules:
        validation.check_rules(portal, store, values, record=record)
    clash = validation.check_unique(portal, store, values, record=record)
    if clash:
        raise validation.taken(portal, store, values, clash, record.id)
    writes.update(portal, store, record, values, caller=call.caller, request_id=call.request_id)
    return Answer(200, echo(portal, store, record, sent, created=False))


def archive(portal: "Portal", call: Call) -> Answer:
    """Archive; an id that is gone already answers 204 too."""
    store = portal.store_of(call.params["type"])
    text = call.params["id"]
    if not is_whole(text):
        raise non_numeric_id(text)
    record = store.live(text)
    if record:
        writes.archive(portal, store, record, caller=call.caller, request_id=call.request_id)
    return Answer(204)


def merge(portal: "Portal", call: Call) -> Answer:
    """Merge two records into a third, new one."""
    store = portal.store_of(call.params["type"])
    if not store.type.mergeable:
        raise invalid(f"Objects of type {store.type.id} can not be merged")
    body = call.body(_MERGE)
    primary = _merge_side(store, body, "primaryObjectId")
    other = _merge_side(store, body, "objectIdToMerge")
    if primary is other:
        raise invalid("Cannot merge an object with itself")
    if len(primary.merged) + len(other.merged) + 2 > MERGE_LIMIT:
        raise ApiError(414, "Cannot have more than 250 identities on a profile")
    survivor = writes.merge(
        portal, store, primary, other, caller=call.caller, request_id=call.request_id
    )
    return Answer(200, Projection(portal, store, ()).render(survivor))


def _merge_side(store: ObjectStore, body: Mapping[str, Any], name: str) -> Record:
    record = store.live(store.resolve(str(body[name])))
    if record is None:
        raise resource_not_found()
    return record


def gdpr_delete(portal: "Portal", call: Call) -> Answer:
    """Delete for good; an unknown e-mail address goes on the blocklist."""
    store = portal.store_of(call.params["type"])
    body = call.body(_GDPR)
    id, property = str(body["objectId"]), str(body.get("idProperty") or "hs_object_id")
    if property == "hs_object_id":
        record = store.records.get(store.resolve(id))
    else:
        record = unique_lookup(portal, store, property, id)
        if record is None and property == "email":
            writes.block(portal, id)
            return Answer(204)
    if record is None:
        raise resource_not_found()
    writes.purge(portal, store, record, caller=call.caller, request_id=call.request_id)
    return Answer(204)
