"""What the proof ends with: one table, or one object."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.proof.judge import Finding
from benchmarks.proof.performance import Load, Proved
from benchmarks.proof.quiet import Quiet, judge


class Report(NamedTuple):
    """Everything there is to say at the end."""

    machine: str
    load: Load
    proved: Proved
    quiet: Sequence[Quiet]

    @property
    def findings(self) -> list[Finding]:
        return [*self.proved.findings, *([judge(self.quiet)] if self.quiet else [])]

    @property
    def ok(self) -> bool:
        return not any(each.broken for each in self.findings)


def body_of(report: Report) -> dict[str, Any]:
    """Return everything as plain values."""
    proved = report.proved
    return {
        "schema": "guestlist/proof@1",
        "machine": report.machine,
        **report.load._asdict(),
        "members": proved.members,
        "broker": proved.broker,
        "edits": proved.worked.edits,
        "edits_per_second": round(proved.worked.rate, 1),
        "writes": proved.writes,
        "first_sync_seconds": round(proved.first_sync_s, 1),
        "settled_seconds": round(proved.settled_s, 1),
        "findings": [
            {**each._asdict(), "holds": not each.broken, "broken": list(each.broken)}
            for each in report.findings
        ],
        "quiet": [{**each._asdict(), "calls": sorted(each.calls)} for each in report.quiet],
        "ok": report.ok,
    }


def draw(report: Report) -> None:
    """Print the table."""
    load, proved = report.load, report.proved
    print(f"machine: {report.machine}")
    print(
        f"{load.contacts:,} contacts, {proved.members:,} members synced in "
        f"{proved.first_sync_s:.1f} s; {proved.worked.edits:,} edits in "
        f"{proved.worked.seconds:.0f} s ({proved.worked.rate:.1f} a second); "
        f"{proved.writes:,} writes of ours; polls every {load.poll_s:g} s, "
        f"lists {load.lag_s:g} s late; {proved.broker}"
    )
    for each in report.findings:
        verdict = f"BROKEN {each.times}" if each.broken else "holds"
        print(f"{each.id:<9} {verdict:<11} {each.measured:<22} {each.promise}")
        for line in each.broken:
            print(f"          {line}")
    for world in report.quiet:
        print(
            f"quiet poll at {world.contacts:,} contacts, {world.members:,} members: "
            f"{world.words} calls, {1000 * world.seconds:.0f} ms; "
            f"reading the whole list, once an hour: {world.enumeration} calls"
        )
    print("The proof holds." if report.ok else "The proof does NOT hold.")
