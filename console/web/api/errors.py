"""Sync errors for programs."""

from typing import Any

from apiflask import APIBlueprint
from werkzeug.exceptions import BadRequest

from console.web import faults
from console.web.api import shapes
from console.web.callers import caller
from console.web.faults import Wanted
from console.web.guard import needs
from console.web.once import once
from console.web.running import again
from console.web.site import site
from guestlist.domain.role import Role
from guestlist.store.runs import Run

errors = APIBlueprint("api_errors", __name__, tag="Errors")


@errors.get("/errors")
@errors.input(shapes.ErrorsQuery, location="query", arg_name="query")
@errors.output(shapes.ErrorGroups)
@needs(Role.VIEWER)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List open errors by cause, the most frequent first."""
    name = site().object()
    groups = faults.groups(name, query.get("category"))
    return {"object": name, "open": sum(each.count for each in groups), "groups": groups}


@errors.get("/errors/records")
@errors.input(shapes.ErrorRecordsQuery, location="query", arg_name="query")
@errors.output(shapes.ErrorPage)
@needs(Role.VIEWER)
def records(query: dict[str, Any]) -> dict[str, Any]:
    """List errors record by record."""
    wanted = Wanted(
        site().object(),
        query["status"],
        query.get("category"),
        query.get("reason"),
        query.get("fingerprint"),
    )
    found = faults.page_of(wanted, after=query["after"], limit=query["limit"])
    return {"errors": found.rows, "next": found.next}


@errors.post("/errors/retry")
@errors.input(shapes.WhichErrors, arg_name="asked")
@errors.input(shapes.IdempotencyHeader, location="headers", arg_name="_headers")
@errors.output(shapes.StartedRun, status_code=201)
@needs(Role.OPERATOR)
def retry(asked: dict[str, Any], _headers: dict[str, Any]) -> Run:
    """Sync the records with these errors again."""
    wanted = _wanted(asked)
    keys = [each.key for each in faults.each_of(wanted)]
    by = caller().who
    return once(asked, lambda services: again(services, wanted.object, keys, by=by)).run


@errors.post("/errors/ignore")
@errors.input(shapes.WhichErrors, arg_name="asked")
@errors.output(shapes.Ignored)
@needs(Role.OPERATOR)
def ignore(asked: dict[str, Any]) -> dict[str, Any]:
    """Leave these errors out of the counts until their cause changes."""
    wanted = _wanted(asked)
    keys = [each.key for each in faults.each_of(wanted)]
    ignored = faults.ignore(wanted.object, keys, by=caller().who)
    return {"object": wanted.object, "ignored": ignored}


def _wanted(asked: dict[str, Any]) -> Wanted:
    if not asked.get("fingerprint") and not asked.get("category"):
        raise BadRequest("Give a fingerprint or a category.")
    name = site().named(asked.get("object"))
    return Wanted(name, category=asked.get("category"), fingerprint=asked.get("fingerprint"))
