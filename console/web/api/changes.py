"""What is followed, and edits that lost, for programs."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from console.reports import FollowingReport, one
from console.web.api import setup, shapes
from console.web.api.telling import told
from console.web.callers import caller
from console.web.guard import needs
from console.web.paging import cut
from console.web.restoring import restore as bring_back
from console.web.site import site
from guestlist.domain.role import Role
from guestlist.engine import follow
from guestlist.store import conflicts as stored
from guestlist.store.runs import Run

changes = APIBlueprint("api_changes", __name__, tag="Changes")


@changes.get("/follow")
@changes.output(setup.Follows)
@needs(Role.VIEWER)
def status() -> Response:
    """Show what is followed, how far it was read, and what nobody looked at for too long."""
    return told(_status())


@changes.post("/follow")
@changes.input(setup.TurnFollow, arg_name="asked")
@changes.output(setup.Follows)
@needs(Role.OPERATOR)
def turn(asked: dict[str, Any]) -> Response:
    """Begin or stop to look for changes of an object; nothing before that is looked for."""
    here = site()
    name = here.named(asked.get("object"))
    if asked["on"]:
        follow.turn_on(here.connected, name, by=caller().who)
    else:
        follow.turn_off(here.services, name, by=caller().who)
    return told(_status())


@changes.get("/conflicts")
@changes.input(setup.ConflictsQuery, location="query", arg_name="query")
@changes.output(setup.ConflictPage)
@needs(Role.VIEWER)
def conflicts(query: dict[str, Any]) -> dict[str, Any]:
    """List edits that lost against a later one on the other side, newest first."""
    name = site().object()
    with site().database.read() as conn:
        rows = stored.page(
            conn,
            name,
            key=query.get("record"),
            before_id=query.get("before"),
            limit=query["limit"] + 1,
        )
    found = cut(rows, query["limit"], lambda row: str(row.id))
    return {"conflicts": found.rows, "next": found.next}


@changes.post("/conflicts/<int(max=9007199254740991):conflict_id>/restore")
@changes.output(shapes.StartedRun, status_code=201)
@needs(Role.OPERATOR)
def restore(conflict_id: int) -> Run:
    """Give both sides the value that lost."""
    return bring_back(site(), conflict_id, by=caller().who)


def _status() -> dict[str, Any]:
    services = site().services
    now, polls = services.clock(), services.settings.polls
    return {
        "objects": [
            {**one(FollowingReport, each), "late": list(each.late(polls, now=now))}
            for each in follow.status(services)
        ]
    }
