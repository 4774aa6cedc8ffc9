"""``guestlist alerts``: whom we tell when something is wrong, and a message to try it."""

import click

from console.exits import Exit
from console.options import Section
from console.printer import clean
from console.reports import AlertReport, ChannelReport, TrialReport, many
from console.session import Refusal, Session, pass_session
from console.words import when
from guestlist.engine import alerting
from guestlist.engine.alerting import Standing, Tried


@click.group(cls=Section)
def alerts() -> None:
    """Look at what is wrong and whom we tell; docs/console/alerts.md says how to set it up."""


@alerts.command()
@pass_session
def show(session: Session) -> Exit:
    """Show the channels, what became of the last message, and what is wrong now."""
    found = alerting.standing(session.services)
    body = {
        "channels": many(ChannelReport, found.ways),
        "alerts": many(AlertReport, found.states),
    }
    session.printer.show("alerts", body, lambda: _draw(session, found))
    return Exit.PARTIAL if found.states else Exit.OK


@alerts.command()
@pass_session
def test(session: Session) -> Exit:
    """Send a test message to every channel at once."""
    tried = alerting.trial(session.services, by=session.who)
    if not tried:
        raise Refusal(
            "nobody is told of anything: no channel is set",
            code=Exit.CONFIG,
            fix="set GUESTLIST_ALERTS_WEBHOOK_URL, or GUESTLIST_ALERTS_SMTP_HOST and its like",
        )
    body = {"channels": many(TrialReport, tried)}
    session.printer.show("alerts-test", body, lambda: _draw_trial(session, tried))
    return Exit.UNREACHABLE if any(each.problem for each in tried) else Exit.OK


def _draw(session: Session, found: Standing) -> None:
    printer = session.printer
    if not found.ways:
        printer.line("no channel is set: nobody is told of anything")
        printer.suggest("docs/console/alerts.md")
        return
    rows = [
        (way.channel, when(way.last_at), when(way.sent_at), clean(way.problem or ""))
        for way in found.ways
    ]
    printer.table(("channel", "last message", "sent", "problem"), rows)
    lasting = [
        (state.kind, state.subject, when(state.since), clean(state.said), clean(state.fix))
        for state in found.states
    ]
    if lasting:
        printer.table(("what", "of", "since", "said", "what to do"), lasting)
    else:
        printer.line("nothing is wrong")


def _draw_trial(session: Session, tried: list[Tried]) -> None:
    for each in tried:
        session.printer.line(f"{each.channel}: {clean(each.problem or 'sent')}")
