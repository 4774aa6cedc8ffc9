"""The properties API: definitions and groups of every object type."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.batch import read_inputs
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.schema import FIELD_TYPES, Property
from sandbox.hubspot.schemas import Schema

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

MOST, MOST_UNIQUE = 1000, 10


def _schema(portal: "Portal", call: Call) -> Schema:
    return portal.schemas[portal.store_of(call.params["type"]).type.id]


def _find(portal: "Portal", schema: Schema, name: str, *, archived: bool = False) -> Property:
    definition = schema.properties.get(name)
    shown = definition is not None and definition.visible <= portal.now_ms()
    if definition is None or not shown or definition.archived != archived:
        raise ApiError(
            404,
            f"Property {name} does not exist for object type {schema.type.id}",
            category="OBJECT_NOT_FOUND",
        )
    return definition


def page(portal: "Portal", call: Call) -> Answer:
    schema, now = _schema(portal, call), portal.now_ms()
    archived = call.flag("archived")
    results = [
        definition.to_json()
        for definition in schema.properties.values()
        if definition.archived == archived and definition.visible <= now
    ]
    return Answer(200, {"results": results})


def read(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    found = _find(portal, schema, call.params["name"], archived=call.flag("archived"))
    return Answer(200, found.to_json())


def create(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    return Answer(201, add(portal, schema, call.object()).to_json())


def add(portal: "Portal", schema: Schema, body: Mapping[str, Any]) -> Property:
    """Check and make a property; an archived one of the name comes back to life."""
    name, kind = str(body.get("name") or ""), str(body.get("type") or "")
    field_type = str(body.get("fieldType") or FIELD_TYPES.get(kind, ""))
    missing = [member for member in ("name", "label", "type", "groupName") if not body.get(member)]
    if missing:
        text = ", ".join(missing)
        raise invalid(f"Invalid input JSON: some required fields were not set: [{text}]")
    _check_definition(schema, body, name, kind)
    existing = schema.properties.get(name)
    if existing and not existing.archived:
        raise ApiError(
            409,
            f"Property {name} already exists on object type {schema.type.id}",
            category="OBJECT_ALREADY_EXISTS",
            fields={"subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS"},
        )
    now = portal.now_ms()
    definition = Property(
        name=name,
        label=str(body["label"]),
        type=kind,
        field_type=field_type,
        group=str(body["groupName"]),
        options=_options(body),
        unique=bool(body.get("hasUniqueValue")),
        description=str(body.get("description") or ""),
        created=now,
        updated=now,
        visible=now + int(portal.options.property_lag * 1000),
    )
    definition.refresh()
    schema.properties[name] = definition
    if definition.unique:
        portal.stores[schema.type.id].make_unique(name)
    return definition


def _check_definition(schema: Schema, body: Mapping[str, Any], name: str, kind: str) -> None:
    if kind not in FIELD_TYPES:
        raise invalid(f"{kind} is not a valid property type")
    if body["groupName"] not in schema.groups:
        raise invalid(f"Property group {body['groupName']} does not exist")
    if not name.replace("_", "").isalnum() or name != name.lower():
        raise invalid(f"Property name {name} is not valid")
    live = [item for item in schema.properties.values() if not item.archived]
    if len(live) >= MOST:
        raise invalid(f"At most {MOST} properties can exist on an object type")
    unique = [item for item in live if item.unique and not item.hubspot_defined]
    if body.get("hasUniqueValue") and len(unique) >= MOST_UNIQUE:
        raise invalid(f"At most {MOST_UNIQUE} properties can have unique values")


def _options(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"displayOrder": place, "hidden": False, **item}
        for place, item in enumerate(body.get("options") or [])
    ]


def update(portal: "Portal", call: Call) -> Answer:
    """Change a definition; ``options`` replace all options, without them they stay."""
    schema = _schema(portal, call)
    definition = _find(portal, schema, call.params["name"])
    body = call.object()
    if definition.hubspot_defined and ({"type", "fieldType", "groupName"} & body.keys()):
        raise invalid(f"Property {definition.name} is defined by HubSpot and read-only")
    for member, slot in (("label", "label"), ("description", "description"), ("type", "type")):
        if member in body:
            setattr(definition, slot, str(body[member]))
    definition.field_type = str(body.get("fieldType", definition.field_type))
    definition.group = str(body.get("groupName", definition.group))
    if "options" in body:
        definition.options = _options(body)
    definition.updated = portal.now_ms()
    definition.refresh()
    return Answer(200, definition.to_json())


def archive(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    _archive(portal, schema, _find(portal, schema, call.params["name"]))
    return Answer(204)


def _archive(portal: "Portal", schema: Schema, definition: Property) -> None:
    """Archive a property that no list's filter uses."""
    used = any(
        item.filter and definition.name in item.filter.names
        for item in portal.lists.active(schema.type.id)
    )
    if definition.hubspot_defined or used:
        raise invalid(
            f"Property {definition.name} is in use and can not be deleted",
            subCategory="PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
        )
    definition.archived = True
    definition.updated = portal.now_ms()


def batch_read(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    body, inputs = read_inputs(call)
    archived = bool(body.get("archived"))
    found, errors = [], []
    for item in inputs:
        try:
            name = str(item.get("name", ""))
            found.append(_find(portal, schema, name, archived=archived).to_json())
        except ApiError as error:
            errors.append(error.element(None))
    return Answer(207 if errors else 200, portal.batch_body(found, errors))


def batch_create(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    _, inputs = read_inputs(call)
    made, errors = [], []
    for item in inputs:
        try:
            made.append(add(portal, schema, item).to_json())
        except ApiError as error:
            errors.append(error.element(None))
    return Answer(207 if errors else 201, portal.batch_body(made, errors))


def batch_archive(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    _, inputs = read_inputs(call)
    for item in inputs:
        _archive(portal, schema, _find(portal, schema, str(item.get("name", ""))))
    return Answer(204)


def _group(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}


def groups(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    return Answer(200, {"results": [_group(*item) for item in schema.groups.items()]})


def _group_name(schema: Schema, call: Call) -> str:
    name = call.params["group"]
    if name not in schema.groups:
        message = f"Property group {name} does not exist for object type {schema.type.id}"
        raise ApiError(404, message, category="OBJECT_NOT_FOUND")
    return name


def read_group(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    name = _group_name(schema, call)
    return Answer(200, _group(name, schema.groups[name]))


def create_group(portal: "Portal", call: Call) -> Answer:
    schema, body = _schema(portal, call), call.object()
    name = str(body.get("name") or "")
    if not name:
        raise invalid("Invalid input JSON: some required fields were not set: [name]")
    if name in schema.groups:
        raise ApiError(
            409,
            f"Property group {name} already exists",
            category="OBJECT_ALREADY_EXISTS",
            fields={"subCategory": "Properties.GROUP_WITH_NAME_EXISTS"},
        )
    schema.groups[name] = str(body.get("label") or name)
    return Answer(201, _group(name, schema.groups[name]))


def update_group(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    name = _group_name(schema, call)
    schema.groups[name] = str(call.object().get("label") or schema.groups[name])
    return Answer(200, _group(name, schema.groups[name]))


def archive_group(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    name = _group_name(schema, call)
    if any(item.group == name and not item.archived for item in schema.properties.values()):
        raise invalid(
            f"Property group {name} still has properties",
            subCategory="PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",
        )
    del schema.groups[name]
    return Answer(204)
