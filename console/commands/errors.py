"""``guestlist errors``: what a person has to act on, grouped by its cause."""

from collections.abc import Iterator
from pathlib import Path

import click

from console.commands.runs import again
from console.exits import Exit
from console.exporting import Table, export, with_export_options
from console.options import Section, of_object
from console.printer import clean, count, many_of
from console.reports import ErrorGroupReport, ErrorReport, many
from console.session import Refusal, Session, pass_session
from console.wanted import Wanted, wanted_of, which_errors
from console.words import when
from guestlist.domain.errors import Missing
from guestlist.domain.explain import describe
from guestlist.engine.resolve import resolve
from guestlist.store import audit, problems
from guestlist.store.problems import Problem, ProblemGroup, Status

PAGE = 1000

ERRORS = Table(
    "error-details",
    "errors",
    (
        *("record", "reason", "category", "who fixes it", "message", "fields", "code"),
        *("fingerprint", "status", "attempts", "first", "last", "run", "correlation id"),
    ),
    lambda error: (
        error.key,
        error.reason,
        describe(error.reason).group,
        describe(error.reason).fixer,
        error.message,
        ", ".join(error.fields),
        error.code,
        error.fingerprint,
        error.status,
        error.attempts,
        when(error.first_at),
        when(error.last_at),
        error.run_id,
        error.correlation_id,
    ),
    ErrorReport,
)


@click.group(cls=Section)
def errors() -> None:
    """Look at sync errors, retry them, ignore them."""


@errors.command()
@which_errors
@of_object
@pass_session
def ls(
    session: Session,
    *,
    category: str | None,
    reason: str | None,
    fingerprint: str | None,
    object_name: str | None,
) -> None:
    """List open errors by cause, the most frequent first, with who can fix it."""
    name = session.object_name(object_name)
    wanted = wanted_of(category, reason, fingerprint)
    with session.database.read() as connection:
        groups = [each for each in problems.groups(connection, name) if wanted.means(each)]
    total = sum(group.count for group in groups)
    body = {"object": name, "open": total, "groups": many(ErrorGroupReport, groups)}
    session.printer.show("errors", body, lambda: _draw_groups(session, groups))
    if groups:
        session.printer.suggest(f"guestlist errors show {groups[0].fingerprint}")


def _draw_groups(session: Session, groups: list[ProblemGroup]) -> None:
    if not groups:
        session.printer.line("no open errors")
        return
    rows = [
        (
            count(group.count),
            group.reason,
            describe(group.reason).fixer,
            _example(group),
            group.example_key,
            group.fingerprint,
        )
        for group in groups
    ]
    headers = ("records", "reason", "who fixes it", "for example", "record", "fingerprint")
    session.printer.table(headers, rows)


def _example(group: ProblemGroup) -> str:
    about = f"{', '.join(group.fields)}: " if group.fields else ""
    return f"{about}{group.example or describe(group.reason).sentence}"


@errors.command()
@click.argument("what", metavar="FINGERPRINT|RECORD")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1))
@of_object
@pass_session
def show(session: Session, what: str, *, limit: int, object_name: str | None) -> None:
    """Show the errors with one cause, or the error of one record, in the CRM's own words."""
    name = session.object_name(object_name)
    with session.database.read() as connection:
        found = problems.page(connection, name, fingerprint=what, status=None, limit=limit)
    if not found:
        found = [_of_record(session, name, what)]
    body = {"object": name, "errors": many(ErrorReport, found)}
    session.printer.show("error-details", body, lambda: draw(session, found))
    session.printer.suggest(f"guestlist errors retry --fingerprint {found[0].fingerprint}")


def _of_record(session: Session, name: str, what: str) -> Problem:
    key = what if what.isdecimal() else resolve(session.connected, name, what)
    with session.database.read() as connection:
        problem = problems.get(connection, name, key)
    if problem is None:
        raise Missing(f"record {key} has no sync error, and no cause has the fingerprint {what!r}")
    return problem


