"""Runs: all of them, and one with its records, live."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from console.commands.runs import RECORDS
from console.web.asking import choice
from console.web.callers import caller
from console.web.download import download
from console.web.guard import needs
from console.web.paging import ROWS, cut
from console.web.progress import progress
from console.web.running import find_run, page_of_runs, records_of, retry_failed
from console.web.site import site
from guestlist.domain.ages import summary
from guestlist.domain.explain import describe
from guestlist.domain.outcome import Outcome, RunKind, RunState, WorkState
from guestlist.domain.reason import Reason
from guestlist.domain.role import Role
from guestlist.engine import launch
from guestlist.engine.auditing import start_audit
from guestlist.engine.resolve import resolve, resolve_all
from guestlist.store import listing, problems, proofs
from guestlist.store.listing import WorkRow

runs = Blueprint("runs", __name__, url_prefix="/runs")

MOVES = {"pause": launch.pause, "resume": launch.resume, "cancel": launch.cancel}


@runs.get("")
@needs(Role.VIEWER)
def index() -> str:
    """List runs, newest first."""
    state = choice("state", RunState)
    kind = choice("kind", RunKind)
    polls = "polls" in request.args
    found = page_of_runs(
        before=request.args.get("before"),
        object=request.args.get("object") or None,
        state=state,
        kind=kind,
        polls=polls,
        limit=ROWS,
    )
    return render_template(
        "runs.html",
        slice=found,
        state=state,
        kind=kind,
        polls=polls,
        states=RunState,
        kinds=RunKind,
    )


@runs.post("")
@needs(Role.OPERATOR)
def start() -> Response:
    """Start a run over the records that are named, one a line."""
    here = site()
    name = here.object()
    named = request.form.get("records", "").split()
    if not named or len(named) > 100:
        raise BadRequest("Name between 1 and 100 records.")
    services = here.connected
    keys = resolve_all(services, name, named)
    run = launch.start_records(services, name, keys, by=caller().who)
    return redirect(url_for("runs.show", run_id=run.id), 303)


@runs.post("/audit")
@needs(Role.OPERATOR)
def audit() -> Response:
    """Look at everything again that is linked or in the list."""
    here = site()
    run = start_audit(here.connected, here.object(), by=caller().who)
    return redirect(url_for("runs.show", run_id=run.id), 303)


@runs.get("/<run_id>")
@needs(Role.VIEWER)
def show(run_id: str) -> str:
    """Show one run: how far it is, what became of its records, and who has to do what."""
    here = site()
    run = find_run(run_id)
    outcome, reason = choice("outcome", Outcome), choice("reason", Reason)
    state = choice("state", WorkState)
    record = request.args.get("record", "").strip()[:500]
    key = resolve(here.connected, run.object, record) if record else None
    tallies = here.tallies.of(run)
    with here.database.read() as conn:
        ages = summary(proofs.get(conn, run.id))
        rows = (
            []
            if outcome and not run.outcomes[outcome]
            else listing.page(
                conn,
                run.id,
                state=state,
                outcome=outcome,
                reason=reason,
                key=key,
                after_key=request.args.get("after", ""),
                limit=ROWS + 1,
            )
        )
        found = {
            row.key: problems.get(conn, run.object, row.key)
            for row in rows
            if row.outcome is Outcome.FAILED
        }
    return render_template(
        "run.html",
        run=run,
        progress=progress(run, here.clock()),
        tallies=tallies,
        ages=ages,
        describe=describe,
        slice=cut(rows, ROWS, lambda row: row.key),
        problems=found,
        outcome=outcome,
        reason=reason,
        state=state,
        record=record,
        outcomes=Outcome,
        live=run.finished_at is None or tallies is None,
        flower=here.settings.flower_url.rstrip("/"),
    )


@runs.post("/<run_id>/<move>")
@needs(Role.OPERATOR)
def act(run_id: str, move: str) -> Response:
    """Pause, resume or cancel a run, or retry what failed in it."""
    here = site()
    run = find_run(run_id)
    if move == "retry":
        again = retry_failed(here.connected, run, by=caller().who)
        return redirect(url_for("runs.show", run_id=again.id), 303)
    if move not in MOVES:
        raise BadRequest("That can not be done to a run.")
    MOVES[move](here.services, run.id, by=caller().who)
    return redirect(url_for("runs.show", run_id=run.id), 303)


@runs.get("/<run_id>/records.<form>")
@needs(Role.VIEWER)
def export(run_id: str, form: str) -> Response:
    """Export a run's records, filtered as the page is."""
    run = find_run(run_id)
    wanted: dict[str, Any] = {
        "outcome": choice("outcome", Outcome),
        "reason": choice("reason", Reason),
        "state": choice("state", WorkState),
    }
    rows: Iterator[WorkRow] = records_of(run.id, **wanted)
    return download(RECORDS, rows, of={"run": run.id}, form=form, name=f"{run.id}-records")
