"""What HubSpot accepts as property values, and the answers to what it does not."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.errors import ApiError, invalid, property_errors, value_taken
from sandbox.hubspot.record import Record
from sandbox.hubspot.schema import Property
from sandbox.hubspot.shapes import TEXT, wrong_type
from sandbox.hubspot.store import ObjectStore

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

_EMAIL = re.compile(
    r"[^@\s,;<>()\[\]\\\"]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+",
    re.IGNORECASE,
)

STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
"""Lifecycle stages in the order they may be walked."""

Values = dict[str, str]
"""Canonical values by property; an empty text clears."""


def text_of(value: Any) -> str:
    """Return a JSON value as HubSpot stores it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    raise wrong_type(TEXT, value)


def check_values(
    portal: "Portal", store: ObjectStore, sent: Mapping[str, Any], *, record: Record | None
) -> Values:
    """Return the canonical values to write, or raise the 400 that names every bad one."""
    schema = portal.schemas[store.type.id]
    now = portal.now_ms()
    values: Values = {}
    problems: list[tuple[str, str, str]] = []
    for name, raw in sent.items():
        definition = schema.known(name, now)
        if definition is None:
            problems.append((name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
            continue
        text = text_of(raw)
        result = _check(portal, definition, text)
        if isinstance(result, str):
            values[name] = result
        else:
            problems.append((name, *result))
    if problems:
        raise property_errors(portal.portal_id, problems)
    return _adjust(values, schema.properties, record)


def _check(portal: "Portal", definition: Property, text: str) -> str | tuple[str, str]:
    name = definition.name
    if definition.read_only:
        message = f'"{name}" is a read only property; its value cannot be set.'
        return "READ_ONLY_VALUE", message
    if not text:
        return text
    if name == "email":
        address = text.strip().lower()
        if len(address) > 254 or not _EMAIL.fullmatch(address):
            return "INVALID_EMAIL", f"Email address {text} is invalid"
        return address
    if name == "hubspot_owner_id" and portal.options.check_owners and text not in portal.owners:
        return "INVALID_OPTION", f"{text} was not one of the allowed options: []"
    return definition.check(text) if definition.check else text


def _adjust(values: Values, known: Mapping[str, Property], record: Record | None) -> Values:
    """Apply the rules that need the record: forward-only stages, appended options."""
    current = record.values if record else {}
    stage = values.get("lifecyclestage")
    if stage and not moves_forward(current.get("lifecyclestage"), stage):
        values["lifecyclestage"] = current["lifecyclestage"]
    for name, value in values.items():
        if value.startswith(";") and known[name].field_type == "checkbox":
            kept = [item for item in current.get(name, "").split(";") if item]
            added = [item for item in value.split(";") if item and item not in kept]
            values[name] = ";".join(kept + added)
    return values


def moves_forward(current: str | None, wanted: str) -> bool:
    """Say whether a lifecycle stage may be set; unknown stages always may."""
    if not current or current not in STAGES or wanted not in STAGES:
        return True
    return STAGES.index(wanted) >= STAGES.index(current)


def check_required(portal: "Portal", store: ObjectStore, values: Values) -> None:
    """Raise the 400 of a create that lacks what its object type demands."""
    required = store.type.required
    given = [name for name in required if values.get(name)]
    if store.type.required_any:
        if given or not required:
            return
        missing: Sequence[str] = required
    else:
        missing = [name for name in required if name not in given]
    if missing:
        problems = [
            (name, "MISSING_REQUIRED_PROPERTY", f"Required property {name} is missing")
            for name in missing
        ]
        raise property_errors(portal.portal_id, problems)


def check_rules(
    portal: "Portal", store: ObjectStore, values: Values, *, record: Record | None
) -> None:
    """Raise the 400 of a write that breaks what an administrator demands of records."""
    options = portal.options
    after = {**(record.values if record else {}), **values}
    problems = [
        (
            rule.requires,
            "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
            rule.words,
        )
        for rule in options.conditional_rules
        if portal.store_of(rule.object) is store
        and not values.keys().isdisjoint({rule.requires, *rule.when})
        and rule.broken_by(after)
    ]
    for type, names in options.required_at_create.items() if record is None else ():
        problems += [
            (name, "MISSING_REQUIRED_PROPERTY", f"A value for {name} must be provided")
            for name in names
            if portal.store_of(type) is store and not values.get(name)
        ]
    if problems:
        raise property_errors(portal.portal_id, problems)


def check_unique(
    portal: "Portal", store: ObjectStore, values: Values, *, record: Record | None
) -> tuple[str, str] | None:
    """Return (property, existing id) of the first unique value another record holds."""
    besides = record.id if record else None
    for name in store.unique:
        value = values.get(name)
        if not value:
            continue
        existing = store.holder(name, value, besides=besides)
        if existing:
            return name, existing
    if record is None and values.get("email") in portal.blocklist:
        raise invalid(f"Email address {values['email']} was permanently deleted and is blocked")
    return None


def taken(
    portal: "Portal", store: ObjectStore, values: Values, clash: tuple[str, str], record_id: str
) -> ApiError:
    """Return the 400 for a unique value that another record holds."""
    name, existing = clash
    return value_taken(
        portal.portal_id,
        store.type.legacy,
        name,
        values[name],
        record_id=record_id,
        existing_id=existing,
    )
