"""Whom we tell when something is wrong, what is wrong now, and a message to try it."""

from collections.abc import Sequence

from flask import Blueprint, render_template

from console.web.callers import caller
from console.web.guard import needs
from console.web.site import site
from guestlist.domain.role import Role
from guestlist.engine import alerting
from guestlist.engine.alerting import Tried

alerts = Blueprint("alerts", __name__, url_prefix="/settings/alerts")


@alerts.get("")
@needs(Role.VIEWER)
def show() -> str:
    """Show the channels, their last messages, and what is wrong."""
    return _page(None)


@alerts.post("/test")
@needs(Role.OPERATOR)
def test() -> str:
    """Send a test message to every channel, and show what came of it."""
    return _page(alerting.trial(site().services, by=caller().who))


def _page(tried: Sequence[Tried] | None) -> str:
    here = site()
    return render_template(
        "alerts.html",
        found=alerting.standing(here.services),
        tried=tried,
        rules=here.loaded.settings.alerts,
    )
