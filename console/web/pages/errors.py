"""Errors: what waits for a person, by its cause, with who can fix it."""

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from console.commands.errors import ERRORS
from console.web import faults
from console.web.asking import choice
from console.web.callers import caller
from console.web.download import download
from console.web.faults import Wanted
from console.web.guard import needs
from console.web.paging import ROWS
from console.web.running import again
from console.web.site import site
from guestlist.domain.explain import describe
from guestlist.domain.reason import Group
from guestlist.domain.role import Role
from guestlist.store import overview
from guestlist.store.problems import Problem, ProblemGroup, Status

SHOWN = 100
"""Causes on the page, the most frequent first; the export has all."""

errors = Blueprint("errors", __name__, url_prefix="/errors")


@errors.get("")
@needs(Role.VIEWER)
def index() -> str:
    """List open errors by cause, the most frequent first."""
    name, category = site().object(), choice("category", Group)
    every = faults.groups(name)
    wanted = [each for each in every if category in {None, describe(each.reason).group}]
    groups = wanted[:SHOWN]
    return render_template(
        "errors.html",
        name=name,
        category=category,
        categories=_categories(every),
        groups=groups,
        describe=describe,
    )


@errors.get("/<fingerprint>")
@needs(Role.VIEWER)
def group(fingerprint: str) -> str:
    """Show the records with one cause."""
    name = site().object()
    status = choice("status", Status) or Status.OPEN
    wanted = Wanted(name, status, fingerprint=fingerprint)
    slice_ = faults.page_of(wanted, after=request.args.get("after", ""), limit=ROWS)
    with site().database.read() as conn:
        count = overview.open_count(conn, object=name, fingerprint=fingerprint)
    if not slice_.rows and not request.args.get("after"):
        page = "no error with this cause"
        raise NotFound(f"There is {page} that is {status}.")
    example = slice_.rows[0] if slice_.rows else None
    return render_template(
        "error.html",
        name=name,
        fingerprint=fingerprint,
        status=status,
        statuses=Status,
        slice=slice_,
        count=count,
        example=example,
        describe=describe,
        message=_message(example, count) if count else "",
    )


@errors.post("/<fingerprint>/retry")
@needs(Role.OPERATOR)
def retry(fingerprint: str) -> Response:
    """Sync the records with one cause again."""
    here, name = site(), site().object()
    wanted = Wanted(name, fingerprint=fingerprint)
    keys = [each.key for each in faults.each_of(wanted)]
    run = again(here.connected, name, keys, by=caller().who)
    return redirect(url_for("runs.show", run_id=run.id), 303)


@errors.post("/<fingerprint>/ignore")
@needs(Role.OPERATOR)
def ignore(fingerprint: str) -> Response:
    """Leave the errors with one cause out of the counts until their cause changes."""
    name = site().object()
    keys = [each.key for each in faults.each_of(Wanted(name, fingerprint=fingerprint))]
    faults.ignore(name, keys, by=caller().who)
    return redirect(url_for("errors.index", object=name), 303)


@errors.get("/export.<form>")
@needs(Role.VIEWER)
def export(form: str) -> Response:
    """Export errors, filtered as the page is."""
    name = site().object()
    wanted = Wanted(
        name,
        choice("status", Status) or Status.OPEN,
        choice("category", Group),
        fingerprint=request.args.get("fingerprint") or None,
    )
    return download(
        ERRORS, faults.each_of(wanted), of={"object": name}, form=form, name=f"{name}-errors"
    )


def _categories(groups: Sequence[ProblemGroup]) -> list[tuple[Group, int]]:
    """Return how many records stand under each heading, the most first."""
    records: Counter[Group] = Counter()
    for each in groups:
        records[describe(each.reason).group] += each.count
    return records.most_common()


def _message(example: Problem | None, count: int) -> str:
    """Return what an operator sends to whoever can fix it, with the CRM's own words."""
    if example is None:
        return ""
    told = describe(example.reason)
    crm = example.crm.title() if example.crm else "Our check of the live schema"
    lines = [
        f"{count} record{'s' if count != 1 else ''} can not sync: {told.sentence}",
        f"{crm} says: {example.message}" if example.message else "",
        f"Code {example.code}" if example.code else "",
        f"Fields: {', '.join(example.fields)}" if example.fields else "",
        f"What would change it: {told.remedy}",
        f"For example HubSpot record {example.key}",
        f"Correlation id {example.correlation_id}" if example.correlation_id else "",
    ]
    return "\n".join(line for line in lines if line)
