"""The inclusion list, for programs."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from console.commands.list import body_of
from console.commands.list_answers import brake_state
from console.web.api import setup, shapes
from console.web.api.telling import told
from console.web.callers import caller
from console.web.guard import needs
from console.web.looks import inclusion_of
from console.web.site import Site, site
from guestlist.domain.criteria import Criterion
from guestlist.domain.errors import Misconfigured
from guestlist.domain.role import Role
from guestlist.engine import approval
from guestlist.engine import lists as engine
from guestlist.engine.lists import Shift
from schemas.records import ListDefinition
from schemas.settings import Lane

lists = APIBlueprint("api_lists", __name__, tag="Lists")


@lists.get("/list")
@lists.input(shapes.ObjectQuery, location="query", arg_name="_query")
@lists.output(setup.InclusionAnswer)
@needs(Role.VIEWER)
def show(_query: dict[str, Any]) -> Response:
    """Show the inclusion list as it is in HubSpot now."""
    here = site()
    name = here.object()
    return told(_body(here, name))


@lists.put("/list")
@lists.input(setup.ChooseList, arg_name="asked")
@lists.output(setup.InclusionAnswer)
@needs(Role.ADMIN)
def use(asked: dict[str, Any]) -> Response:
    """Choose the inclusion list. This syncs nobody."""
    here = site()
    name = here.named(asked.get("object"))
    definition = engine.find_list(here.connected, name, asked["list_id"])
    engine.use(here.connected, name, definition, by=caller().who)
    here.pulse.forget(inclusion_of(name))
    return told(_body(here, name))


@lists.get("/lists")
@lists.input(setup.ListsQuery, location="query", arg_name="query")
@lists.output(setup.Lists)
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


@lists.post("/lists")
@lists.input(setup.CreateList, arg_name="asked")
@lists.output(setup.CreatedList, status_code=201)
@needs(Role.ADMIN)
def create(asked: dict[str, Any]) -> ListDefinition:
    """Make an active list in HubSpot; it is not chosen by that."""
    here = site()
    name = here.named(asked.get("object"))
    criteria = [Criterion(e["property"], e["operator"], e["value"]) for e in asked["criteria"]]
    return engine.create(here.connected, name, asked["name"], criteria)


@lists.get("/lists/<list_id>")
@lists.input(setup.PreviewQuery, location="query", arg_name="query")
@lists.output(setup.ListPreview)
@needs(Role.VIEWER)
def preview(list_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """Say what choosing a list would mean: who enters and who leaves."""
    here = site()
    name = here.object()
    services = here.connected
    definition = engine.find_list(services, name, list_id)
    problem = None
    try:
        engine.refuse_unfit(services.schemas.object(name), definition)
    except Misconfigured as error:
        problem = str(error)
    counted = query["count"] and problem is None
    moved = engine.shift(services, name, definition) if counted else Shift(None, None)
    return {"object": name, "list": definition, "problem": problem, **moved._asdict()}


@lists.delete("/list")
@lists.input(shapes.ObjectQuery, location="query", arg_name="_query")
@lists.output(setup.InclusionAnswer)
@needs(Role.ADMIN)
def clear(_query: dict[str, Any]) -> Response:
    """Set no list: everybody may sync."""
    here = site()
    name = here.object()
    engine.clear(here.services, name, by=caller().who)
    here.pulse.forget(inclusion_of(name))
    return told(_body(here, name))


def _body(here: Site, name: str) -> dict[str, Any]:
    services = here.connected
    inclusion = engine.show(services, name)
    choice = approval.choice_of(services, name)
    state = brake_state(inclusion, choice, services.settings.guards)
    return {"object": name, **body_of(inclusion), **state}
