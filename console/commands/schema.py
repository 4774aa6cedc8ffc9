"""``guestlist schema``: the fields of both CRMs, read anew, and what changed about them."""

import click

from console.exits import Exit
from console.options import Section, of_object
from console.printer import clean, count
from console.reports import SchemaChangeReport, SchemaReadingReport, many
from console.session import Session, pass_session
from console.words import when
from guestlist.engine import redescribe
from guestlist.engine.redescribe import Compared


@click.group(cls=Section)
def schema() -> None:
    """Read both CRMs' fields anew, and say what changed."""


@schema.command()
@of_object
@pass_session
def refresh(session: Session, object_name: str | None) -> None:
    """Read both CRMs' schemas now; every worker goes by them from its next batch on."""
    name = session.object_name(object_name)
    found = redescribe.refresh(session.connected, name)
    session.printer.show("schema", _body(name, found), lambda: _draw(session, found))
    if any(each.mapped for each in found.changes):
        session.printer.suggest("guestlist mapping check")


@schema.command()
@click.option("--exit-code", is_flag=True, help="Exit with 10 if anything changed.")
@of_object
@pass_session
def diff(session: Session, *, exit_code: bool, object_name: str | None) -> Exit:
    """Show what changed about the fields since they were last read; keep what is known.

    Fields that are mapped come first.
    """
    name = session.object_name(object_name)
    found = redescribe.compare(session.connected, name)
    session.printer.show("schema-diff", _body(name, found), lambda: _draw(session, found))
    if found.changes:
        session.printer.suggest("guestlist schema refresh")
    return Exit.PENDING if exit_code and found.changes else Exit.OK


def _body(name: str, found: Compared) -> dict[str, object]:
    return {
        "object": name,
        "schemas": many(SchemaReadingReport, found.readings),
        "changes": many(SchemaChangeReport, found.changes),
    }


def _draw(session: Session, found: Compared) -> None:
    printer = session.printer
    for each in found.readings:
        before = f"last read {when(each.read_at)}" if each.read_at else "never read before"
        printer.line(f"{each.crm} {each.type}: {count(each.fields)} fields, {before}")
    if not found.changes:
        printer.line("nothing changed")
        return
    rows = [
        (
            "mapped" if each.mapped else "",
            f"{each.crm} {each.type}",
            clean(each.change.field),
            each.change.difference,
            clean(each.change.before) or "-",
            clean(each.change.after) or "-",
        )
        for each in found.changes
    ]
    printer.table(("", "object", "field", "what", "was", "is"), rows)
