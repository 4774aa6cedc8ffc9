"""The brake: a list changed more than it may, and a person says yes or no."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import Conflict
from werkzeug.wrappers import Response

from console.web.callers import caller
from console.web.guard import confirms, needs
from console.web.looks import inclusion_of
from console.web.site import site
from guestlist.domain.brake import told
from guestlist.domain.role import Role
from guestlist.engine import approval
from guestlist.engine.approval import Held
from guestlist.store import inclusion

brake = Blueprint("brake", __name__, url_prefix="/list/brake")


@brake.get("")
@needs(Role.VIEWER)
def show() -> str:
    """Show why the list is held, and what an approval would mean."""
    here, name = site(), site().object()
    held = approval.held(here.connected, name)
    return render_template(
        "brake.html",
        name=name,
        held=held,
        hold=held.choice.hold,
        seen=approval.state(held),
        first=_first_yes(name, held),
        told=told,
        difference=approval.difference(here.connected, name, held.inclusion),
    )


@brake.post("/approve")
@needs(Role.ADMIN)
@confirms
def approve() -> Response:
    """Let the newcomers in, as they were shown."""
    here, name = site(), site().object()
    seen = _as_seen(name)
    if approval.first_yes(here.connected, name, seen, by=caller().who):
        return redirect(url_for("brake.show", object=name), 303)
    run = approval.approve(here.connected, name, seen, by=caller().who)
    here.pulse.forget(inclusion_of(name))
    if run:
        return redirect(url_for("runs.show", run_id=run.id), 303)
    return redirect(url_for("lists.show", object=name), 303)


@brake.post("/reject")
@needs(Role.ADMIN)
@confirms
def reject() -> Response:
    """Keep the newcomers out until the list is as it was."""
    here, name = site(), site().object()
    approval.reject(here.connected, name, _as_seen(name), by=caller().who)
    return redirect(url_for("lists.show", object=name), 303)


def _as_seen(name: str) -> Held:
    """Return the held list, if it is still as the page showed it."""
    held = approval.held(site().connected, name)
    if approval.state(held) != request.form.get("seen"):
        raise Conflict("The list changed since this page was loaded: look at it again.")
    return held


def _first_yes(name: str, held: Held) -> str | None:
    """Return who said yes first, where two have to."""
    with site().database.read() as conn:
        return inclusion.said_yes(conn, name, to=approval.state(held))
