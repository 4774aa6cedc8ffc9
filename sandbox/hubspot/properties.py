"""The properties API: definitions and groups of every object type."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.inputs import batch_of, limit_inputs, read_inputs
from sandbox.hubspot.schema import FIELD_TYPES, Property
from sandbox.hubspot.schemas import Schema
from sandbox.hubspot.shapes import each, flag, members, text, whole

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

MOST, MOST_UNIQUE = 1000, 10
_NAME = re.compile(r"[a-z][a-z0-9_]*")

FIELDS = frozenset(
    {"text", "textarea", "number", "date", "select", "radio", "checkbox", "booleancheckbox"}
    | {"html", "file", "phonenumber", "calculation_equation"}
)
_OPTION = members(
    "label",
    "value",
    label=text,
    value=text,
    description=text,
    displayOrder=whole,
    hidden=flag,
)
_MEMBERS = {
    "label": text,
    "type": text,
    "fieldType": text,
    "groupName": text,
    "description": text,
    "options": each(_OPTION),
}
_NEW = members(
    *("name", "label", "type", "fieldType", "groupName"),
    name=text,
    hasUniqueValue=flag,
    **_MEMBERS,
)
_CHANGE = members(**_MEMBERS)
_NAMES = batch_of(members("name", name=text), archived=flag)
_NEW_GROUP = members("name", "label", name=text, label=text, displayOrder=whole)
_GROUP_CHANGE = members(label=text, displayOrder=whole)


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
    return Answer(201, add(portal, schema, call.body(_NEW)).to_json())


def add(portal: "Portal", schema: Schema, body: Mapping[str, Any]) -> Property:
    """Check and make a property; an archived one of the name comes back to life."""
    name = str(body["name"])
    _check_words(schema, body)
    _check_room(schema, body, name)
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
        type=str(body["type"]),
        field_type=str(body["fieldType"]),
        group=str(body["groupName"]),
        options=_options(body),
        unique=body.get("hasUniqueValue") in (True, "true"),
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


def _check_words(schema: Schema, body: Mapping[str, Any]) -> None:
    """Raise the 400 for a type, field type or group that does not exist."""
    known = {"type": FIELD_TYPES.keys(), "fieldType": FIELDS, "groupName": schema.groups.keys()}
    for member, words in known.items():
        if member in body and body[member] not in words:
            raise invalid(f"{body[member]} is not a valid {member}")


def _check_room(schema: Schema, body: Mapping[str, Any], name: str) -> None:
    if not _NAME.fullmatch(name):
        raise invalid(f"Property name {name} is not valid")
    if not str(body["label"]).strip():
        raise invalid(f"The label of property {name} can not be blank")
    live = [item for item in schema.properties.values() if not item.archived]
    if len(live) >= MOST:
        raise invalid(f"At most {MOST} properties can exist on an object type")
    unique = [item for item in live if item.unique and not item.hubspot_defined]
    if body.get("hasUniqueValue") and len(unique) >= MOST_UNIQUE:
        raise invalid(f"At most {MOST_UNIQUE} properties can have unique values")


def _options(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": str(item["label"]),
            "value": str(item["value"]),
            "description": str(item.get("description") or ""),
            "displayOrder": int(item.get("displayOrder") or place),
            "hidden": item.get("hidden") in (True, "true"),
        }
        for place, item in enumerate(body.get("options") or [])
    ]


def update(portal: "Portal", call: Call) -> Answer:
    """Change a definition; ``options`` replace all options, without them they stay."""
    schema = _schema(portal, call)
    definition = _find(portal, schema, call.params["name"])
    body = call.body(_CHANGE)
    if definition.hubspot_defined and ({"type", "fieldType", "groupName"} & body.keys()):
        raise invalid(f"Property {definition.name} is defined by HubSpot and read-only")
    _check_words(schema, body)
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
    body = call.body(_NAMES)
    limit_inputs(body["inputs"])
    archived = body.get("archived") in (True, "true")
    found, errors = [], []
    for item in body["inputs"]:
        try:
            name = str(item["name"])
            found.append(_find(portal, schema, name, archived=archived).to_json())
        except ApiError as error:
            errors.append(error.element(None))
    return Answer(207 if errors else 200, portal.batch_body(found, errors))


def batch_create(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    made, errors = [], []
    for item in read_inputs(call, batch_of(_NEW)):
        try:
            made.append(add(portal, schema, item).to_json())
        except ApiError as error:
            errors.append(error.element(None))
    return Answer(207 if errors else 201, portal.batch_body(made, errors))


def batch_archive(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    named = [str(item["name"]) for item in read_inputs(call, _NAMES)]
    for name in named:
        _archive(portal, schema, _find(portal, schema, name))
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
    schema, body = _schema(portal, call), call.body(_NEW_GROUP)
    name = str(body["name"])
    if not _NAME.fullmatch(name):
        raise invalid(f"Property group name {name} is not valid")
    if name in schema.groups:
        raise ApiError(
            409,
            f"Property group {name} already exists",
            category="OBJECT_ALREADY_EXISTS",
            fields={"subCategory": "Properties.GROUP_WITH_NAME_EXISTS"},
        )
    schema.groups[name] = str(body["label"])
    return Answer(201, _group(name, schema.groups[name]))


def update_group(portal: "Portal", call: Call) -> Answer:
    schema = _schema(portal, call)
    name = _group_name(schema, call)
    schema.groups[name] = str(call.body(_GROUP_CHANGE).get("label") or schema.groups[name])
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
