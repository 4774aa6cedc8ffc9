"""Batch calls: up to 100 inputs, answered whole or, with trace ids, one by one in a 207."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.hubspot import associations, validation, writes
from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.errors import ApiError, duplicate_email, invalid, some_not_found
from sandbox.hubspot.record import Record
from sandbox.hubspot.rendering import Projection, echo
from sandbox.hubspot.store import ObjectStore
from sandbox.hubspot.validation import Values

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

LIMIT = 100
HISTORY_LIMIT = 50


class Input(NamedTuple):
    """One input that may be written; ``record`` is None when it will be created."""

    body: Mapping[str, Any]
    record: Record | None
    values: Values


def read_inputs(call: Call, *, limit: int = LIMIT) -> tuple[dict[str, Any], list[Any]]:
    """Return the body and its inputs, or raise the 400 for too many."""
    body = call.object()
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(item, dict) for item in inputs):
        raise invalid("Invalid input JSON: some required fields were not set: [inputs]")
    if len(inputs) > limit:
        what = "" if limit == LIMIT else " request for property histories"
        raise invalid(
            f"The maximum number of inputs supported in a batch{what} is {limit}. "
            "Please reduce the number of items and try again"
        )
    return body, inputs


def _texts(inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(item.get("id", "")) for item in inputs]


def _refuse_repeats(inputs: Sequence[Mapping[str, Any]]) -> None:
    repeated = [id for id, times in Counter(_texts(inputs)).items() if times > 1]
    if repeated:
        text = ", ".join(repeated)
        raise invalid(f"Duplicate IDs found in batch input: [{text}]. IDs must be unique")


def traced(inputs: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether every input carries a trace id of its own: only then are failures single."""
    ids = [item.get("objectWriteTraceId") for item in inputs]
    return bool(ids) and None not in ids and len(set(map(str, ids))) == len(ids)


def read(portal: "Portal", call: Call) -> Answer:
    """Read records by id or unique value; ids not found come as one error of a 207."""
    store = portal.store_of(call.params["type"])
    has_history = b"propertiesWithHistory" in call.request.body and bool(
        call.object().get("propertiesWithHistory")
    )
    body, inputs = read_inputs(call, limit=HISTORY_LIMIT if has_history else LIMIT)
    property = body.get("idProperty") or "hs_object_id"
    if not portal.schemas[store.type.id].is_unique(property):
        raise invalid(f"Property {property} is not unique and can not be used as idProperty")
    projection = Projection(
        portal,
        store,
        body.get("properties") or (),
        history=body.get("propertiesWithHistory") or (),
    )
    archived = call.flag("archived")
    found: dict[str, Record] = {}
    missing: list[str] = []
    for text in dict.fromkeys(_texts(inputs)):
        record = _look_up(store, property, text, archived=archived)
        if record is None:
            missing.append(text)
        else:
            found[record.id] = record
    results = [projection.render(record) for record in found.values()]
    errors = [some_not_found(store.type.name, missing).element(None)] if missing else []
    return Answer(207 if errors else 200, portal.batch_body(results, errors))


def _look_up(store: ObjectStore, property: str, text: str, *, archived: bool) -> Record | None:
    if property == "hs_object_id":
        record = store.records.get(text)
        return record if record and (record.archived_at is not None) == archived else None
    return None if archived else store.by_unique(property, text)


def create(portal: "Portal", call: Call) -> Answer:
    store = portal.store_of(call.params["type"])
    _, inputs = read_inputs(call)
    single = traced(inputs)
    seen: dict[str, set[str]] = {}

    def prepare(item: Mapping[str, Any]) -> Input:
        values = _new_values(portal, store, item, named=single)
        _refuse_twins(portal, store, values, seen)
        return Input(item, None, values)

    return _write(portal, store, call, inputs, prepare, status=201)


def _new_values(
    portal: "Portal", store: ObjectStore, item: Mapping[str, Any], *, named: bool
) -> Values:
    """Return the values of a record to be created, or raise why it can not be."""
    sent = validation.read_properties(item)
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
    _, inputs = read_inputs(call)
    _refuse_repeats(inputs)
    seen: dict[str, set[str]] = {}

    def prepare(item: Mapping[str, Any]) -> Input:
        record = _find(portal, store, item)
        if record is None:
            raise some_not_found(store.type.name, [str(item.get("id", ""))])
        return _known_input(portal, store, item, record, seen)

    return _write(portal, store, call, inputs, prepare, status=200)


def _known_input(
    portal: "Portal",
    store: ObjectStore,
    item: Mapping[str, Any],
    record: Record,
    seen: dict[str, set[str]],
) -> Input:
    sent = validation.read_properties(item)
    values = validation.check_values(portal, store, sent, record=record)
    clash = validation.check_unique(portal, store, values, record=record)
    if clash:
        raise validation.taken(portal, store, values, clash, record.id)
    _refuse_twins(portal, store, values, seen)
    return Input(item, record, values)


def _find(portal: "Portal", store: ObjectStore, item: Mapping[str, Any]) -> Record | None:
    property, text = item.get("idProperty") or "hs_object_id", str(item.get("id", ""))
    if property == "hs_object_id":
        return store.live(text)
    schema = portal.schemas[store.type.id]
    if property == "email" or not schema.is_unique(property):
        raise _non_unique("update", store)
    return store.by_unique(property, text)


def _non_unique(verb: str, store: ObjectStore) -> ApiError:
    return invalid(f"Unable to perform {verb} by non-unique {store.type.id} property")


def upsert(portal: "Portal", call: Call) -> Answer:
    """Update or create by a unique property; the answer says which."""
    store = portal.store_of(call.params["type"])
    _, inputs = read_inputs(call)
    _refuse_repeats(inputs)
    single = traced(inputs)
    seen: dict[str, set[str]] = {}

    def prepare(item: Mapping[str, Any]) -> Input:
        property, text = str(item.get("idProperty") or "hs_object_id"), str(item.get("id", ""))
        _check_upsert_property(portal, store, property)
        record = store.by_unique(property, text)
        sent = validation.read_properties(item)
        if record is None and property == "hs_object_id":
            raise some_not_found(store.type.name, [text])
        if record is None:
            item = {**item, "properties": {property: text, **sent}}
            values = _new_values(portal, store, item, named=single)
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
            ready.append(prepare(item))
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
        associations.create_with(portal, store, record, item.body.get("associations"))
    else:
        writes.update(portal, store, record, item.values, caller=caller, request_id=request_id)
    body = echo(portal, store, record, item.values, created=is_new)
    if says_new:
        body["new"] = is_new
    if "objectWriteTraceId" in item.body:
        body["objectWriteTraceId"] = str(item.body["objectWriteTraceId"])
    return body


def archive(portal: "Portal", call: Call) -> Answer:
    """Archive; ids that are gone already do no harm."""
    store = portal.store_of(call.params["type"])
    _, inputs = read_inputs(call)
    for text in dict.fromkeys(_texts(inputs)):
        record = store.live(text)
        if record:
            writes.archive(portal, store, record, caller=call.caller, request_id=call.request_id)
    return Answer(204)
