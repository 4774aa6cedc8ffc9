"""Why one record did or did not sync, for programs."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from console.commands.explain import body_of
from console.reports import many
from console.web.api import shapes
from console.web.api.telling import told
from console.web.guard import needs
from console.web.site import site
from guestlist.domain.role import Role
from guestlist.engine.explain import explain
from guestlist.engine.naming import by_name
from guestlist.engine.sides import sides

records = APIBlueprint("api_records", __name__, tag="Records")


@records.get("/records")
@records.input(shapes.ExplainQuery, location="query", arg_name="query")
@records.output(shapes.Explanation)
@needs(Role.VIEWER)
def show(query: dict[str, Any]) -> Response:
    """Explain a record from both CRMs as they are now."""
    here = site()
    name = here.object()
    found = explain(here.connected, name, query["q"])
    pair = sides(here.connected, name, found.key, found.twin)
    return told({**body_of(found), "sides": many(shapes.Side, pair.fields)})


@records.get("/records/named")
@records.input(shapes.ExplainQuery, location="query", arg_name="query")
@records.output(shapes.NamedRecords)
@needs(Role.VIEWER)
def named(query: dict[str, Any]) -> dict[str, Any]:
    """Find people by name in both CRMs, a few of each."""
    here = site()
    name = here.object()
    return {"object": name, "records": by_name(here.connected, name, query["q"])}
