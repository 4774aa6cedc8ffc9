"""``guestlist explain``: why a record did or did not sync, and what would change that."""

from collections.abc import Iterator
from typing import Any

import click

from console.exits import Exit
from console.halted import warn_if_halted
from console.options import of_object
from console.printer import clean
from console.reports import (
    ChangeReport,
    ErrorReport,
    HoldReport,
    RecordReport,
    StepReport,
    many,
    one,
    reason_in_words,
    twin,
)
from console.session import Session, pass_session
from console.words import planned_words, show_changes, when
from guestlist.domain.explain import describe
from guestlist.domain.reason import Reason
from guestlist.domain.settle import planned_outcome
from guestlist.engine.explain import Explained
from guestlist.engine.explain import explain as look
from guestlist.store.problems import Status
from schemas.records import Crm


@click.command()
@click.argument("record", metavar="RECORD")
@click.option("--history", is_flag=True, help="What became of it in past runs.")
@click.option("--exit-code", is_flag=True, help="Exit with 10 unless it is in step.")
@of_object
@pass_session
def explain(
    session: Session, record: str, *, history: bool, exit_code: bool, object_name: str | None
) -> Exit:
    """Say why RECORD did or did not sync, from both CRMs as they are now.

    RECORD is an id, an e-mail address, or a page's address in either CRM.
    """
    name = session.object_name(object_name)
    told = look(session.connected, name, record)
    session.printer.show("explanation", body_of(told), lambda: draw(session, told, history=history))
    warn_if_halted(session)
    in_step = told.reason is Reason.UNCHANGED
    return Exit.PENDING if exit_code and not in_step else Exit.OK


def body_of(told: Explained) -> dict[str, Any]:
    return {
        "object": told.object,
        "record": told.key,
        "outcome": planned_outcome(told.decision)[0].value,
        **reason_in_words(told.reason),
        "path": many(StepReport, told.steps),
        "facts": dict(told.facts),
        "twin": twin(told.twin),
        "would_change": many(ChangeReport, told.would_change),
        "held": many(HoldReport, told.held),
        "history": many(RecordReport, told.history),
        "error": one(ErrorReport, told.problem) if told.problem else None,
    }


def draw(session: Session, told: Explained, *, history: bool) -> None:
    """Print the path of a decision for people."""
    printer = session.printer
    outcome = planned_outcome(told.decision)[0]
    printer.line(_names(told))
    meaning = planned_words(outcome, told.reason)
    printer.line(f"{told.reason}, a sync now would end as {outcome}: {meaning}")
    printer.line()
    printer.table(("question", "answer", "because"), told.steps)
    remedies = list(_remedies(told))
    if told.facts or told.would_change or told.held or remedies:
        printer.line()
    for name, value in told.facts.items():
        printer.line(f"{clean(name).replace('_', ' ')}: {clean(value)}")
    if told.would_change:
        passed = told.reason in {Reason.SYNCED, Reason.UNCHANGED}
        printer.line("would be written:" if passed else "would be written if it passed:")
        show_changes(printer, told.would_change)
    for each in told.held:
        printer.line(f"held, {each.reason}: {each.name}: {each.message}; {each.fix}")
    for line in remedies:
        printer.line(line)
    if history:
        _draw_history(session, told)


def _names(told: Explained) -> str:
    if told.crm is Crm.SALESFORCE:
        return f"{told.object}: Salesforce {told.key}, not in HubSpot"
    at = f", Salesforce {' '.join(told.twin)}" if told.twin else ""
    return f"HubSpot {told.object} {told.key}{at}"


def _remedies(told: Explained) -> Iterator[str]:
    """Yield what it waits for, what would change the outcome, and who can do it."""
    for row in told.history:
        if row.reason and not row.outcome:
            words = clean(row.facts.get("message", "")) or describe(row.reason).sentence
            yield f"waits in run {row.run_id}, {row.reason} until {when(row.due_at)}: {words}"
    if told.problem and told.problem.status is Status.OPEN:
        refused = describe(told.problem.reason)
        words = clean(told.problem.message) or refused.sentence
        yield f"last refused, {told.problem.reason}: {words}"
        if told.problem.reason is not told.reason:
            yield f"what would change that: {refused.remedy} ({refused.fixer})"
    match told.reason:
        case Reason.UNCHANGED:
            pass
        case Reason.SYNCED:
            yield f"to sync it: guestlist sync start --record {told.key}"
        case _:
            words, fixer = describe(told.reason).remedy, describe(told.reason).fixer
            yield f"what would change it: {words} ({fixer})"


def _draw_history(session: Session, told: Explained) -> None:
    rows = [
        (when(row.finished_at), row.run_id, row.outcome or row.state, row.reason)
        for row in told.history
    ]
    session.printer.line()
    session.printer.table(("when", "run", "outcome", "reason"), rows)
