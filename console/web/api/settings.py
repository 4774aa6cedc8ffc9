"""Settings for programs: each with its source, and the versions that lie over the files."""

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint

from console.web.api import settings_shapes as shapes
from console.web.callers import caller
from console.web.guard import needs
from console.web.paging import cut
from console.web.site import Site, site
from guestlist.domain.role import Role
from guestlist.store import versions as stored
from schemas.settings import Settings
from worker.overrides import NAME, edits, proposed, restored, save, text_of, texts
from worker.versions import Proposed, newest_of, version_of

settings = APIBlueprint("api_settings", __name__, tag="Settings")


@settings.get("/settings")
@settings.output(shapes.Settings)
@needs(Role.VIEWER)
def show() -> dict[str, Any]:
    """Show each setting with its source; secrets are masked."""
    return _shown(site())


@settings.patch("/settings")
@settings.input(shapes.SaveSettings, arg_name="asked")
@settings.output(shapes.Settings)
@needs(Role.ADMIN)
def patch(asked: dict[str, Any]) -> dict[str, Any]:
    """Set schedules, budgets, guards, retries or thresholds of alerts, for all workers at once.

    It counts until the settings file says something else of them.
    """
    here = site()
    return _saved(here, _target(here, asked["values"]), asked)


@settings.post("/settings/diff")
@settings.input(shapes.ProposeSettings, arg_name="asked")
@settings.output(shapes.SettingsDifference)
@needs(Role.OPERATOR)
def diff(asked: dict[str, Any]) -> dict[str, Any]:
    """Say what values would change, and everything that is wrong with them; nothing is saved."""
    here = site()
    return {"changes": edits(here.loaded.settings, _target(here, asked["values"]))}


@settings.get("/settings/text")
@settings.output(shapes.SettingsText)
@needs(Role.VIEWER)
def text() -> dict[str, Any]:
    """Show what is in force, and no default, as it would stand in the settings file."""
    return {"toml": text_of(site().loaded)}


@settings.get("/settings/versions")
@settings.input(shapes.SettingsVersionsQuery, location="query", arg_name="query")
@settings.output(shapes.SettingsVersionPage)
@needs(Role.VIEWER)
def versions(query: dict[str, Any]) -> dict[str, Any]:
    """List the versions of the settings, newest first."""
    here, limit = site(), query["limit"]
    with here.database.read() as conn:
        rows = stored.page(conn, NAME, before=query.get("before"), limit=limit + 1)
    found = cut(rows, limit, lambda each: str(each.version))
    in_force = here.loaded.versions.get(NAME)
    return {"in_force": in_force, "versions": found.rows, "next": found.next}


@settings.post("/settings/versions/<int(max=99999999):version>/restore")
@settings.input(shapes.RestoreSettings, arg_name="asked")
@settings.output(shapes.Settings)
@needs(Role.ADMIN)
def restore(version: int, asked: dict[str, Any]) -> dict[str, Any]:
    """Make an earlier version the newest one; 0 is what the settings file says."""
    here = site()
    found = version_of(here.database, NAME, version) if version else None
    return _saved(here, restored(here.loaded, found), asked)


def _target(here: Site, values: Mapping[str, str | None]) -> Settings:
    written = texts(here.loaded.written)
    named = {name: written.get(name, "") if v is None else v for name, v in values.items()}
    return proposed(here.loaded, named)


def _saved(here: Site, target: Settings, asked: Mapping[str, Any]) -> dict[str, Any]:
    newest = newest_of(here.database, NAME)
    seen = asked.get("newest", newest.version if newest else 0)
    wanted = Proposed(target, seen, caller().who, asked["note"])
    save(here.loaded, here.database, wanted, clock=here.clock)
    here.installed.renew()
    return _shown(here)


def _shown(here: Site) -> dict[str, Any]:
    here.pulse.watch()
    loaded, newest = here.loaded, newest_of(here.database, NAME)
    return {
        "file": str(loaded.config) if loaded.config else None,
        "version": loaded.version,
        "in_force": loaded.versions.get(NAME),
        "newest": newest.version if newest else 0,
        "settings": loaded.shown(),
        "scopes": here.scopes,
    }
