"""Set what may be set while everything runs: seen before, kept as a version, taken back."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as Answer

from console.web.callers import caller
from console.web.guard import confirms, needs
from console.web.history import history
from console.web.pages.mapping_review import LONGEST_NOTE, REFUSED, words_of
from console.web.site import Site, site
from guestlist.domain.role import Role
from schemas.settings import Settings
from schemas.variables import SECTIONS, editable
from worker.overrides import (
    NAME,
    changes_of,
    edits,
    proposed,
    refuse_unwanted,
    restored,
    save,
    text_of,
    texts,
)
from worker.versions import Proposed, newest_of, version_of

settings_edit = Blueprint("settings_edit", __name__, url_prefix="/settings")

TITLES = {
    "polls": "Schedules",
    "budget": "Budgets",
    "guards": "Guards",
    "retries": "Retries",
    "alerts": "Thresholds of alerts",
}


class Line(NamedTuple):
    """One setting as the form shows it."""

    name: str
    meaning: str
    text: str
    written: str
    """As file and environment say."""
    pinned: str
    """Why it can not be set here; empty: it can."""


@settings_edit.get("/change/<section>")
@needs(Role.ADMIN)
def form(section: str) -> str:
    """Show a table's values to be changed."""
    here = site()
    _known(section)
    refuse_unwanted(here.loaded, {})
    return _form(here, section, {})


@settings_edit.post("/change/<section>")
@needs(Role.ADMIN)
def propose(section: str) -> str | tuple[str, int]:
    """Show what setting these values would mean."""
    here = site()
    _known(section)
    given = _given(f"{section}.")
    try:
        return _review(here, proposed(here.loaded, given), back=section)
    except REFUSED as error:
        return _form(here, section, given, words_of(error)), 400


@settings_edit.post("/save")
@needs(Role.ADMIN)
@confirms
def keep() -> Answer:
    """Save what was shown; from now on it is in force."""
    here, seen = site(), request.form.get("seen", "")
    if not seen.isdecimal() or len(seen) > 8:
        raise BadRequest("The form is not whole. Begin again from the settings.")
    target = proposed(here.loaded, _given())
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    wanted = Proposed(target, int(seen), caller().who, note)
    save(here.loaded, here.database, wanted, clock=here.clock)
    here.installed.renew()
    return redirect(url_for("system.settings", _anchor="where"), 303)


@settings_edit.get("/export.toml")
@needs(Role.VIEWER)
def export() -> Response:
    """Send what is in force as it would stand in the settings file."""
    answer = Response(text_of(site().loaded), content_type="application/toml")
    answer.headers["Content-Disposition"] = 'attachment; filename="settings.toml"'
    return answer


@settings_edit.get("/versions")
@needs(Role.VIEWER)
def versions() -> str:
    """List every version with who made it and what it changed."""
    here = site()
    found = history(here.database, NAME)
    return render_template(
        "settings_versions.html",
        slice=found.slice,
        changes={
            each.version: (changes_of(here.loaded, found.known.get(each.version - 1), each), ())
            for each in found.slice.rows
        },
        in_force=here.loaded.versions.get(NAME),
    )


@settings_edit.post("/versions/<int(max=99999999):version>/restore")
@needs(Role.ADMIN)
def restore(version: int) -> str:
    """Show what going back to a version would mean; 0 is what the files say."""
    here = site()
    refuse_unwanted(here.loaded, {})
    if version == 0:
        return _review(here, here.loaded.written, note="as in the settings file")
    target = restored(here.loaded, version_of(here.database, NAME, version))
    return _review(here, target, note=f"as in version {version}")


def _known(section: str) -> None:
    if section not in SECTIONS:
        raise NotFound(f"There is no table {section[:60]} to be changed here.")


def _given(prefix: str = "") -> dict[str, str]:
    """Return what the form says of settings, by name."""
    return {
        name: request.form[name].strip()
        for name in editable()
        if name.startswith(prefix) and name in request.form
    }


def _form(here: Site, section: str, given: Mapping[str, str], problems: Sequence[str] = ()) -> str:
    now, written = texts(here.loaded.settings), texts(here.loaded.written)
    lines = [
        Line(
            name,
            each.meaning,
            given.get(name, now[name]),
            written[name],
            here.loaded.pinned.get(name, ""),
        )
        for name, each in editable().items()
        if name.startswith(f"{section}.")
    ]
    return render_template(
        "settings_form.html", section=section, lines=lines, problems=problems, titles=TITLES
    )


def _review(here: Site, target: Settings, *, back: str = "", note: str = "") -> str:
    newest = newest_of(here.database, NAME)
    return render_template(
        "settings_review.html",
        edits=edits(here.loaded.settings, target),
        meanings={name: each.meaning for name, each in editable().items()},
        seen=newest.version if newest else 0,
        back=back,
        note=note,
    )
