"""Batch calls: up to 100 inputs, answered whole or, with trace ids, one by one in a 207."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.hubspot import associations, validation, writes
from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.errors import ApiError, duplicate_email, invalid, some_not_found
from sandbox.hubspot.inputs import (
    HISTORY_LIMIT,
    IDS,
    LIMIT,
    batch_of,
    ids_of,
    limit_inputs,
    read_inputs,
    refuse_repeats,
    traced,
)
from sandbox.hubspot.record import Record
from sandbox.hubspot.rendering import Projection, echo
from sandbox.hubspot.shapes import each, members, named, text
from sandbox.hubspot.store import ObjectStore
from sandbox.hubspot.validation import Values

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal


class Input(NamedTuple):
    """One input that may be written; ``record`` is None when it will be created."""

    body: Mapping[str, Any]
    record: Record | None
    values: Values
    links: Sequence[associations.Link] = ()


_READ = batch_of(
    members("id", id=text),
    properties=each(text),
    propertiesWithHistory=each(text),
    idProperty=text,
)
_NEW = batch_of(
    members(
        "properties",
        properties=named,
        associations=associations.WANTED,
        objectWriteTraceId=text,
    )
)
_KNOWN = batch_of(
    members("id", "properties", id=text, idProperty=text, properties=named, objectWriteTraceId=text)
)


def read(portal: "Portal", call: Call) -> Answer:
    """Read records by id or unique value; ids not found come as one error of a 207."""
    store = portal.store_of(call.params["type"])
    body = call.body(_READ)
    history = body.get("propertiesWithHistory") or ()
    limit_inputs(body["inputs"], limit=HISTORY_LIMIT if history else LIMIT)
    property = str(body.get("idProperty") or "hs_object_id")
    if not portal.schemas[store.type.id].is_unique(property):
        raise invalid(f"Property {property} is not unique and can not be used as idProperty")
    projection = Projection(
        portal,
        store,
        map(str, body.get("properties") or ()),
        history=map(str, history),
    )
    archived = call.flag("archived")
    found: dict[str, Record] = {}
    missing: list[str] = []
    for id in dict.fromkeys(ids_of(body["inputs"])):
        record = _look_up(store, property, id, archived=archived)
        if record is None:
            missing.append(id)
        else:
            found[record.id] = record
    results = [projection.render(record) for record in found.values()]
    errors = [some_not_found(store.type.name, missing).element(None)] if missing else []
    return Answer(207 if errors else 200, portal.batch_body(results, errors))


def _look_up(store: ObjectStore, property: str, id: str, *, archived: bool) -> Record | None:
    if property == "hs_object_id":
        record = store.records.get(id)
        return record if record and (record.archived_at is not None) == archived else None
    return None if archived else store.by_unique(property, id)


def create(portal: "Portal", call: Call) -> Answer:
    store = portal.store_of(call.params["type"])
    inputs = read_inputs(call, _NEW)
    single = traced(inputs)
    seen: dict[str, set[str]] = {}

    def prepare(item: Mapping[str, Any]) -> Input:
        values = _new_values(portal, store, item["properties"], named=single)
        links = associations.wanted_links(portal, store, item.get("associations"))
        _refuse_twins(portal, store, values, seen)
        return Input(item, None, values, links)

    return _write(portal, store, call, inputs, prepare, status=201)


def _new_values(
    portal: "Portal", store: ObjectStore, sent: Mapping[str, Any], *, named: bool
) -> Values:
    """Return the values of a record to be created, or raise why it can not be."""
    values = validation.check_values(portal, store, sent, record=None)
    validation.check_required(portal, store, values)
    clash = validation.check_unique(portal, store, values, record=None)
    if clash and clash[0] == "email":
        error = duplicate_email(clash[1], named=named)
        if named:
            error.fields["context"] = {"existingId": [clash[1]]}
        raise error
    if clash:
        raise validation.taken(portal, store, values, clash, "a new record")
    return values


def _refuse_twins(
    portal: "Portal", store: ObjectStore, values: Values, seen: dict[str, set[str]]
) -> None:
    """Raise when an earlier input of the same batch takes a unique value."""
    for name in store.unique:
        value = values.get(name, "").lower()
        if not value:
            continue
        if value in seen.setdefault(name, set()):
            if name == "email":
                raise duplicate_email("", named=False)
            raise validation.taken(portal, store, values, (name, "another input"), "a new record")
        seen[name].add(value)


def update(portal: "Portal", call: Call) -> Answer:
    """Update by id or unique value; ids of merged records do not resolve here."""
    store = portal.store_of(call.params["type"])
    inputs = read_inputs(call, _KNOWN)
    refuse_repeats(inputs)
    seen: dict[str, set[str]] = {}

    def prepare(item: Mapping[str, Any]) -> Input:
        record = _find(portal, store, item)
        if record is None:
            raise some_not_found(store.type.name, [str(item["id"])])
        return _known_input(portal, store, item, record, seen)

    return _write(portal, store, call, inputs, prepare, status=200)


def _known_input(
    portal: "Portal",
    store: ObjectStore,
    item: Mapping[str, Any],
    record: Record,
    seen: dict[str, set[str]],
) -> Input:
    values = validation.check_values(portal, store, item["properties"], record=record)
    clash = validation.check_unique(portal, store, values, record=record)
    if clash:
        raise validation.taken(portal, store, values, clash, record.id)
    _refuse_twins(portal, store, values, seen)
    return Input(item, record, values)


def _find(portal: "Portal", store: ObjectStore, item: Mapping[str, Any]) -> Record | None:
    property, id = str(item.get("idProperty") or "hs_object_id"), str(item["id"])
    if property == "hs_object_id":
        return store.live(id)
    schema = portal.schemas[store.type.id]
    if property == "email" or not schema.is_unique(property):
        raise _non_unique("update", store)
    return store.by_unique(property, id)


def _non_unique(verb: str, store: ObjectStore) -> ApiError:
    return invalid(f"Unable to perform {verb} by non-unique {store.type.id} property")


def upsert(portal: "Portal", call: Call) -> Answer:
    """Update or create by a unique property; the answer says which."""
    store = portal.store_of(call.params["type"])
    inputs = read_inputs(call, _KNOWN)
    refuse_repeats(inputs)
    single = traced(inputs)
    seen: dict[str, set[str]] = {}

    def prepare(item: Mapping[str, Any]) -> Input:
        property, id = str(item.get("idProperty") or "hs_object_id"), str(item["id"])
        _check_upsert_property(portal, store, property)
        record = store.by_unique(property, id)
        if record is None and property == "hs_object_id":
            raise some_not_found(store.type.name, [id])
        if record is None:
            sent = {property: id, **item["properties"]}
            values = _new_values(portal, store, sent, named=single)
            _refuse_twins(portal, store, values, seen)
            return Input(item, None, values)
        return _known_input(portal, store, item, record, seen)

    return _write(portal, store, call, inputs, prepare, status=200, says_new=True)


def _check_upsert_property(portal: "Portal", store: ObjectStore, property: str) -> None:
    if not portal.schemas[store.type.id].is_unique(property):
        raise _non_unique("upsert", store)
    if property == "email" and portal.options.refuse_upsert_by_email:
        raise invalid("Partial upserts are not supported when using email as the idProperty")


def _write(
    portal: "Portal",
    store: ObjectStore,
    call: Call,
    inputs: Sequence[Mapping[str, Any]],
    prepare: Callable[[Mapping[str, Any]], Input],
    *,
    status: int,
    says_new: bool = False,
) -> Answer:
    """Check all inputs, then write those that may be; ids not found never fail the batch."""
    single = traced(inputs)
    ready: list[Input] = []
    errors: list[dict[str, Any]] = []
    missing: list[str] = []
    for item in inputs:
        try:
            known = prepare(item)
            if call.keeps_rules:
                validation.check_rules(portal, store, known.values, record=known.record)
            ready.append(known)
        except ApiError as error:
            if single:
                errors.append(error.element(str(item["objectWriteTraceId"])))
            elif error.category == "OBJECT_NOT_FOUND":
                missing += error.fields["context"]["ids"]
            else:
                raise
    if missing:
        errors.append(some_not_found(store.type.name, missing).element(None))
    results = [_apply(portal, store, call, item, says_new=says_new) for item in ready]
    return Answer(207 if errors else status, portal.batch_body(results, errors))


def _apply(
    portal: "Portal", store: ObjectStore, call: Call, item: Input, *, says_new: bool
) -> dict[str, Any]:
    record = item.record
    is_new = record is None
    caller, request_id = call.caller, call.request_id
    if record is None:
        record = writes.create(portal, store, item.values, caller=caller, request_id=request_id)
        associations.create_with(portal, store, record, item.links)
    else:
        writes.update(portal, store, record, item.values, caller=caller, request_id=request_id)
    body = echo(portal, store, record, item.values, created=is_new)
    if says_new:
        body["new"] = is_new
    if portal.options.echo_trace_ids and "objectWriteTraceId" in item.body:
        body["objectWriteTraceId"] = str(item.body["objectWriteTraceId"])
    return body


def archive(portal: "Portal", call: Call) -> Answer:
    """Archive; ids that are gone already do no harm."""
    store = portal.store_of(call.params["type"])
    for id in dict.fromkeys(ids_of(read_inputs(call, IDS))):
        record = store.live(id)
        if record:
            writes.archive(portal, store, record, caller=call.caller, request_id=call.request_id)
    return Answer(204)
