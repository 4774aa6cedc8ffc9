"""The mapping for programs: what is in force, what fits, and its versions."""

from typing import Any

from apiflask import APIBlueprint

from console.web import looks
from console.web.api import mapping_shapes, setup, shapes
from console.web.callers import caller
from console.web.guard import needs
from console.web.paging import cut
from console.web.proposing import Review, review
from console.web.site import Site, site
from guestlist.domain.role import Role
from guestlist.store import versions as stored
from schemas.mapping import ObjectMapping
from schemas.mapping_text import text_of
from worker.mappings import imported, restored, save
from worker.versions import Proposed, newest_of, version_of

mapping = APIBlueprint("api_mapping", __name__, tag="Mapping")


@mapping.get("/mapping")
@mapping.input(shapes.ObjectQuery, location="query", arg_name="_query")
@mapping.output(mapping_shapes.MappingAnswer)
@needs(Role.VIEWER)
def show(_query: dict[str, Any]) -> dict[str, Any]:
    """Show what maps to what, and every misfit with the live schemas."""
    here = site()
    return _shown(here, here.object())


@mapping.put("/mapping")
@mapping.input(mapping_shapes.SaveMapping, arg_name="asked")
@mapping.output(mapping_shapes.MappingAnswer)
@needs(Role.ADMIN)
def put(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a version of the mapping; it holds for all workers at once. This syncs nobody.

    It counts until the settings file says something else about the object.
    """
    here = site()
    name = here.named(asked.get("object"))
    return _saved(here, name, imported(here.loaded.written.objects[name], asked["toml"]), asked)


@mapping.post("/mapping/check")
@mapping.input(setup.OfObject, arg_name="asked")
@mapping.output(mapping_shapes.MappingAnswer)
@needs(Role.OPERATOR)
def check(asked: dict[str, Any]) -> dict[str, Any]:
    """Read both live schemas anew, and hold the mapping against them."""
    here = site()
    name = here.named(asked.get("object"))
    here.connected.schemas.refresh(name)
    here.pulse.forget(looks.mapping_of(name))
    return _shown(here, name)


@mapping.get("/mapping/text")
@mapping.input(shapes.ObjectQuery, location="query", arg_name="_query")
@mapping.output(mapping_shapes.MappingText)
@needs(Role.VIEWER)
def text(_query: dict[str, Any]) -> dict[str, Any]:
    """Show the mapping as it would stand in the settings file."""
    here = site()
    name = here.object()
    newest = newest_of(here.database, name)
    return {
        "object": name,
        "toml": text_of(here.services.schemas.object(name)),
        "newest": newest.version if newest else 0,
    }


@mapping.post("/mapping/diff")
@mapping.input(mapping_shapes.ProposeMapping, arg_name="asked")
@mapping.output(mapping_shapes.MappingDifference)
@needs(Role.OPERATOR)
def diff(asked: dict[str, Any]) -> dict[str, Any]:
    """Say what a mapping would change, and whether it fits; nothing is saved."""
    here = site()
    name = here.named(asked.get("object"))
    found: Review = review(
        here.connected, name, imported(here.loaded.written.objects[name], asked["toml"])
    )
    return {
        "object": name,
        "changes": found.edits,
        "problems": found.problems,
        "fits": found.fits,
    }


@mapping.get("/mapping/fields")
@mapping.input(shapes.ObjectQuery, location="query", arg_name="_query")
@mapping.output(mapping_shapes.BothSides)
@needs(Role.VIEWER)
def fields(_query: dict[str, Any]) -> dict[str, Any]:
    """List the fields of both sides with their types, as the CRMs describe them."""
    here = site()
    name = here.object()
    hubspot, salesforce = here.connected.schemas.described(name)
    return {
        "object": name,
        "hubspot": list(hubspot.fields.values()),
        "salesforce": {kind: list(each.fields.values()) for kind, each in salesforce.items()},
    }


@mapping.get("/mapping/versions")
@mapping.input(mapping_shapes.VersionsQuery, location="query", arg_name="query")
@mapping.output(mapping_shapes.MappingVersionPage)
@needs(Role.VIEWER)
def versions(query: dict[str, Any]) -> dict[str, Any]:
    """List the versions of the mapping, newest first."""
    here = site()
    name, limit = here.object(), query["limit"]
    with here.database.read() as conn:
        rows = stored.page(conn, name, before=query.get("before"), limit=limit + 1)
    found = cut(rows, limit, lambda each: str(each.version))
    return {
        "object": name,
        "in_force": here.loaded.versions.get(name),
        "versions": found.rows,
        "next": found.next,
    }


@mapping.post("/mapping/versions/<int(max=99999999):version>/restore")
@mapping.input(mapping_shapes.RestoreMapping, arg_name="asked")
@mapping.output(mapping_shapes.MappingAnswer)
@needs(Role.ADMIN)
def restore(version: int, asked: dict[str, Any]) -> dict[str, Any]:
    """Make an earlier version the newest one; 0 is what the settings file says."""
    here = site()
    name = here.named(asked.get("object"))
    if version == 0:
        return _saved(here, name, None, asked)
    target = restored(
        here.loaded.written.objects[name],
        version_of(here.database, name, version),
    )
    return _saved(here, name, target, asked)


def _saved(
    here: Site, name: str, target: ObjectMapping | None, asked: dict[str, Any]
) -> dict[str, Any]:
    newest = newest_of(here.database, name)
    seen = asked.get("newest", newest.version if newest else 0)
    proposed = Proposed(target, seen, caller().who, asked["note"])
    save(here.loaded, here.connected, name, proposed)
    here.installed.renew()
    here.pulse.forget(looks.mapping_of(name))
    return _shown(here, name)


def _shown(here: Site, name: str) -> dict[str, Any]:
    shown = here.connected.schemas.object(name)
    return {
        "object": name,
        "version": here.loaded.versions.get(name),
        "settings_version": here.loaded.version,
        "hubspot_type": shown.hubspot_type,
        "salesforce_types": shown.salesforce_types,
        "create_as": shown.create_as,
        "external_id": shown.external_id,
        "create_in_salesforce": shown.create_in_salesforce,
        "create_in_hubspot": shown.create_in_hubspot,
        "on_salesforce_delete": shown.on_salesforce_delete,
        "on_hubspot_delete": shown.on_hubspot_delete,
        "duplicates": shown.duplicates,
        "fields": shown.fields,
        "problems": here.connected.schemas.problems(name),
    }
