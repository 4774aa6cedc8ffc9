"""Runs for programs."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, url_for
from werkzeug.exceptions import BadRequest, NotFound

from console.reports import RunReport, TallyReport, many, one
from console.web.api import shapes
from console.web.api.telling import told
from console.web.callers import caller
from console.web.guard import needs
from console.web.once import once
from console.web.pages.runs import MOVES
from console.web.paging import cut
from console.web.running import find_run, page_of_runs, retry_failed
from console.web.site import site
from guestlist.domain.ages import summary
from guestlist.domain.errors import Misconfigured
from guestlist.domain.role import Role
from guestlist.engine import launch
from guestlist.engine.auditing import start_audit
from guestlist.engine.resolve import resolve_all
from guestlist.engine.services import Services
from guestlist.store import listing, proofs
from guestlist.store.runs import Run

runs = APIBlueprint("api_runs", __name__, tag="Runs")


@runs.get("/runs")
@runs.input(shapes.RunsQuery, location="query", arg_name="query")
@runs.output(shapes.RunPage)
@needs(Role.VIEWER)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List runs, newest first."""
    found = page_of_runs(
        before=query.get("before"),
        object=query.get("object"),
        state=query.get("state"),
        kind=query.get("kind"),
        polls=query["polls"],
        limit=query["limit"],
    )
    return {"runs": found.rows, "next": found.next}


@runs.post("/runs")
@runs.input(shapes.StartRun, arg_name="asked")
@runs.input(shapes.IdempotencyHeader, location="headers", arg_name="_headers")
@runs.output(shapes.StartedRun, status_code=201)
@needs(Role.OPERATOR)
def start(asked: dict[str, Any], _headers: dict[str, Any]) -> tuple[Run, int, dict[str, str]]:
    """Start a run over the inclusion list, the records named, or all that is linked or listed.

    With an Idempotency-Key the same request starts it once.
    """
    name = site().named(asked.get("object"))
    if asked.get("records") and asked.get("limit"):
        raise BadRequest("records goes without limit.")
    if asked["audit"] and (asked.get("records") or asked.get("limit")):
        raise BadRequest("audit goes with nothing else.")
    started = once(asked, lambda services: _start(services, name, asked))
    headers = {"Location": url_for("api_runs.show", run_id=started.run.id)}
    if started.replayed:
        headers["Idempotent-Replayed"] = "true"
    return started.run, 201, headers


def _start(services: Services, name: str, asked: dict[str, Any]) -> Run:
    by = caller().who
    if asked["audit"]:
        return start_audit(services, name, by=by)
    if named := asked.get("records"):
        return launch.start_records(services, name, resolve_all(services, name, named), by=by)
    if not asked["may_create_many"]:
        _refuse_many(services, name, asked.get("limit"))
    return launch.start_list(services, name, by=by, limit=asked.get("limit"))


def _refuse_many(services: Services, name: str, limit: int | None) -> None:
    inclusion = services.inclusions.current(services.schemas.object(name))
    definition = inclusion.definition if inclusion else None
    members = min(definition.size or 0 if definition else 0, limit or 2**62)
    most = services.settings.guards.ask_above_creates
    if members > most:
        message = (
            f"the run may create up to {members} records, more than {most}: look at a plan, "
            "then send may_create_many"
        )
        raise Misconfigured(message)


@runs.get("/runs/<run_id>")
@runs.output(shapes.RunDetail)
@needs(Role.VIEWER)
def show(run_id: str) -> Response:
    """Show a run with its counts by outcome and reason."""
    run = find_run(run_id)
    tallies = site().tallies.of(run)
    if tallies is None:
        tallies = site().tallies.count(run)
    with site().database.read() as conn:
        ages = summary(proofs.get(conn, run.id))
    body = {
        **one(RunReport, run),
        "reasons": many(TallyReport, tallies),
        "proof_age_s": ages._asdict() if ages else None,
    }
    return told(body)


@runs.post("/runs/<run_id>/<move>")
@runs.output(shapes.StartedRun)
@needs(Role.OPERATOR)
def act(run_id: str, move: str) -> Run:
    """Pause, resume, cancel a run, or retry what failed in it; the run that results."""
    here = site()
    run = find_run(run_id)
    if move == "retry":
        return once({}, lambda services: retry_failed(services, run, by=caller().who)).run
    if move not in MOVES:
        raise NotFound("There is pause, resume, cancel and retry.")
    return MOVES[move](here.services, run.id, by=caller().who)


@runs.get("/runs/<run_id>/records")
@runs.input(shapes.RecordsQuery, location="query", arg_name="query")
@runs.output(shapes.RecordPage)
@needs(Role.VIEWER)
def records(run_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """List a run's records by their key."""
    run = find_run(run_id)
    with site().database.read() as conn:
        rows = listing.page(
            conn,
            run.id,
            state=query.get("state"),
            outcome=query.get("outcome"),
            reason=query.get("reason"),
            after_key=query["after"],
            limit=query["limit"] + 1,
        )
    found = cut(rows, query["limit"], lambda row: row.key)
    return {"records": found.rows, "next": found.next}
