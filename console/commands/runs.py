"""``guestlist runs``: look at runs and at what became of their records."""

from collections.abc import Iterator
from pathlib import Path

import click

from console.commands.sync import started
from console.exits import Exit
from console.exporting import Table, export, with_export_options
from console.options import Section, of_object
from console.printer import clean, count
from console.reports import RecordReport, RunReport, TallyReport, many, one
from console.session import Refusal, Session, pass_session
from console.wanted import by_reason
from console.watching import find_run
from console.words import run_line, show_changes, when
from guestlist.domain.ages import Summary, summary
from guestlist.domain.explain import describe
from guestlist.domain.outcome import ASKED_FOR, Outcome, RunKind
from guestlist.domain.reason import Reason
from guestlist.engine.launch import lane_for, start_records
from guestlist.store import listing, proofs
from guestlist.store import runs as stored
from guestlist.store.listing import Tally, WorkRow
from guestlist.store.runs import Run

PAGE = 1000
OUTCOME = click.Choice([str(each) for each in Outcome])
KIND = click.Choice([str(each) for each in RunKind])

RECORDS = Table(
    "records",
    "records",
    ("record", "state", "outcome", "reason", "who fixes it", "twin", "facts", "finished"),
    lambda row: (
        row.key,
        row.state,
        row.outcome,
        row.reason,
        describe(row.reason).fixer if row.reason else "",
        " ".join(row.twin or ()),
        "; ".join(f"{name}: {value}" for name, value in row.facts.items()),
        when(row.finished_at),
    ),
    RecordReport,
)


@click.group(cls=Section)
def runs() -> None:
    """Look at runs and at their records."""


@runs.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1))
@click.option("--all", "every", is_flag=True, help="Also those that polls start all the time.")
@click.option("--kind", type=KIND, help="Only runs of this kind.")
@of_object
@pass_session
def ls(
    session: Session, *, limit: int, every: bool, kind: str | None, object_name: str | None
) -> None:
    """List the latest runs, newest first; those of polls only with --all or --kind."""
    kinds = [RunKind(kind)] if kind else list(RunKind) if every else ASKED_FOR
    with session.database.read() as connection:
        found = stored.recent(connection, limit=limit, object=object_name, kinds=kinds)
    rows = [
        (run.id, run.kind, run.state, when(run.created_at), run.requested_by, run_line(run))
        for run in found
    ]
    headers = ("run", "kind", "state", "started", "by", "records")
    session.printer.show(
        "runs",
        {"runs": many(RunReport, found)},
        lambda: session.printer.table(headers, rows),
    )


@runs.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@pass_session
def show(session: Session, run_id: str | None) -> None:
    """Show RUN, or the latest: its counts by outcome and reason."""
    run = find_run(session, run_id)
    with session.database.read() as connection:
        tallies = listing.outcomes(connection, run.id)
        ages = summary(proofs.get(connection, run.id))
    body = {
        **one(RunReport, run),
        "reasons": many(TallyReport, tallies),
        "proof_age_s": ages._asdict() if ages else None,
    }
    session.printer.show("run", body, lambda: _draw(session, run, tallies, ages))
    if run.failed:
        session.printer.suggest("guestlist errors ls")


def _draw(session: Session, run: Run, tallies: list[Tally], ages: Summary | None) -> None:
    printer = session.printer
    where = f" over list {run.list_id}, version {run.list_version}" if run.list_id else ""
    printer.line(f"{run.id}: {run.kind} of {run.object}{where}")
    printer.line(f"{run.state}: {run_line(run)}")
    printer.line(f"started {when(run.created_at)} by {clean(run.requested_by)}")
    if run.finished_at:
        took = (run.finished_at - run.created_at).total_seconds()
        printer.line(f"ended {when(run.finished_at)}, after {took:,.1f} s")
    calls = f"HubSpot {count(run.hubspot_calls)}, Salesforce {count(run.salesforce_calls)}"
    printer.line(f"API calls: {calls}")
    if ages:
        spread = f"{ages.p50:g} s (half), {ages.p99:g} s (99 %), {ages.max:g} s (all)"
        printer.line(f"membership proofs at {count(ages.writes)} writes, no older than: {spread}")
    rows = [
        (
            count(each.count),
            each.outcome or each.state,
            each.reason,
            describe(each.reason).sentence if each.reason else "",
        )
        for each in tallies
    ]
    if rows:
        printer.table(("records", "outcome", "reason", "meaning"), rows)


