"""``guestlist list diff``: who would enter and who would leave if another list were chosen."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import click

from console.options import of_object
from console.printer import clean, many_of
from console.reports import ListReport, one
from console.session import Refusal, Session, pass_session
from guestlist.engine import approval, lists
from guestlist.engine.approval import Person

ENTER, LEAVE = "enter", "leave"
WORDS = {ENTER: "would enter", LEAVE: "would leave"}


class Page(NamedTuple):
    """One side's count, and a page of who is in it."""

    total: int | None
    """``None``: a list is too large to compare."""
    people: Sequence[Person]
    next: str | None
    """The id after which the next page begins."""


@click.command()
@click.argument("wanted", metavar="LIST")
@click.option("--side", type=click.Choice([ENTER, LEAVE]), help="Only who enters, or leaves.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--after", default="", metavar="ID", help="Go on after this one; with --side.")
@of_object
@pass_session
def diff(
    session: Session,
    wanted: str,
    *,
    side: str | None,
    limit: int,
    after: str,
    object_name: str | None,
) -> None:
    """Show who would enter and who would leave if LIST (id or name) were chosen.

    Nothing is chosen, and nobody is synced.
    """
    if after and not side:
        raise Refusal("--after goes on within one side: add --side enter, or --side leave")
    name = session.object_name(object_name)
    services = session.connected
    definition = lists.find_list(services, name, wanted)
    lists.refuse_unfit(services.schemas.object(name), definition)
    with session.printer.progress("comparing members") as update:
        moves = lists.exchange(services, name, definition)
        update(1, 1)
    pages = {
        each: _page(session, name, getattr(moves, each), limit=limit, after=after)
        for each in (ENTER, LEAVE)
        if side in {None, each}
    }
    body = {
        "object": name,
        "list": one(ListReport, definition),
        **{each: _body(page) for each, page in pages.items()},
    }
    session.printer.show("list-diff", body, lambda: _draw(session, wanted, pages))


def _page(
    session: Session, name: str, ids: frozenset[str] | None, *, limit: int, after: str
) -> Page:
    if ids is None:
        return Page(None, (), None)
    ordered = sorted(ids, key=_number)
    left = [each for each in ordered if not after or _number(each) > _number(after)]
    shown = left[:limit]
    people = approval.people(session.connected, name, shown)
    return Page(len(ids), people, shown[-1] if len(left) > limit else None)


def _number(id: str) -> tuple[int, str]:
    """Order ids as they grow: HubSpot's are numbers."""
    return (len(id), id)


def _body(page: Page) -> dict[str, Any]:
    return {
        "count": page.total,
        "records": [{"record": each.id, "email": each.email} for each in page.people],
        "next": page.next,
    }


def _draw(session: Session, wanted: str, pages: dict[str, Page]) -> None:
    printer = session.printer
    for side, page in pages.items():
        if page.total is None:
            printer.line(f"too many to say who {WORDS[side]}")
            continue
        printer.line(f"{many_of(page.total, 'record')} {WORDS[side]}")
        for person in page.people:
            printer.line(f"  {person.id} {clean(person.email or '')}".rstrip())
        if page.next:
            printer.suggest(
                f"guestlist list diff {clean(wanted)} --side {side} --after {page.next}"
            )
