"""``guestlist conflicts``: which of two edits of one field lost, and bring it back."""

import click

from console.commands.sync import started
from console.exits import Exit
from console.options import Section, of_object
from console.printer import clean
from console.reports import ConflictReport, many, one
from console.session import Refusal, Session, pass_session
from console.words import when
from guestlist.engine.launch import start_records
from guestlist.engine.resolve import resolve
from guestlist.store import conflicts as stored
from guestlist.store.conflicts import Logged


@click.group(cls=Section)
def conflicts() -> None:
    """Look at edits that lost against a later one on the other side; bring them back."""


@conflicts.command()
@click.option("--record", metavar="RECORD", help="Only those of one record: id, e-mail or page.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@of_object
@pass_session
def ls(session: Session, *, record: str | None, limit: int, object_name: str | None) -> None:
    """List the latest conflicts, newest first."""
    name = session.object_name(object_name)
    key = resolve(session.connected, name, record) if record else None
    with session.database.read() as connection:
        found = stored.page(connection, name, key=key, limit=limit)
    headers = ("id", "when", "record", "property", "won", "kept", "lost", "restored")
    session.printer.show(
        "conflicts",
        {"conflicts": many(ConflictReport, found)},
        lambda: session.printer.table(headers, [_row(each) for each in found]),
    )


@conflicts.command()
@click.argument("conflict_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@pass_session
def show(session: Session, conflict_id: int) -> None:
    """Show one conflict with both sides' values and times."""
    logged = _logged(session, conflict_id)
    printer, conflict = session.printer, logged.conflict

    def draw() -> None:
        printer.line(f"{conflict.property} of {conflict.key}, decided {when(logged.decided_at)}")
        agreed = conflict.agreed.hubspot if conflict.agreed else None
        printer.line(f"  agreed before  {_shown(agreed)}")
        printer.line(
            f"  HubSpot        {_shown(conflict.values.hubspot)}  {when(conflict.hubspot_at)}"
        )
        salesforce = _shown(conflict.values.salesforce)
        printer.line(f"  Salesforce     {salesforce}  {when(conflict.salesforce_at)}")
        printer.line(f"  won            {conflict.winner.value}")
        if logged.restored_at:
            printer.line(f"  restored       {when(logged.restored_at)}")

    printer.show("conflict", one(ConflictReport, logged), draw)
    if not logged.restore_asked_at:
        printer.suggest(f"guestlist conflicts restore {conflict_id}")


@conflicts.command()
@click.argument("conflict_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@click.option("--wait", is_flag=True, help="Follow the run to its end.")
@pass_session
def restore(session: Session, conflict_id: int, *, wait: bool) -> Exit:
    """Give both sides the value that lost; the record still has to pass the gate."""
    services, logged = session.connected, _logged(session, conflict_id)
    conflict = logged.conflict
    session.insist(f"Write {_shown(logged.lost)} into {conflict.property} of {conflict.key}?")
    with services.database.begin() as connection:
        asked = stored.ask_restore(connection, conflict_id, by=session.who, now=services.clock())
    if not asked:
        raise Refusal(f"the value of conflict {conflict_id} was asked for already")
    run = start_records(services, logged.object, [conflict.key], by=session.who)
    return started(session, run, wait=wait)


def _logged(session: Session, conflict_id: int) -> Logged:
    with session.database.read() as connection:
        logged = stored.get(connection, conflict_id)
    if logged is None:
        raise Refusal(f"there is no conflict {conflict_id}", fix="guestlist conflicts ls")
    return logged


def _row(logged: Logged) -> tuple[object, ...]:
    conflict = logged.conflict
    hubspot_won = logged.lost == conflict.values.salesforce
    kept = conflict.values.hubspot if hubspot_won else conflict.values.salesforce
    return (
        logged.id,
        when(logged.decided_at),
        conflict.key,
        conflict.property,
        conflict.winner.value,
        _shown(kept),
        _shown(logged.lost),
        when(logged.restored_at),
    )


def _shown(value: str | None) -> str:
    return "(blank)" if value is None else clean(value)
