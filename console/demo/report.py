"""What the demo ends with: ``guestlist/demo@1``, and the same for people."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from console.demo.calls import Calls
from console.demo.proof import Proof
from console.demo.two_way import TwoWay
from console.printer import Printer, count
from guestlist.store.runs import Run


class Report(NamedTuple):
    """Everything there is to say at the end."""

    seed: str
    contacts: int
    members: int
    broker: str
    first_run: Run
    calls: Calls
    setup_calls: Calls
    proof: Proof
    two_way: TwoWay | None
    """``None``: only lists were synced."""
    broken: Sequence[str]
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.broken


def body_of(report: Report) -> dict[str, Any]:
    """Return ``guestlist/demo@1``: the outcomes and API calls are those of the first list sync.

    ``proof`` is of the list syncs, ``two_way`` of what was followed after them.
    """
    return {
        "seed": report.seed,
        "contacts": report.contacts,
        "members": report.members,
        "broker": report.broker,
        "outcomes": {str(name): n for name, n in report.first_run.outcomes.items()},
        "api_calls": report.calls._asdict(),
        "setup_calls": report.setup_calls._asdict(),
        "proof": report.proof._asdict(),
        "two_way": report.two_way and report.two_way._asdict(),
        "seconds": round(report.seconds, 1),
        "ok": report.ok,
    }


def draw_proof(printer: Printer, proof: Proof, *, members: int) -> None:
    """Print what is proved of the list syncs."""
    printer.table(
        ("proof", "number", "meaning"),
        [
            (
                "members in step",
                count(proof.members_in_step),
                f"of {count(members)}: one Salesforce record each, the same values",
            ),
            (
                "members failed",
                count(proof.members_failed),
                "refused or held, each with its reason",
            ),
            (
                "outside written",
                count(proof.outside_written),
                "writes about contacts who were not in the list then",
            ),
            ("duplicates", count(proof.duplicates), "contacts with two Salesforce records"),
            ("second run writes", count(proof.second_run_writes), "nothing had changed"),
        ],
    )


def draw_two_way(printer: Printer, told: TwoWay) -> None:
    """Print what is proved of following both CRMs."""
    seconds = "never" if told.converged_seconds is None else f"{told.converged_seconds:g} s"
    printer.table(
        ("proof", "number", "meaning"),
        [
            ("edits carried", count(told.carried), f"of {count(told.edits)}: both sides hold it"),
            ("converged after", seconds, "from the last edit to the last write it caused"),
            ("left written", count(told.left_written), "writes about the contact that left"),
            ("entered", count(told.entered), "created by Salesforce, past the list"),
            ("entered written", count(told.entered_written), "writes about it after that"),
            ("imported", count(told.imported), "of the report, with the e-mail address alone"),
            ("outside written", count(told.outside_written), "other writes past the list"),
            ("duplicates", count(told.duplicates), "contacts with two Salesforce records"),
        ],
    )


def draw_verdict(printer: Printer, report: Report) -> None:
    """Print whether all of it holds."""
    took = f"{report.seconds:.1f} s"
    if report.ok:
        printer.line(f"The proof holds, after {took}.", fg="green", bold=True)
        return
    printer.line(f"The proof does NOT hold, after {took}:", fg="red", bold=True)
    for sentence in report.broken:
        printer.line(f"  {sentence}")
