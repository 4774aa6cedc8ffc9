"""What an administrator does to one field: takes it away, shuts it, gives it back."""

from dataclasses import replace
from typing import Any

from sandbox import asked
from sandbox.asked import Refused
from sandbox.crm import CRM
from sandbox.world import World

STATES = ("gone", "read_only", "there", "empty")
"""``gone``: deleted or hidden, its values stay; ``there``: as at first; ``empty``: made anew."""


def set_field(world: World, crm: CRM, type: str, name: str, given: Any) -> dict[str, Any]:
    """Put one field into a state, and return that."""
    state = asked.text(asked.fields(given, "state"), "state")
    if state not in STATES:
        raise Refused(f"A field is one of {', '.join(STATES)}; {state!r} is none.")
    if crm is CRM.HUBSPOT:
        _in_hubspot(world, type, name, state)
    else:
        _in_salesforce(world, type, name, state)
    return {"crm": crm.value, "type": type, "field": name, "state": state}


def _in_hubspot(world: World, type: str, name: str, state: str) -> None:
    store = world.portal.store_of(type)
    definition = world.portal.schemas[store.type.id].properties.get(name)
    if definition is None:
        raise Refused(f"HubSpot's {type} have no property {name!r}.", 404)
    first = world.first_properties.setdefault((type, name), replace(definition))
    definition.archived = state == "gone"
    definition.read_only = True if state == "read_only" else first.read_only
    if state == "empty":
        for record in store.records.values():
            record.values.pop(name, None)


def _in_salesforce(world: World, type: str, name: str, state: str) -> None:
    table = world.org.tables.get(type)
    now = table.spec.fields.get(name) if table else None
    first = world.first_fields.get((type, name)) or now
    if table is None or first is None:
        raise Refused(f"Salesforce's {type} has no field {name!r}.", 404)
    world.first_fields[type, name] = first
    if state == "gone":
        rest = {each: spec for each, spec in table.spec.fields.items() if each != name}
        table.set_spec(replace(table.spec, fields=rest))
        return
    shut = replace(first, createable=False, updateable=False)
    table.set_spec(table.spec.with_field(shut if state == "read_only" else first))
    if state == "empty":
        for record in table.rows.values():
            record.values.pop(name, None)
