"""``guestlist follow``: let changes sync by themselves, or stop; nothing is followed before."""

from datetime import datetime

import click

from console.exits import Exit
from console.halted import warn_if_halted
from console.options import Section, of_object
from console.reports import FollowingReport, many, one
from console.session import Session, pass_session
from console.words import when
from guestlist.engine import follow as following
from guestlist.engine.follow import Following


@click.group(cls=Section)
def follow() -> None:
    """Keep an object in step by itself: changes, joins and leaves of both CRMs."""


@follow.command()
@of_object
@pass_session
def on(session: Session, *, object_name: str | None) -> None:
    """Look for changes from now on.  What changed before is not synced by this."""
    name, services = session.object_name(object_name), session.connected
    begun = following.turn_on(services, name, by=session.who)
    _tell(session, name, "is followed from now on" if begun else "is followed already")
    if begun:
        session.printer.say("changes are looked for while beat and a worker run")
        session.printer.suggest("guestlist follow status")


@follow.command()
@of_object
@pass_session
def off(session: Session, *, object_name: str | None) -> None:
    """Look for no more changes; what was found already is still synced."""
    name = session.object_name(object_name)
    stopped = following.turn_off(session.services, name, by=session.who)
    _tell(session, name, "is not followed any more" if stopped else "was not followed")


@follow.command()
@pass_session
def status(session: Session) -> Exit:
    """Show what is followed, how far it was read, and when it was last looked at."""
    services = session.services
    found, now = following.status(services), services.clock()
    late = {each.object: each.late(services.settings.polls, now=now) for each in found}
    session.printer.show(
        "follow",
        {"objects": [{**one(FollowingReport, each), "late": late[each.object]} for each in found]},
        lambda: _draw(session, found, now),
    )
    warn_if_halted(session)
    for name, streams in late.items():
        if streams:
            words = ", ".join(streams)
            session.printer.warn(
                f"{name}: nobody looked for too long at {words}: do beat and a worker run?"
            )
    return Exit.PARTIAL if any(late.values()) else Exit.OK


def _tell(session: Session, name: str, what: str) -> None:
    found = [each for each in following.status(session.services) if each.object == name]
    body = {"objects": many(FollowingReport, found)}
    session.printer.show("follow", body, lambda: session.printer.line(f"{name} {what}"))


def _draw(session: Session, found: list[Following], now: datetime) -> None:
    printer = session.printer
    for each in found:
        if each.follow is None or not each.follow.on:
            printer.line(f"{each.object}: not followed (guestlist follow on)")
            continue
        by, since = each.follow.by, when(each.follow.since)
        printer.line(f"{each.object}: followed since {since}, turned on by {by}")
        rows = [
            (place.stream, when(place.cursor.at), when(place.looked_at), _ago(place.looked_at, now))
            for place in each.places
        ]
        printer.table(("stream", "read to", "last look", "ago"), rows)


def _ago(at: datetime | None, now: datetime) -> str:
    return "" if at is None else f"{(now - at).total_seconds():,.0f} s"
