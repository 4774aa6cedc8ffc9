"""Sentences and tables that several commands print."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from console.printer import Printer, clean, count
from guestlist.domain.explain import describe
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from guestlist.domain.write import Change
from guestlist.store.runs import Run


def when(instant: datetime | None) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S}Z"


def run_line(run: Run) -> str:
    """Return how far a run is: its outcomes so far, waiting last."""
    parts = [f"{count(n)} {outcome}" for outcome, n in run.outcomes.items() if n]
    if run.waiting:
        parts.append(f"{count(run.waiting)} waiting")
    return ", ".join(parts) or ("no records" if run.finished_at else "nothing yet")


def planned_words(outcome: Outcome, reason: Reason) -> str:
    """Return what a decision means while nothing is written yet."""
    match outcome, reason:
        case Outcome.CREATED, Reason.SYNCED:
            return "The other CRM has no such record yet."
        case Outcome.UPDATED, Reason.SYNCED:
            return "The two sides differ, or are not linked yet."
        case Outcome.UNCHANGED, _:
            return "Both sides agree already."
        case _:
            return describe(reason).sentence


def show_planned(printer: Printer, counts: Mapping[tuple[Outcome, Reason], int]) -> None:
    """Print a plan's counts by outcome and reason, the largest first."""
    rows = [
        (count(n), outcome, reason, planned_words(outcome, reason))
        for (outcome, reason), n in sorted(counts.items(), key=lambda each: -each[1])
    ]
    printer.table(("records", "outcome", "reason", "meaning"), rows)


def show_changes(printer: Printer, changes: Sequence[Change], *, indent: str = "  ") -> None:
    """Print field diffs, a line each."""
    for change in changes:
        before, after = _value(change.before), _value(change.after)
        printer.line(f"{indent}{change.crm} {clean(change.field)}: {before} -> {after}")


def _value(value: str | None) -> str:
    return "(blank)" if value is None else repr(clean(value))
