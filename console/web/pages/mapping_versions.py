"""Every version of a mapping: what it changed, going back to it, and the mapping as a file."""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request

from console.web.guard import needs
from console.web.pages.mapping_review import both, show_review, words_of
from console.web.paging import ROWS, cut
from console.web.site import site
from guestlist.domain.edit import Edit
from guestlist.domain.role import Role
from guestlist.store import versions as stored
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
    written = here.loaded.written.objects[name]
    before = request.args.get("before", "")
    with here.database.read() as conn:
        found = stored.page(
            conn,
            name,
            before=int(before) if before.isdecimal() and len(before) < 9 else None,
            limit=ROWS + 1,
        )
    slice_ = cut(found, ROWS, lambda each: str(each.version))
    return render_template(
        "mapping_versions.html",
        name=name,
        slice=slice_,
        changes={each.version: _changes(written, each, found) for each in slice_.rows},
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
    written: ObjectMapping, version: Version, around: Sequence[Version]
) -> tuple[list[Edit], list[str]]:
    """Return what a version changed in the one before it, or why that can not be told."""
    before = next((each for each in around if each.version == version.version - 1), None)
    try:
        return changes_of(written, before, version), []
    except SettingsError as error:
        return [], words_of(error)
