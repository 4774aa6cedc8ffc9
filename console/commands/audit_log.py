"""``guestlist audit-log``: who did what by hand, and whether anybody changed the record of it."""

from typing import TYPE_CHECKING

import click

from console.exits import Exit
from console.options import Section
from console.printer import clean, count
from console.session import Session, pass_session
from console.words import when

if TYPE_CHECKING:
    from guestlist.store.audit import Entry


@click.group("audit-log", cls=Section)
def audit_log() -> None:
    """Read and verify the record of what people did."""


@audit_log.command("ls")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@pass_session
def entries(session: Session, limit: int) -> None:
    """List what was done last, newest first."""
    from guestlist.store import audit

    with session.database.read() as conn:
        found = audit.recent(conn, limit=limit)
    rows = [(when(each.at), clean(each.who), each.what, _facts(each)) for each in found]
    told = [each._asdict() | {"at": each.at.isoformat()} for each in found]
    headers = ("at", "who", "what", "of")
    draw = session.printer.table
    session.printer.show("audit-log", {"entries": told}, lambda: draw(headers, rows))


@audit_log.command()
@click.option("--head", default="", metavar="DIGEST", help="A head that was kept elsewhere.")
@pass_session
def verify(session: Session, head: str) -> Exit:
    """Say whether every line is as it was written; exits 1 if not.

    Keep the head that it prints where nobody with access to the database writes, and give it
    with --head: then a chain that was written anew as a whole shows too.
    """
    from guestlist.store import audit

    with session.database.read() as conn:
        found = audit.verify(conn, kept=head)
    body = {"lines": found.lines, "head": found.head, "problem": found.problem or None}

    def draw() -> None:
        line = session.printer.line
        if found.problem:
            line(f"NOT as it was written: {found.problem}")
        else:
            line(f"{count(found.lines)} lines, each as it was written")
        line(f"head {found.head or 'none'}")

    session.printer.show("audit-verified", body, draw)
    return Exit.PARTIAL if found.problem else Exit.OK


def _facts(entry: "Entry") -> str:
    return " ".join(f"{name}={clean(str(value))}" for name, value in entry.detail.items())
