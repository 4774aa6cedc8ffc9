"""``guestlist plan``: the reads and the decisions of a sync, and no write."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from console.exits import Exit
from console.options import of_object
from console.planning import Planned, body_of, planned
from console.printer import as_json, clean, count, many_of
from console.session import Session, pass_session
from console.words import show_changes, show_planned


@click.command()
@click.option("--record", "records", multiple=True, metavar="RECORD", help="Only this; repeatable.")
@click.option("--limit", type=click.IntRange(min=1), help="Only so many members of the list.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Keep it in a file.")
@click.option("--exit-code", is_flag=True, help="Exit with 10 if anything would be written.")
@of_object
@pass_session
def plan(
    session: Session,
    records: tuple[str, ...],
    *,
    limit: int | None,
    out: Path | None,
    exit_code: bool,
    object_name: str | None,
) -> Exit:
    """Show what a sync started now would do, and what it would cost.

    RECORD is an id, an e-mail address, or a page's address in either CRM.
    """
    name = session.object_name(object_name)
    made = planned(session, name, records=records, limit=limit)
    body = body_of(made)
    if out:
        _keep(out, as_json("plan", body))
        session.printer.say(f"kept in {out}")
    session.printer.show("plan", body, lambda: _draw(session, made))
    pending = made.preview.salesforce_writes or made.preview.hubspot_writes
    if pending:
        session.printer.suggest(_start(records, limit, out))
    return Exit.PENDING if exit_code and pending else Exit.OK


def _start(records: Sequence[str], limit: int | None, kept: Path | None) -> str:
    """Return the command that carries out what was planned."""
    line = ["guestlist", "sync", "start"]
    if records:
        line += [word for each in records for word in ("--record", each)]
    elif kept:
        line += ["--plan", str(kept)]
    elif limit:
        line += ["--limit", str(limit)]
    return shlex.join(line)


def _keep(path: Path, text: str) -> None:
    """Its samples hold values of records: nobody else may read the file."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text + "\n", encoding="utf-8")


def _draw(session: Session, made: Planned) -> None:
    printer, preview = session.printer, made.preview
    printer.line(f"{many_of(preview.members, 'record')} looked at")
    show_planned(printer, preview.outcomes)
    for key, changes in preview.samples:
        printer.line(f"record {clean(key)}")
        show_changes(printer, changes)
    for crm, cost in preview.cost._asdict().items():
        printer.line(f"{crm}: about {count(cost)} API calls{made.allowances[crm].words()}")
