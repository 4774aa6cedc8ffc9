"""``guestlist list``: look at lists, choose the inclusion list, make one."""

import time

import click

from console.commands.list_answers import approve, brake_state, draw_brake, reject
from console.commands.list_diff import diff
from console.options import Section, of_object
from console.printer import clean, count
from console.reports import ListReport, many, one
from console.session import Session, pass_session
from guestlist.domain.criteria import Criterion
from guestlist.domain.explain import describe
from guestlist.domain.gate import Inclusion
from guestlist.engine import approval, lists
from guestlist.store.inclusion import Chosen
from schemas.records import ListDefinition

LOOK_EVERY_S = 1.0


@click.group("list", cls=Section)
def list_() -> None:
    """Choose who syncs: the inclusion list, an active list in HubSpot."""


list_.add_command(approve)
list_.add_command(reject)
list_.add_command(diff)


@list_.command("ls")
@click.argument("words", required=False, default="")
@click.option("--all", "every", is_flag=True, help="Static lists too; they can not be chosen.")
@of_object
@pass_session
def ls(session: Session, words: str, *, every: bool, object_name: str | None) -> None:
    """List HubSpot's active lists whose name holds WORDS."""
    name = session.object_name(object_name)
    services = session.connected
    mapping = services.schemas.object(name)
    chosen = services.inclusions.chosen_id(mapping)
    found = services.hubspot.lists(words, type_id=mapping.hubspot_type_id)
    shown = [each for each in found if every or each.active]
    body = {"object": name, "inclusion_list": chosen, "lists": many(ListReport, shown)}
    session.printer.show("lists", body, lambda: _draw(session, shown, chosen))


def _draw(session: Session, shown: list[ListDefinition], chosen: str | None) -> None:
    rows = [
        (
            each.list_id,
            each.name,
            "active" if each.active else "static",
            "" if each.size is None else count(each.size),
            "inclusion list" if each.list_id == chosen else "",
        )
        for each in shown
    ]
    session.printer.table(("id", "name", "kind", "members", ""), rows)
    if not chosen:
        session.printer.suggest("guestlist list use ID")


@list_.command()
@of_object
@pass_session
def show(session: Session, object_name: str | None) -> None:
    """Show the inclusion list as it is in HubSpot now, and its brake."""
    name = session.object_name(object_name)
    inclusion = lists.show(session.connected, name)
    choice = approval.choice_of(session.connected, name)
    state = brake_state(inclusion, choice, session.services.settings.guards)
    body = {"object": name, **body_of(inclusion), **state}
    session.printer.show(
        "inclusion", body, lambda: _draw_inclusion(session, inclusion, choice, name)
    )


def body_of(inclusion: Inclusion | None) -> dict[str, object]:
    if inclusion is None:
        return {"list": None, "usable": True, "problem": None, "not_evaluated": []}
    definition = inclusion.definition
    return {
        "list": one(ListReport, definition) if definition else None,
        "usable": inclusion.problem is None,
        "problem": inclusion.problem,
        "not_evaluated": list(inclusion.filter.unknowable) if inclusion.filter else [],
    }


def _draw_inclusion(
    session: Session, inclusion: Inclusion | None, choice: Chosen | None, name: str
) -> None:
    printer = session.printer
    if inclusion is None:
        printer.line(f"no inclusion list is set for {name}: everybody may sync")
        printer.suggest("guestlist list ls")
        return
    if inclusion.definition:
        printer.line(_sentence(inclusion.definition))
    if inclusion.problem:
        told = describe(inclusion.problem)
        printer.line(f"{inclusion.problem}: {told.sentence} {told.remedy}")
    elif inclusion.filter and not inclusion.filter.knowable:
        asked = ", ".join(map(clean, inclusion.filter.unknowable))
        printer.line(f"its filters ask what can not be checked here ({asked}):")
        printer.line("changed records wait until HubSpot has had time to evaluate them")
    draw_brake(session, inclusion, choice)


def _sentence(definition: ListDefinition) -> str:
    size = "an unknown number of" if definition.size is None else count(definition.size)
    status = definition.processing_status.lower()
    return (
        f"{clean(definition.name)} ({definition.list_id}): {size} members, "
        f"version {definition.version}, {status}"
    )