@runs.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--outcome", type=OUTCOME, help="Only records that ended so.")
@by_reason("records")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1))
@click.option("--after", default="", metavar="RECORD", help="Go on after this record.")
@pass_session
def records(
    session: Session,
    run_id: str | None,
    *,
    outcome: str | None,
    reason: str | None,
    limit: int,
    after: str,
) -> None:
    """List the records of RUN, or of the latest."""
    run = find_run(session, run_id)
    with session.database.read() as connection:
        rows = listing.page(
            connection,
            run.id,
            outcome=Outcome(outcome) if outcome else None,
            reason=Reason(reason) if reason else None,
            after_key=after,
            limit=limit,
        )
    body = {"run": run.id, "records": many(RecordReport, rows)}
    session.printer.show("records", body, lambda: _draw_records(session, rows))
    if len(rows) == limit:
        session.printer.suggest(f"guestlist runs records {run.id} --after {rows[-1].key}")


def _draw_records(session: Session, rows: list[WorkRow]) -> None:
    cells = [
        (
            row.key,
            row.outcome or row.state,
            row.reason,
            " ".join(row.twin or ()),
            "; ".join(f"{name}: {value}" for name, value in row.facts.items()),
        )
        for row in rows
    ]
    session.printer.table(("record", "outcome", "reason", "twin", "facts"), cells)
    if session.asked.verbose:
        for row in rows:
            session.printer.line(row.key)
            show_changes(session.printer, row.changes)


@runs.command("export")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--outcome", type=OUTCOME, help="Only records that ended so.")
@by_reason("records")
@with_export_options
@pass_session
def export_(
    session: Session,
    run_id: str | None,
    *,
    outcome: str | None,
    reason: str | None,
    form: str | None,
    out: Path | None,
) -> None:
    """Write the records of RUN, or of the latest, as CSV or JSON."""
    run = find_run(session, run_id)
    rows = _rows(
        session,
        run.id,
        outcome=Outcome(outcome) if outcome else None,
        reason=Reason(reason) if reason else None,
    )
    export(session, RECORDS, rows, of={"run": run.id}, form=form, out=out)


def _rows(
    session: Session, run_id: str, *, outcome: Outcome | None, reason: Reason | None
) -> Iterator[WorkRow]:
    """Yield a run's records page by page, each in a short transaction of its own."""
    after = ""
    while True:
        with session.database.read() as connection:
            page = listing.page(
                connection, run_id, outcome=outcome, reason=reason, after_key=after, limit=PAGE
            )
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].key


@runs.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--outcome", type=OUTCOME, default="failed", show_default=True)
@by_reason("records")
@click.option("--wait", is_flag=True, help="Watch it to its end.")
@pass_session
def retry(
    session: Session, run_id: str | None, *, outcome: str, reason: str | None, wait: bool
) -> Exit:
    """Sync the failed records of RUN, or of the latest, again in a run of their own."""
    run = find_run(session, run_id)
    if not run.finished_at:
        raise Refusal(f"{run.id} is {run.state}: it has not ended yet")
    wanted = Reason(reason) if reason else None
    rows = _rows(session, run.id, outcome=Outcome(outcome), reason=wanted)
    return again(session, run.object, [row.key for row in rows], parent=run.id, wait=wait)


def again(
    session: Session, name: str, keys: list[str], *, wait: bool, parent: str | None = None
) -> Exit:
    """Start a run over *keys*, or say that there are none."""
    if not keys:
        body = {"run": None, "records": 0}
        session.printer.show("retry", body, lambda: session.printer.line("nothing to retry"))
        return Exit.OK
    services = session.connected
    run = start_records(
        services,
        name,
        keys,
        by=session.who,
        kind=RunKind.ERRORS,
        lane=lane_for(services, len(keys)),
        parent=parent,
    )
    return started(session, run, wait=wait)
