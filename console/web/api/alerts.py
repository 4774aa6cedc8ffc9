"""Alerts for programs: whom we tell, what is wrong, a message to try it."""

from typing import Any

from apiflask import APIBlueprint, Schema
from marshmallow import fields

from console.reports import AlertReport, ChannelReport, TrialReport
from console.web.api.shapes import shape
from console.web.callers import caller
from console.web.guard import needs
from console.web.site import site
from guestlist.domain.role import Role
from guestlist.engine import alerting

alerts = APIBlueprint("api_alerts", __name__, tag="System")


class AlertsAnswer(Schema):
    channels = fields.List(fields.Nested(shape(ChannelReport)), required=True)
    alerts = fields.List(fields.Nested(shape(AlertReport)), required=True)


class TrialAnswer(Schema):
    channels = fields.List(
        fields.Nested(shape(TrialReport)),
        required=True,
        metadata={"description": "What came of each; none: no channel is set."},
    )


@alerts.get("/alerts")
@alerts.output(AlertsAnswer)
@needs(Role.VIEWER)
def show() -> dict[str, Any]:
    """Show the channels with what became of their last messages, and what is wrong now."""
    found = alerting.standing(site().services)
    return {"channels": found.ways, "alerts": found.states}


@alerts.post("/alerts/test")
@alerts.output(TrialAnswer)
@needs(Role.OPERATOR)
def test() -> dict[str, Any]:
    """Send a test message to every channel at once; it takes as long as their servers do."""
    return {"channels": alerting.trial(site().services, by=caller().who)}
