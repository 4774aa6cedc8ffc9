"""Every version of a mapping: what it changed, going back to it, and the mapping as a file."""

from flask import Blueprint, Response, render_template

from console.web.guard import needs
from console.web.history import history
from console.web.pages.mapping_review import both, show_review, words_of
from console.web.site import site
from guestlist.domain.edit import Edit
from guestlist.domain.role import Role
from guestlist.store.versions import Version
from schemas.mapping import ObjectMapping
from schemas.mapping_text import text_of
from worker.mappings import changes_of, restored
from worker.settings import SettingsError
from worker.versions import version_of

mapping_versions = Blueprint("mapping_versions", __name__, url_prefix="/mapping")


@mapping_versions.get("/export.toml")
@needs(Role.VIEWER)
def export() -> Response:
    """Send the mapping as a file."""
    name = site().object()
    answer = Response(text_of(both(site(), name)[0]), content_type="application/toml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-mapping.toml"'
    return answer


@mapping_versions.get("/versions")
@needs(Role.VIEWER)
def versions() -> str:
    """List every version with who made it and what it changed."""
    here, name = site(), site().object()
    written, found = here.loaded.written.objects[name], history(here.database, name)
    return render_template(
        "mapping_versions.html",
        name=name,
        slice=found.slice,
        changes={
            each.version: _changes(written, found.known.get(each.version - 1), each)
            for each in found.slice.rows
        },
        in_force=here.loaded.versions.get(name),
    )


@mapping_versions.post("/versions/<int(max=99999999):version>/restore")
@needs(Role.ADMIN)
def restore(version: int) -> str:
    """Show what going back to a version would mean; 0 is what the files say."""
    here, name = site(), site().object()
    if version == 0:
        return show_review(here, name, None, "as in the settings file")
    back = restored(
        here.loaded.written.objects[name],
        version_of(here.database, name, version),
    )
    return show_review(here, name, back, f"as in version {version}")


def _changes(
    written: ObjectMapping, before: Version | None, version: Version
) -> tuple[list[Edit], list[str]]:
    """Return what a version changed in the one before it, or why that can not be told."""
    try:
        return changes_of(written, before, version), []
    except SettingsError as error:
        return [], words_of(error)