@list_.command()
@click.argument("wanted", metavar="LIST")
@of_object
@pass_session
def use(session: Session, wanted: str, object_name: str | None) -> None:
    """Make LIST (id or name) the inclusion list.  This syncs nobody."""
    name = session.object_name(object_name)
    services = session.connected
    definition = lists.find_list(services, name, wanted)
    lists.refuse_unfit(services.schemas.object(name), definition)
    _use(session, name, definition)


def _use(session: Session, name: str, definition: ListDefinition) -> None:
    services, printer = session.connected, session.printer
    with printer.progress("comparing members") as update:
        shift = lists.shift(services, name, definition)
        update(1, 1)
    printer.say(_sentence(definition))
    enters = "record enters" if shift.enter == 1 else "records enter"
    leaves = "leaves" if shift.leave == 1 else "leave"
    printer.say(f"{_number(shift.enter)} {enters}, {_number(shift.leave)} {leaves}")
    session.insist(f"Make it the inclusion list of {name}?")
    lists.use(services, name, definition, by=session.who)
    body = {
        "object": name,
        "list": one(ListReport, definition),
        "enter": shift.enter,
        "leave": shift.leave,
        "synced": 0,
    }
    printer.show("list-use", body, lambda: printer.line(_chosen(definition, name)))
    printer.suggest("guestlist plan")


def _chosen(definition: ListDefinition, name: str) -> str:
    return f"{clean(definition.name)} is the inclusion list of {name}. This syncs nobody by itself."


def _number(records: int | None) -> str:
    return "too many to count" if records is None else count(records)


@list_.command()
@of_object
@pass_session
def clear(session: Session, object_name: str | None) -> None:
    """Set no inclusion list: everybody may sync."""
    name = session.object_name(object_name)
    session.insist(f"Without a list every record of {name} may sync. Clear it?")
    lists.clear(session.services, name, by=session.who)
    body = {"object": name, "list": None}
    words = f"no inclusion list is set for {name}: everybody may sync"
    session.printer.show("list-clear", body, lambda: session.printer.line(words))


@list_.command()
@click.argument("title", metavar="NAME")
@click.option(
    "--filter",
    "triples",
    nargs=3,
    multiple=True,
    required=True,
    metavar="PROPERTY OPERATOR VALUE",
    help="A condition members meet; all of them, if given more than once. "
    "Several values are separated by ';'.",
)
@click.option("--use/--no-use", "wanted", default=None, help="Make it the inclusion list at once.")
@click.option("--wait", "seconds", default=600, show_default=True, help="Wait so many seconds.")
@of_object
@pass_session
def create(
    session: Session,
    title: str,
    triples: tuple[tuple[str, str, str], ...],
    *,
    wanted: bool | None,
    seconds: int,
    object_name: str | None,
) -> None:
    """Make an active list in HubSpot, and wait while HubSpot fills it.

    For example: guestlist list create "Customers" --filter lifecyclestage IS_ANY_OF customer
    """
    name = session.object_name(object_name)
    criteria = [Criterion(*triple) for triple in triples]
    definition = lists.create(session.connected, name, title, criteria)
    definition = _wait(session, definition, seconds)
    if wanted is None and (session.can_ask or session.asked.yes):
        wanted = session.confirm(f"Make it the inclusion list of {name}?")
    if wanted:
        _use(session, name, definition)
        return
    body = {"object": name, "list": one(ListReport, definition)}
    session.printer.show("list", body, lambda: session.printer.line(_sentence(definition)))
    session.printer.suggest(f"guestlist list use {definition.list_id}")


def _wait(session: Session, definition: ListDefinition, seconds: int) -> ListDefinition:
    until = time.monotonic() + seconds

    def pause() -> bool:
        time.sleep(LOOK_EVERY_S)
        return time.monotonic() < until

    with session.printer.progress("HubSpot fills the list") as update:
        ready = lists.wait_until_processed(
            session.connected,
            definition.list_id,
            progress=lambda now: update(now.size or 0, None, now.processing_status.lower()),
            pause=pause,
        )
        update(ready.size or 0, ready.size or 0, ready.processing_status.lower())
    if ready.processing_status == "PROCESSING":
        session.printer.warn("HubSpot still fills the list; its size is not final")
    return ready
