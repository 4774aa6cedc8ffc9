"""What somebody is about to save, shown before it is; and saving it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from console.exits import tell
from console.web import looks
from console.web.callers import caller
from console.web.guard import confirms, needs
from console.web.proposing import review
from console.web.site import Site, site
from guestlist.domain.errors import Misconfigured
from guestlist.domain.role import Role
from schemas.mapping import ObjectMapping
from schemas.mapping_text import text_of
from worker.mappings import imported, refuse_unwanted, save
from worker.settings import SettingsError
from worker.versions import Proposed, newest_of

mapping_review = Blueprint("mapping_review", __name__, url_prefix="/mapping")

LONGEST_NOTE = 500
REFUSED = (SettingsError, Misconfigured)


def show_review(here: Site, name: str, target: ObjectMapping | None, note: str = "") -> str:
    """Show a proposed mapping; ``None``: as the files say."""
    services, written = here.connected, here.loaded.written.objects[name]
    refuse_unwanted(here.loaded, name, target or written)
    newest = newest_of(services.database, name)
    return render_template(
        "mapping_review.html",
        name=name,
        review=review(services, name, target or written),
        text=text_of(target) if target else "",
        seen=newest.version if newest else 0,
        note=note,
        linked=here.pulse.value(looks.LINKS),
    )


def both(here: Site, name: str) -> tuple[ObjectMapping, ObjectMapping]:
    """Return the mapping in force, and the one in the files."""
    return here.services.schemas.object(name), here.loaded.written.objects[name]


def words_of(error: Exception) -> list[str]:
    """Return what is wrong, a line each."""
    told = tell(error)
    return list(told.problems or (told.message,))


@mapping_review.post("/save")
@needs(Role.ADMIN)
@confirms
def keep() -> Response:
    """Save what was shown; from now on it is in force."""
    here, name = site(), site().object()
    text, seen = request.form.get("text", ""), request.form.get("seen", "")
    if not seen.isdecimal() or len(seen) > 8:
        raise BadRequest("The form is not whole. Begin again from the mapping.")
    target = imported(both(here, name)[1], text) if text else None
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    save(here.loaded, here.connected, name, Proposed(target, int(seen), caller().who, note))
    here.installed.renew()
    here.pulse.forget(looks.mapping_of(name))
    return redirect(url_for("mapping.show", object=name), 303)
