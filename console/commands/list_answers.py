"""``guestlist list approve`` and ``reject``: a person's answer to a list that changed too much."""

from typing import Any

import click

from console.options import of_object
from console.printer import Printer, clean, count, many_of
from console.session import Session, pass_session
from console.words import when
from guestlist.domain.brake import Baseline, Hold, band, told
from guestlist.domain.gate import Inclusion
from guestlist.engine import approval
from guestlist.engine.approval import Difference, Side
from guestlist.store.inclusion import Chosen
from schemas.settings import GuardSettings


@click.command()
@of_object
@pass_session
def approve(session: Session, object_name: str | None) -> None:
    """Let the newcomers of a held list in, after showing who enters and who leaves."""
    name = session.object_name(object_name)
    services, printer = session.connected, session.printer
    held = approval.held(services, name)
    found = _show_difference(session, name, held.inclusion)
    session.insist(f"Let them in, and hold {name} against the list as it is now?")
    if approval.first_yes(services, name, held, by=session.who):
        first: dict[str, Any] = {"object": name, "state": "held", "first_yes": session.who}
        words = f"{session.who} said yes; it is held until somebody else does too"
        printer.show("list-approve", first, lambda: printer.line(words))
        return
    run = approval.approve(services, name, held, by=session.who)
    body = {
        "object": name,
        "state": "open",
        "run": run.id if run else None,
        "difference": difference_body(found),
    }
    words = "approved: the list is held against what it is now"
    again = f"; {count(run.enumerated)} held records are looked at again ({run.id})" if run else ""
    printer.show("list-approve", body, lambda: printer.line(words + again))


@click.command()
@of_object
@pass_session
def reject(session: Session, object_name: str | None) -> None:
    """Keep the newcomers of a held list out until the list is as it was."""
    name = session.object_name(object_name)
    services, printer = session.connected, session.printer
    held = approval.held(services, name)
    found = _show_difference(session, name, held.inclusion)
    session.insist(f"Keep the newcomers of {name} out until the list is as it was?")
    approval.reject(services, name, held, by=session.who)
    body = {"object": name, "state": "held", "difference": difference_body(found)}
    words = "rejected: put the list right in HubSpot, and the brake comes off by itself"
    printer.show("list-reject", body, lambda: printer.line(words))


def _show_difference(session: Session, name: str, inclusion: Inclusion) -> Difference | None:
    printer = session.printer
    with printer.progress("comparing members") as update:
        found = approval.difference(session.connected, name, inclusion)
        update(1, 1)
    if found is None:
        printer.say("the list is gone, or too large to say who enters and who leaves")
        return None
    _say_side(printer, "would be new", found.enter)
    _say_side(printer, "synced before, and not in it now", found.leave)
    return found


def _say_side(printer: Printer, words: str, side: Side) -> None:
    printer.say(f"{many_of(side.count, 'record')} {words}")
    for person in side.sample:
        printer.say(f"  {person.id} {clean(person.email or '')}")


def difference_body(found: Difference | None) -> dict[str, Any] | None:
    """Return who enters and leaves, counted, with a few of them; ``None``: too many to count."""
    if found is None:
        return None
    return {
        name: {
            "count": side.count,
            "sample": [{"record": each.id, "email": each.email} for each in side.sample],
        }
        for name, side in (("enter", found.enter), ("leave", found.leave))
    }


def brake_state(
    inclusion: Inclusion | None, choice: Chosen | None, guards: GuardSettings
) -> dict[str, Any]:
    """Return what ``list show --json`` says of the brake."""
    if inclusion is None:
        return {"state": "none", "held": None, "brake": None}
    held = choice.hold if choice else None
    allowed = band(choice.baseline, guards) if choice else None
    state = "unusable" if inclusion.problem else "held" if held else "open"
    return {
        "state": state,
        "held": hold_body(held) if held else None,
        "brake": {
            "baseline": choice.baseline.size if choice else None,
            "lowest": allowed.lowest if allowed else None,
            "highest": allowed.highest if allowed else None,
        },
    }


def hold_body(held: Hold) -> dict[str, Any]:
    """Return why and since when a list is held."""
    return {
        "cause": held.cause.value,
        "since": held.at.isoformat(),
        "size": held.size,
        "entered": held.entered,
        "left": held.left,
        "rejected_by": held.rejected_by,
        "rejected_at": held.rejected_at.isoformat() if held.rejected_at else None,
    }


def draw_brake(session: Session, inclusion: Inclusion, choice: Chosen | None) -> None:
    """Say whether the list is held and why, and between which sizes it is not."""
    printer = session.printer
    if choice is None:
        return
    if choice.hold:
        _draw_hold(printer, choice.hold, choice.baseline)
        if inclusion.problem is None:
            printer.suggest("guestlist list approve, or guestlist list reject")
    elif allowed := band(choice.baseline, session.services.settings.guards):
        sizes = f"{count(allowed.lowest)} to {count(allowed.highest)}"
        printer.line(f"the brake lets it have {sizes} members before it asks a person")


def _draw_hold(printer: Printer, held: Hold, baseline: Baseline) -> None:
    printer.line(f"HELD since {when(held.at)}: {told(held.cause)}. Nobody new comes in;")
    printer.line("members that are linked already go on, nothing is unlinked or deleted")
    if held.size is not None and baseline.size is not None:
        sizes = f"{count(baseline.size)} members when agreed on, {count(held.size)} when held"
        printer.line(sizes)
    if held.entered is not None and held.left is not None:
        printer.line(f"counted: {count(held.entered)} entered, {count(held.left)} left")
    if held.rejected_by and held.rejected_at:
        by = f"{clean(held.rejected_by)}, {when(held.rejected_at)}"
        printer.line(f"rejected by {by}: it waits to be as it was")
