"""``guestlist plan``: the reads and the decisions of a sync, and no write."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from console.choosing import SinceType, choosing, refuse_together
from console.exits import Exit
from console.options import of_object
from console.planning import Planned, body_of, planned, planned_of
from console.printer import as_json, clean, count, many_of
from console.session import Session, pass_session
from console.words import show_changes, show_planned, when
from guestlist.domain.since import Since
from guestlist.engine.changed import changed_since
from guestlist.engine.resolve import resolve_all


@click.command()
@choosing
@click.option(
    "--since", type=SinceType(), help="Only what changed in HubSpot since: a day, a time, 2h."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Keep it in a file.")
@click.option("--exit-code", is_flag=True, help="Exit with 10 if anything would be written.")
@of_object
@pass_session
def plan(
    session: Session,
    records: tuple[str, ...],
    *,
    whole_list: bool,
    limit: int | None,
    since: Since | None,
    out: Path | None,
    exit_code: bool,
    object_name: str | None,
) -> Exit:
    """Show what a sync started now would do, and what it would cost.

    RECORD is an id, an e-mail address, or a page's address in either CRM.  T is a day
    (2026-08-01, from midnight UTC), a time with its zone (2026-08-01T09:00+02:00), or an age
    (90m, 2h, 7d).
    """
    refuse_together(list=whole_list, record=records, since=since)
    refuse_together(limit=limit, record=records, since=since)
    made = _made(session, session.object_name(object_name), records, since=since, limit=limit)
    body = body_of(made)
    if out:
        _keep(out, as_json("plan", body))
        session.printer.say(f"kept in {out}")
    session.printer.show("plan", body, lambda: _draw(session, made))
    pending = made.preview.salesforce_writes or made.preview.hubspot_writes
    if pending:
        session.printer.suggest(_next(records, made, out))
    return Exit.PENDING if exit_code and pending else Exit.OK


def _made(
    session: Session, name: str, records: Sequence[str], *, since: Since | None, limit: int | None
) -> Planned:
    if since:
        changed = changed_since(session.connected, name, since)
        return planned_of(session, name, changed.keys, since=changed.since)
    if records:
        return planned_of(session, name, resolve_all(session.connected, name, records))
    return planned(session, name, limit=limit)


def _next(records: Sequence[str], made: Planned, kept: Path | None) -> str:
    """Return the command that carries out what was planned, or first keeps what changed."""
    line = ["guestlist", "sync", "start"]
    if kept:
        line += ["--plan", str(kept)]
    elif made.since:
        return f"guestlist plan --since {made.since:%Y-%m-%dT%H:%M:%SZ} --out plan.json"
    elif records:
        line += [word for each in records for word in ("--record", each)]
    elif made.limit:
        line += ["--limit", str(made.limit)]
    return shlex.join(line)


def _keep(path: Path, text: str) -> None:
    """Its samples hold values of records: nobody else may read the file."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text + "\n", encoding="utf-8")


def _draw(session: Session, made: Planned) -> None:
    printer, preview = session.printer, made.preview
    changed = f", changed in HubSpot since {when(made.since)}" if made.since else ""
    printer.line(f"{many_of(preview.members, 'record')} looked at{changed}")
    if preview.members:
        show_planned(printer, preview.outcomes)
    for key, changes in preview.samples:
        printer.line(f"record {clean(key)}")
        show_changes(printer, changes)
    for crm, cost in preview.cost._asdict().items():
        printer.line(f"{crm}: about {count(cost)} API calls{made.allowances[crm].words()}")
