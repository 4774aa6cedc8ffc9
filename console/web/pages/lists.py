"""The inclusion list: who may sync. Choose one, make one, see who enters and leaves."""

from collections.abc import Callable
from itertools import zip_longest

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from console.web.callers import caller
from console.web.guard import confirms, needs
from console.web.looks import inclusion_of
from console.web.site import site
from guestlist.domain.brake import band, told
from guestlist.domain.criteria import Criterion, operators_of
from guestlist.domain.errors import Misconfigured
from guestlist.domain.explain import describe
from guestlist.domain.role import Role
from guestlist.engine import approval, launch
from guestlist.engine import lists as engine
from guestlist.engine.lists import Shift
from schemas.records import FieldDescription, ListDefinition
from schemas.settings import Lane

lists = Blueprint("lists", __name__, url_prefix="/list")

COUNTED_AT_ONCE = 5_000
"""Members up to which a page counts who enters and leaves unasked: some forty calls."""
SHOWN = 100
SUGGESTED = 400
"""Names that the box suggests; a portal may have more, which the search finds."""
ROWS = 4
LONGEST_NAME = 200


@lists.get("")
@needs(Role.VIEWER)
def show() -> str | Response:
    """Show the list that decides now, and the ones that could."""
    here, name = site(), site().object()
    services = here.connected
    mapping = services.schemas.object(name)
    words = request.args.get("words", "").strip()
    every = services.hubspot.on(Lane.INTERACTIVE).lists(words, type_id=mapping.hubspot_type_id)
    shown = sorted(every, key=lambda each: (not each.active, each.name.lower()))
    picked = [each for each in every if each.active and each.name.strip() == words]
    if "choose" in request.args and len(picked) == 1:
        return redirect(url_for("lists.preview", list_id=picked[0].list_id, object=name), 303)
    inclusion = engine.show(services, name)
    choice = approval.choice_of(services, name)  # after the look, which may set the brake
    return render_template(
        "list.html",
        hold=choice.hold if choice else None,
        band=band(choice.baseline, services.settings.guards) if choice else None,
        told=told,
        name=name,
        inclusion=inclusion,
        pinned=mapping.inclusion_list,
        choice=choice,
        words=words,
        suggested=sorted(every, key=lambda each: each.name.lower())[:SUGGESTED],
        found=shown[:SHOWN],
        more=max(0, len(shown) - SHOWN),
        describe=describe,
        asks_above=services.settings.guards.ask_above_creates,
    )


@lists.get("/<list_id>")
@needs(Role.VIEWER)
def preview(list_id: str) -> str:
    """Show what choosing a list would mean: who enters, who leaves."""
    here, name = site(), site().object()
    services = here.connected
    definition = engine.find_list(services, name, list_id)
    problem = ""
    try:
        engine.refuse_unfit(services.schemas.object(name), definition)
    except Misconfigured as error:
        problem = str(error)
    current = engine.show(services, name)
    small = _size(definition) + _size(current.definition if current else None) <= COUNTED_AT_ONCE
    shift: Shift | None = None
    if not problem and (small or "count" in request.args):
        shift = engine.shift(services, name, definition)
    return render_template(
        "list_preview.html",
        name=name,
        definition=definition,
        current=current.definition if current else None,
        problem=problem,
        shift=shift,
    )


@lists.post("/<list_id>/use")
@needs(Role.ADMIN)
@confirms
def use(list_id: str) -> Response:
    """Make a list the inclusion list; this syncs nobody, unless that is asked for too."""
    here, name = site(), site().object()
    services = here.connected
    definition = engine.find_list(services, name, list_id)
    if request.form.get("typed", "").strip() != definition.name.strip():
        raise BadRequest("Type the name of the list as it is, to confirm.")
    engine.use(services, name, definition, by=caller().who)
    here.pulse.forget(inclusion_of(name))
    if "sync" in request.form:
        return redirect(url_for("plans.index", object=name), 303)
    return redirect(url_for("lists.show", object=name), 303)


@lists.post("/clear")
@needs(Role.ADMIN)
@confirms
def clear() -> Response:
    """Set no list: everybody may sync."""
    here, name = site(), site().object()
    if request.form.get("typed", "").strip().lower() != "everybody":
        raise BadRequest("Type everybody to confirm.")
    engine.clear(here.services, name, by=caller().who)
    here.pulse.forget(inclusion_of(name))
    return redirect(url_for("lists.show", object=name), 303)


@lists.post("/sync")
@needs(Role.OPERATOR)
def sync() -> Response:
    """Sync the list's members now; a list that might create many is planned first."""
    here, name = site(), site().object()
    services = here.connected
    inclusion = services.inclusions.current(services.schemas.object(name))
    members = _size(inclusion.definition if inclusion else None)
    if members > services.settings.guards.ask_above_creates:
        return redirect(url_for("plans.index", object=name), 303)
    run = launch.start_list(services, name, by=caller().who)
    return redirect(url_for("runs.show", run_id=run.id), 303)


@lists.get("/new")
@needs(Role.ADMIN)
def new() -> str:
    """Show the form for a new list, with the operators and options of the properties named."""
    name = site().object()
    return _form(name, _criteria(request.args.getlist), request.args.get("title", ""))


@lists.post("/new")
@needs(Role.ADMIN)
def create() -> Response | tuple[str, int]:
    """Make an active list in HubSpot; it is not chosen by that."""
    name = site().object()
    title = request.form.get("title", "").strip()
    criteria = _criteria(request.form.getlist)
    filled = [each for each in criteria if each.property]
    problem = ""
    if not title or len(title) > LONGEST_NAME:
        problem = "Give it a name."
    elif not filled:
        problem = "Name at least one condition."
    if not problem:
        try:
            made = engine.create(site().connected, name, title, filled)
            return redirect(url_for("lists.preview", list_id=made.list_id, object=name), 303)
        except Misconfigured as error:
            problem = str(error)
    return _form(name, criteria, title, problem), 400


def _form(name: str, criteria: list[Criterion], title: str, problem: str = "") -> str:
    properties, _ = site().connected.schemas.described(name)
    rows = [(each, _asked(properties.fields.get(each.property))) for each in criteria]
    return render_template(
        "list_new.html",
        name=name,
        title=title,
        rows=rows,
        properties=sorted(properties.fields.values(), key=lambda each: each.label.lower()),
        problem=problem,
    )


def _asked(field: FieldDescription | None) -> tuple[list[str], list[str]]:
    """Return the operators and options that go with a row's property."""
    if field is None:
        return operators_of("string"), []
    return operators_of(field.type), sorted(field.options)


def _criteria(given: Callable[[str], list[str]]) -> list[Criterion]:
    columns = [given(each) for each in ("property", "operator", "value")]
    rows = [Criterion(*map(str.strip, row)) for row in zip_longest(*columns, fillvalue="")]
    rows = [row for row in rows if row.property or row.value][:20]
    return [*rows, *[Criterion("", "", "")] * max(1, ROWS - len(rows))]


def _size(definition: ListDefinition | None) -> int:
    return (definition.size or 0) if definition else 0
