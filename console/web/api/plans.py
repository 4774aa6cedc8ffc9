"""Plans and imports for programs."""

from typing import Any

from apiflask import APIBlueprint
from flask import url_for
from werkzeug.exceptions import BadRequest, NotFound

from console.planning import body_of
from console.web import plans as kept
from console.web.api import shapes
from console.web.callers import caller
from console.web.guard import needs
from console.web.once import once
from console.web.plans import Draft, creates_of
from console.web.site import site
from guestlist.domain.errors import Misconfigured
from guestlist.domain.reference import salesforce_ids
from guestlist.domain.role import Role
from guestlist.engine import importing
from guestlist.engine.importing import Choice, refuse_unknown
from guestlist.store.runs import Run
from schemas.mapping import ObjectMapping

plans = APIBlueprint("api_plans", __name__, tag="Runs")


@plans.get("/plans")
@plans.output(shapes.Plans)
@needs(Role.VIEWER)
def index() -> dict[str, Any]:
    """List the latest plans of this process, newest first."""
    return {"plans": [_body(each) for each in site().plans.latest()]}


@plans.post("/plans")
@plans.input(shapes.StartPlan, arg_name="asked")
@plans.output(shapes.PlanAnswer, status_code=202)
@needs(Role.OPERATOR)
def plan(asked: dict[str, Any]) -> dict[str, Any]:
    """Begin to plan a list sync or an import; ask for the plan until its state is ready."""
    here = site()
    name = here.named(asked.get("object"))
    mapping = here.connected.schemas.object(name)
    wanted = asked.get("import_")
    choice = None if wanted is None else _choice(mapping, wanted)
    limit = asked.get("limit")
    return _body(here.plans.begin(name, limit=limit, by=caller().who, choice=choice))


@plans.get("/plans/<plan_id>")
@plans.output(shapes.PlanAnswer)
@needs(Role.VIEWER)
def show_plan(plan_id: str) -> dict[str, Any]:
    """Show a plan, as far as it is."""
    return _body(_find(plan_id))


@plans.post("/plans/<plan_id>/start")
@plans.input(shapes.StartPlanned, arg_name="asked")
@plans.input(shapes.IdempotencyHeader, location="headers", arg_name="_headers")
@plans.output(shapes.StartedRun, status_code=201)
@needs(Role.OPERATOR)
def start(
    plan_id: str, asked: dict[str, Any], _headers: dict[str, Any]
) -> tuple[Run, int, dict[str, str]]:
    """Start what was planned, unless the list or the mapping was changed since."""
    draft = _find(plan_id)
    most = site().services.settings.guards.ask_above_creates
    if creates_of(draft) > most and not asked["may_create_many"]:
        message = f"the run would create {creates_of(draft)} records, more than {most}"
        raise Misconfigured(f"{message}: send may_create_many")
    started = once(asked, lambda services: kept.start(services, draft, by=caller().who))
    return started.run, 201, {"Location": url_for("api_runs.show", run_id=started.run.id)}


@plans.post("/imports")
@plans.input(shapes.StartImport, arg_name="asked")
@plans.input(shapes.IdempotencyHeader, location="headers", arg_name="_headers")
@plans.output(shapes.StartedRun, status_code=201)
@needs(Role.OPERATOR)
def start_import(
    asked: dict[str, Any], _headers: dict[str, Any]
) -> tuple[Run, int, dict[str, str]]:
    """Import people from Salesforce: the e-mail address first, members then get the full sync."""
    here = site()
    name = here.named(asked.get("object"))
    choice = _choice(here.connected.schemas.object(name), asked)
    by, limit = caller().who, asked.get("limit")
    started = once(
        asked, lambda services: importing.start(services, name, choice, by=by, limit=limit)
    )
    return started.run, 201, {"Location": url_for("api_runs.show", run_id=started.run.id)}


def _choice(mapping: ObjectMapping, asked: dict[str, Any]) -> Choice:
    types, where, ids = asked["types"], asked.get("where"), asked["ids"]
    if ids:
        if types or where:
            raise BadRequest("ids say which records: types and where do not go with them.")
        return Choice(ids=tuple(salesforce_ids("\n".join(["Id", *ids]))))
    refuse_unknown(mapping, types)
    return Choice(tuple(types), where)


def _find(plan_id: str) -> Draft:
    draft = site().plans.get(plan_id)
    if draft is None:
        raise NotFound("There is no such plan any more.")
    return draft


def _body(draft: Draft) -> dict[str, Any]:
    state = "failed" if draft.problem else "ready" if draft.planned else "planning"
    return {
        "id": draft.id,
        "object": draft.object,
        "of": "import" if draft.choice else "list",
        "asked_by": draft.asked_by,
        "state": state,
        "problem": draft.problem or None,
        "asked_at": draft.asked_at,
        "plan": body_of(draft.planned) if draft.planned else None,
    }
