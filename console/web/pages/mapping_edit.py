"""Change the mapping while everything runs: a row, its settings, or the text; never unseen."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from console.web.guard import needs
from console.web.pages.mapping_review import REFUSED, both, show_review, words_of
from console.web.proposing import form_of, row_of, with_row, with_settings
from console.web.site import Site, site
from guestlist.domain.converter import ends_of
from guestlist.domain.converters import CONVERTERS, resolve
from guestlist.domain.role import Role
from schemas.mapping import FieldMapping, SyncRule
from schemas.mapping_text import text_of
from schemas.records import FieldDescription, ObjectDescription
from worker.mappings import imported

mapping_edit = Blueprint("mapping_edit", __name__, url_prefix="/mapping")

SHOWN = 100
"""Fields of one side that are listed; a search finds the rest."""
OFFERED = 400
"""Names a form suggests, and options of a field that it shows; more would make the page large."""


class Line(NamedTuple):
    """A field of one side, and what it is mapped to."""

    field: FieldDescription
    mapped: str


@mapping_edit.get("/fields")
@needs(Role.VIEWER)
def fields() -> str:
    """List the fields of both sides with their types, and what they are mapped to."""
    here, name = site(), site().object()
    words, free = request.args.get("words", "").strip().lower(), "free" in request.args

    def wanted(line: Line) -> bool:
        names = f"{line.field.name} {line.field.label}".lower()
        return words in names and not (free and line.mapped)

    found = {side: [*filter(wanted, lines)] for side, lines in _sides(here, name).items()}
    return render_template(
        "mapping_fields.html", name=name, sides=found, words=words, free=free, most=SHOWN
    )


@mapping_edit.get("/row")
@needs(Role.ADMIN)
def row() -> str:
    """Show the form of one row, filled in as it is or as the query says."""
    here, name = site(), site().object()
    shown = here.connected.schemas.object(name)
    was = request.args.get("was", "")
    there = next((each for each in shown.fields if each.hubspot == was), None)
    given = form_of(there, shown.salesforce_types)
    given |= {key: request.args.get(key, "").strip() for key in given if key in request.args}
    return _row_form(here, name, was if there else "", given)


@mapping_edit.post("/row")
@needs(Role.ADMIN)
def propose_row() -> str | tuple[str, int]:
    """Show what changing, adding or removing a row would mean."""
    here, name = site(), site().object()
    current, written = both(here, name)
    was = request.form.get("was", "")
    removed = request.form.get("do") == "remove"
    given = {
        key: request.form.get(key, "").strip() for key in form_of(None, current.salesforce_types)
    }
    row = None if removed else row_of(given.__getitem__, current.salesforce_types)
    if removed and not any(each.hubspot == was for each in current.fields):
        raise NotFound(f"{was} is not mapped.")
    try:
        return show_review(here, name, with_row(current, written, was, row))
    except REFUSED as error:
        return _row_form(here, name, was, given, words_of(error)), 400


@mapping_edit.post("/settings")
@needs(Role.ADMIN)
def propose_settings() -> str:
    """Show what other settings about creating and deleting would mean."""
    here, name = site(), site().object()
    current, written = both(here, name)
    form: MultiDict[str, str] = request.form
    return show_review(here, name, with_settings(current, written, lambda key: form.get(key, "")))


@mapping_edit.get("/text")
@needs(Role.VIEWER)
def text() -> str:
    """Show the mapping as it would stand in the settings file."""
    here, name = site(), site().object()
    current, _ = both(here, name)
    return render_template("mapping_text.html", name=name, text=text_of(current), problems=())


@mapping_edit.post("/text")
@needs(Role.ADMIN)
def propose_text() -> str | tuple[str, int]:
    """Show what importing a text would mean."""
    here, name = site(), site().object()
    given = request.form.get("text", "")
    try:
        return show_review(here, name, imported(both(here, name)[1], given))
    except REFUSED as error:
        problems = words_of(error)
        page = render_template("mapping_text.html", name=name, text=given, problems=problems)
        return page, 400


def _row_form(
    here: Site, name: str, was: str, given: dict[str, str], problems: list[str] | None = None
) -> str:
    services = here.connected
    shown = services.schemas.object(name)
    hubspot, salesforce = services.schemas.described(name)
    chosen = {
        "HubSpot": hubspot.fields.get(given["property"]),
        **{kind: salesforce[kind].fields.get(given[f"field-{kind}"]) for kind in salesforce},
    }
    return render_template(
        "mapping_row.html",
        name=name,
        was=was,
        given=given,
        problems=problems or [],
        types=shown.salesforce_types,
        rules=SyncRule,
        converters=_converters(given, hubspot, salesforce),
        properties=_suggested(hubspot),
        suggested={kind: _suggested(salesforce[kind]) for kind in shown.salesforce_types},
        chosen={side: field for side, field in chosen.items() if field},
        most=OFFERED,
    )


def _converters(
    given: dict[str, str], hubspot: ObjectDescription, salesforce: Mapping[str, ObjectDescription]
) -> list[str]:
    """Return the converters that can work between the fields named; all, where none is."""
    named = {kind: given[f"field-{kind}"] for kind in salesforce if given[f"field-{kind}"]}
    row = FieldMapping(given["property"], named)
    ends = [ends_of(row, kind, hubspot, salesforce[kind]) for kind in named]
    known = [each for each in ends if each]
    fitting = [n for n in CONVERTERS if all(resolve(n, each) is not None for each in known)]
    kept = [given["converter"]] if given["converter"] not in {"auto", *fitting} else []
    return ["auto", *fitting, *kept]


def _suggested(description: ObjectDescription) -> list[FieldDescription]:
    ordered = sorted(description.fields.values(), key=lambda each: each.label.lower())
    return ordered[:OFFERED]


def _sides(here: Site, name: str) -> dict[str, list[Line]]:
    services = here.connected
    rows = services.schemas.object(name).fields
    hubspot, salesforce = services.schemas.described(name)
    sides = {"HubSpot": _lines(hubspot, {row.hubspot: _told(row) for row in rows})}
    for kind, description in salesforce.items():
        mapped = {row.salesforce[kind]: row.hubspot for row in rows if kind in row.salesforce}
        sides[kind] = _lines(description, mapped)
    return sides


def _lines(description: ObjectDescription, mapped: dict[str, str]) -> list[Line]:
    ordered = sorted(description.fields.values(), key=lambda each: each.label.lower())
    return [Line(each, mapped.get(each.name, "")) for each in ordered]


def _told(row: FieldMapping) -> str:
    return ", ".join(f"{kind}.{field}" for kind, field in row.salesforce.items())
