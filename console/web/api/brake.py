"""A held list and the answer to it, for programs."""

from typing import Any

from apiflask import APIBlueprint
from werkzeug.exceptions import Conflict

from console.commands.list_answers import difference_body, hold_body
from console.web.api import setup, shapes
from console.web.callers import caller
from console.web.guard import needs
from console.web.looks import inclusion_of
from console.web.site import Site, site
from guestlist.domain.role import Role
from guestlist.engine import approval
from guestlist.engine.approval import Held
from guestlist.store import inclusion

brake = APIBlueprint("api_brake", __name__, tag="Lists")


@brake.get("/list/brake")
@brake.input(shapes.ObjectQuery, location="query", arg_name="_query")
@brake.output(setup.HeldList)
@needs(Role.VIEWER)
def show(_query: dict[str, Any]) -> dict[str, Any]:
    """Show why the list is held, and who enters and leaves by an approval.

    Answers 409 when it is not held: there is nothing to answer then.
    """
    here = site()
    name = here.object()
    held = approval.held(here.connected, name)
    hold = held.choice.hold
    with here.database.read() as conn:
        first = inclusion.said_yes(conn, name, to=approval.state(held))
    found = approval.difference(here.connected, name, held.inclusion)
    return {
        "object": name,
        "seen": approval.state(held),
        "held": hold_body(hold) if hold else None,
        "first_yes": first,
        "difference": difference_body(found),
    }


@brake.post("/list/brake/approve")
@brake.input(setup.AnswerBrake, arg_name="asked")
@brake.output(setup.BrakeAnswered)
@needs(Role.ADMIN)
def approve(asked: dict[str, Any]) -> dict[str, Any]:
    """Let the newcomers in, as they were shown; under four eyes the first of two says so.

    Records that were held are looked at again by the run it answers with.
    """
    here = site()
    name = here.named(asked.get("object"))
    seen = _as_seen(here, name, asked["seen"])
    if approval.first_yes(here.connected, name, seen, by=caller().who):
        return {"object": name, "state": "held", "run": None}
    run = approval.approve(here.connected, name, seen, by=caller().who)
    here.pulse.forget(inclusion_of(name))
    return {"object": name, "state": "open", "run": run.id if run else None}


@brake.post("/list/brake/reject")
@brake.input(setup.AnswerBrake, arg_name="asked")
@brake.output(setup.BrakeAnswered)
@needs(Role.ADMIN)
def reject(asked: dict[str, Any]) -> dict[str, Any]:
    """Keep the newcomers out until the list is as it was."""
    here = site()
    name = here.named(asked.get("object"))
    approval.reject(here.connected, name, _as_seen(here, name, asked["seen"]), by=caller().who)
    return {"object": name, "state": "held", "run": None}


def _as_seen(here: Site, name: str, seen: str) -> Held:
    """Return the held list, if it is still as it was shown."""
    held = approval.held(here.connected, name)
    if approval.state(held) != seen:
        raise Conflict("The list changed since it was looked at: look at it again.")
    return held
