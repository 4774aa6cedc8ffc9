"""Import people from Salesforce: choose whom, see what it would do, start it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from console.web.asking import positive
from console.web.callers import caller
from console.web.guard import needs
from console.web.site import site
from guestlist.domain.errors import Misconfigured
from guestlist.domain.reference import salesforce_ids
from guestlist.domain.role import Role
from guestlist.engine.importing import Choice, refuse_unknown
from schemas.mapping import ObjectMapping

imports = Blueprint("runs_imports", __name__, url_prefix="/imports")

LONGEST_WHERE = 4_000


@imports.get("")
@needs(Role.VIEWER)
def form() -> str:
    """Show the form: which types, which condition, or which ids."""
    return _form()


@imports.post("")
@needs(Role.OPERATOR)
def plan() -> Response | tuple[str, int]:
    """Plan an import; nothing is written."""
    here, name = site(), site().object()
    services = here.connected
    try:
        choice = _choice(services.schemas.object(name))
    except Misconfigured as error:
        return _form(str(error)), 400
    draft = here.plans.begin(name, limit=positive("limit"), by=caller().who, choice=choice)
    return redirect(url_for("plans.show", plan_id=draft.id), 303)


def _choice(mapping: ObjectMapping) -> Choice:
    file = request.files.get("file")
    try:
        sent = file.read().decode("utf-8-sig") if file else ""
    except UnicodeDecodeError:
        raise Misconfigured("the file is not text") from None
    text = sent or request.form.get("ids", "")
    where = request.form.get("where", "").strip()
    if text.strip():
        if where:
            raise Misconfigured("ids say which records: a condition does not go with them")
        return Choice(ids=tuple(salesforce_ids(text)))
    if len(where) > LONGEST_WHERE:
        raise BadRequest(f"A condition may have {LONGEST_WHERE} characters.")
    types = tuple(request.form.getlist("types"))
    refuse_unknown(mapping, types)
    return Choice(types, where or None)


def _form(problem: str = "") -> str:
    here, name = site(), site().object()
    mapping = here.services.schemas.object(name)
    return render_template(
        "import.html",
        name=name,
        types=mapping.salesforce_types,
        given=request.form,
        chosen=request.form.getlist("types") or mapping.salesforce_types,
        problem=problem,
    )
