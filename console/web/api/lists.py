"""The inclusion list and the mapping, for programs."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from console.commands.list import body_of
from console.web.api import shapes
from console.web.api.telling import told
from console.web.callers import caller
from console.web.guard import needs
from console.web.looks import inclusion_of
from console.web.site import site
from guestlist.domain.role import Role
from guestlist.engine import lists as engine
from schemas.settings import Lane

lists = APIBlueprint("api_lists", __name__, tag="Lists and mapping")


@lists.get("/list")
@lists.input(shapes.ObjectQuery, location="query", arg_name="_query")
@lists.output(shapes.InclusionAnswer)
@needs(Role.VIEWER)
def show(_query: dict[str, Any]) -> Response:
    """Show the inclusion list as it is in HubSpot now."""
    here = site()
    name = here.object()
    return told({"object": name, **body_of(engine.show(here.connected, name))})


@lists.put("/list")
@lists.input(shapes.ChooseList, arg_name="asked")
@lists.output(shapes.InclusionAnswer)
@needs(Role.ADMIN)
def use(asked: dict[str, Any]) -> Response:
    """Choose the inclusion list. This syncs nobody."""
    here = site()
    name = here.named(asked.get("object"))
    definition = engine.find_list(here.connected, name, asked["list_id"])
    engine.use(here.connected, name, definition, by=caller().who)
    here.pulse.forget(inclusion_of(name))
    return told({"object": name, **body_of(engine.show(here.connected, name))})


@lists.get("/lists")
@lists.input(shapes.ListsQuery, location="query", arg_name="query")
@lists.output(shapes.Lists)
@needs(Role.VIEWER)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List HubSpot's active lists; only these can be chosen."""
    here = site()
    name = here.object()
    services = here.connected
    mapping = services.schemas.object(name)
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    found = hubspot.lists(query["words"], type_id=mapping.hubspot_type_id)
    return {
        "object": name,
        "inclusion_list": services.inclusions.chosen_id(mapping),
        "lists": [each for each in found if query["all"] or each.active],
    }


@lists.get("/mapping")
@lists.input(shapes.ObjectQuery, location="query", arg_name="_query")
@lists.output(shapes.MappingAnswer)
@needs(Role.VIEWER)
def mapping(_query: dict[str, Any]) -> dict[str, Any]:
    """Show what maps to what, and every misfit with the live schemas."""
    here = site()
    name = here.object()
    shown = here.connected.schemas.object(name)
    return {
        "object": name,
        "hubspot_type": shown.hubspot_type,
        "salesforce_types": shown.salesforce_types,
        "create_as": shown.create_as,
        "external_id": shown.external_id,
        "fields": shown.fields,
        "problems": here.connected.schemas.problems(name),
    }