def draw(session: Session, found: list[Problem]) -> None:
    """Print sync errors for people, in the CRM's own words."""
    printer = session.printer
    for error in found:
        told = describe(error.reason)
        by = error.crm or "our check of the live schema"
        printer.line(f"record {error.key}: {error.reason} ({error.status}), refused by {by}")
        printer.line(f"  {clean(error.message) or told.sentence}")
        if error.fields:
            printer.line(f"  fields: {clean(', '.join(error.fields))}")
        printer.line(f"  {told.fixer}: {told.remedy}")
        support = clean(error.correlation_id) or "-"
        printer.line(f"  code {clean(error.code) or '-'}, correlation id {support}")
        printer.line(
            f"  first {when(error.first_at)}, last {when(error.last_at)}, "
            f"attempts {error.attempts}, run {error.run_id}"
        )


@errors.command()
@which_errors
@click.option("--all", "every", is_flag=True, help="All that are open.")
@click.option("--wait", is_flag=True, help="Watch it to its end.")
@of_object
@pass_session
def retry(
    session: Session,
    *,
    category: str | None,
    reason: str | None,
    fingerprint: str | None,
    every: bool,
    wait: bool,
    object_name: str | None,
) -> Exit:
    """Sync records with these errors again, in a run of their own."""
    name = session.object_name(object_name)
    wanted = wanted_of(category, reason, fingerprint)
    if not every and wanted == Wanted():
        raise Refusal("say which: --category, --reason, --fingerprint, or --all")
    keys = [problem.key for problem in _open(session, name, wanted)]
    return again(session, name, keys, wait=wait)


@errors.command()
@click.argument("records", nargs=-1, metavar="[RECORD]...")
@which_errors
@of_object
@pass_session
def ignore(
    session: Session,
    records: tuple[str, ...],
    *,
    category: str | None,
    reason: str | None,
    fingerprint: str | None,
    object_name: str | None,
) -> None:
    """Leave errors out of the counts until their cause changes."""
    name = session.object_name(object_name)
    wanted = wanted_of(category, reason, fingerprint)
    if not records and wanted == Wanted():
        raise Refusal("say which: RECORD, --category, --reason or --fingerprint")
    keys = [
        each if each.isdecimal() else resolve(session.connected, name, each) for each in records
    ]
    if wanted != Wanted():
        keys += [problem.key for problem in _open(session, name, wanted)]
    session.insist(f"Ignore the errors of {many_of(len(keys), 'record')}?")
    ignored = _ignore(session, name, keys)
    words = f"{many_of(ignored, 'error')} ignored until the cause changes"
    body = {"object": name, "ignored": ignored}
    session.printer.show("errors-ignored", body, lambda: session.printer.line(words))


def _ignore(session: Session, name: str, keys: list[str]) -> int:
    from worker.wiring import now

    at = now()
    with session.database.begin() as connection:
        ignored = problems.ignore(connection, name, keys, now=at)
        detail = {"object": name, "records": ignored}
        audit.append(connection, "errors.ignored", who=session.who, now=at, detail=detail)
    return ignored


@errors.command("export")
@which_errors
@click.option(
    "--status", type=click.Choice([str(each) for each in Status]), default="open", show_default=True
)
@with_export_options
@of_object
@pass_session
def export_(
    session: Session,
    *,
    category: str | None,
    reason: str | None,
    fingerprint: str | None,
    status: str,
    form: str | None,
    out: Path | None,
    object_name: str | None,
) -> None:
    """Write sync errors as CSV or JSON."""
    name = session.object_name(object_name)
    wanted = wanted_of(category, reason, fingerprint)
    rows = _open(session, name, wanted, status=Status(status))
    export(session, ERRORS, rows, of={"object": name}, form=form, out=out)


def _open(
    session: Session, name: str, wanted: Wanted, *, status: Status = Status.OPEN
) -> Iterator[Problem]:
    """Yield the errors that are wanted, page by page."""
    after = ""
    while True:
        with session.database.read() as connection:
            page = problems.page(
                connection,
                name,
                status=status,
                reason=wanted.reason,
                fingerprint=wanted.fingerprint,
                after_key=after,
                limit=PAGE,
            )
        yield from filter(wanted.holds, page)
        if len(page) < PAGE:
            return
        after = page[-1].key
