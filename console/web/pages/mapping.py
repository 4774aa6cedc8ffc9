"""The mapping: what goes with what, by which rule, and whether both CRMs can take it."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from console.web.guard import needs
from console.web.looks import mapping_of
from console.web.site import site
from guestlist.domain.check import MappingProblem, Severity, check_mapping, stopping
from guestlist.domain.converter import ends_of
from guestlist.domain.converters import resolve
from guestlist.domain.outcome import RunKind
from guestlist.domain.role import Role
from guestlist.store import descriptions, overview
from schemas.mapping import DeletePolicy, DuplicateMode, FieldMapping
from schemas.records import Crm, FieldDescription, ObjectDescription
from worker.mappings import usable
from worker.versions import newest_of

WHOLE = (RunKind.LIST, RunKind.AUDIT)
"""Runs after which everything synced under the mapping of then."""
SALESFORCE_GONE = (DeletePolicy.UNLINK, DeletePolicy.ARCHIVE)
HUBSPOT_GONE = (DeletePolicy.UNLINK, DeletePolicy.DELETE)

mapping = Blueprint("mapping", __name__, url_prefix="/mapping")


class Cell(NamedTuple):
    """One Salesforce type's field of a row, and what is wrong with it."""

    field: str | None
    described: FieldDescription | None
    fits: bool
    problems: list[MappingProblem]


class Row(NamedTuple):
    """One property and its fields."""

    mapping: FieldMapping
    described: FieldDescription | None
    cells: list[Cell]


@mapping.get("")
@needs(Role.VIEWER)
def show() -> str:
    """Show the mapping beside both live schemas."""
    here, name = site(), site().object()
    services = here.connected
    shown = services.schemas.object(name)
    hubspot, salesforce = services.schemas.described(name)
    problems = check_mapping(shown, hubspot, salesforce)
    newest = newest_of(services.database, name)
    with here.database.read() as conn:
        swept = overview.runs_page(conn, object=name, kinds=WHOLE, limit=1)
        kept = descriptions.get(conn, Crm.HUBSPOT, shown.hubspot_type)
    rows = [
        _row(each, hubspot, salesforce, problems, shown.salesforce_types) for each in shown.fields
    ]
    placed = {id(each) for row in rows for cell in row.cells for each in cell.problems}
    return render_template(
        "mapping.html",
        name=name,
        shown=shown,
        rows=rows,
        rest=[each for each in problems if id(each) not in placed],
        errors=len(stopping(problems)),
        held=sum(each.holds is not None for each in problems),
        warnings=sum(each.severity is Severity.WARNING for each in problems),
        read_at=kept.read_at if kept else None,
        settings_version=here.loaded.version,
        version=here.loaded.versions.get(name),
        newest=newest,
        aside=newest is not None and not usable(here.loaded, newest),
        editable=here.loaded.settings.console.edit_mapping,
        offer=newest and not (swept and swept[0].created_at >= newest.made_at),
        policies={"on_salesforce_delete": SALESFORCE_GONE, "on_hubspot_delete": HUBSPOT_GONE},
        modes=DuplicateMode,
    )


@mapping.post("/check")
@needs(Role.OPERATOR)
def check() -> Response:
    """Read both live schemas anew."""
    here, name = site(), site().object()
    here.connected.schemas.refresh(name)
    here.pulse.forget(mapping_of(name))
    return redirect(url_for("mapping.show", object=name), 303)


def _row(
    row: FieldMapping,
    hubspot: ObjectDescription,
    salesforce: Mapping[str, ObjectDescription],
    problems: list[MappingProblem],
    types: tuple[str, ...],
) -> Row:
    cells = []
    for kind in types:
        field = row.salesforce.get(kind)
        described = salesforce[kind].fields.get(field or "") if kind in salesforce else None
        ends = ends_of(row, kind, hubspot, salesforce[kind]) if kind in salesforce else None
        fits = ends is not None and resolve(row.converter, ends) is not None
        about = {f"{row.hubspot} -> {kind}.{field}", f"{row.hubspot} -> {kind}"}
        cells.append(Cell(field, described, fits, [p for p in problems if p.field in about]))
    return Row(row, hubspot.fields.get(row.hubspot), cells)
