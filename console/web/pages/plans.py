"""Plans: what a list sync would do, before anybody starts it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from console.web.asking import positive
from console.web.callers import caller
from console.web.guard import needs
from console.web.plans import Draft, creates_of, fresh, start
from console.web.site import site
from console.words import planned_words
from guestlist.domain.errors import Missing
from guestlist.domain.role import Role

plans = Blueprint("plans", __name__, url_prefix="/plans")


@plans.get("")
@needs(Role.VIEWER)
def index() -> str:
    """List the latest plans of this process, and ask for one."""
    return render_template("plans.html", name=site().object(), plans=site().plans.latest())


@plans.post("")
@needs(Role.OPERATOR)
def begin() -> Response:
    """Start making a plan."""
    here, name = site(), site().object()
    here.connected.schemas.object(name)
    draft = here.plans.begin(name, limit=positive("limit"), by=caller().who)
    return redirect(url_for("plans.show", plan_id=draft.id), 303)


@plans.get("/<plan_id>")
@needs(Role.VIEWER)
def show(plan_id: str) -> str:
    """Show a plan, or that it is still being made."""
    draft = _find(plan_id)
    creates = creates_of(draft)
    return render_template(
        "plan.html",
        plan=draft,
        creates=creates,
        ask=creates > site().services.settings.guards.ask_above_creates,
        fresh=fresh(draft, site().clock),
        planned_words=planned_words,
    )


@plans.post("/<plan_id>/start")
@needs(Role.OPERATOR)
def begin_run(plan_id: str) -> Response:
    """Start the run that was planned, unless the world has moved on."""
    services, draft = site().connected, _find(plan_id)
    most = services.settings.guards.ask_above_creates
    if creates_of(draft) > most and "creates" not in request.form:
        raise BadRequest(f"This creates more than {most} records: tick that this is meant.")
    run = start(services, draft, by=caller().who)
    return redirect(url_for("runs.show", run_id=run.id), 303)


def _find(plan_id: str) -> Draft:
    draft = site().plans.get(plan_id)
    if draft is None:
        raise Missing("this plan is gone: plans are kept for a while and in one process only")
    return draft
