"""What the proof ends with: one table, or one object."""

from typing import Any

from benchmarks.proof.performance import Load, Proved


def body_of(proved: Proved, load: Load, *, machine: str) -> dict[str, Any]:
    """Return everything as plain values."""
    return {
        "schema": "guestlist/proof@1",
        "machine": machine,
        **load._asdict(),
        "members": proved.members,
        "broker": proved.broker,
        "edits": proved.worked.edits,
        "edits_per_second": round(proved.worked.rate, 1),
        "writes": proved.writes,
        "first_sync_seconds": round(proved.first_sync_s, 1),
        "settled_seconds": round(proved.converged_s, 1),
        "findings": [
            {**each._asdict(), "holds": not each.broken, "broken": list(each.broken)}
            for each in proved.findings
        ],
        "ok": proved.ok,
    }


def draw(proved: Proved, load: Load, *, machine: str) -> None:
    """Print the table."""
    print(f"machine: {machine}")
    print(
        f"{load.contacts:,} contacts, {proved.members:,} members, {proved.worked.edits:,} edits "
        f"in {proved.worked.seconds:.0f} s ({proved.worked.rate:.1f} a second), "
        f"{proved.writes:,} writes of ours, polls every {load.poll_s:g} s, "
        f"lists {load.lag_s:g} s late, {proved.broker}"
    )
    for each in proved.findings:
        verdict = "holds" if not each.broken else f"BROKEN {each.times}"
        print(f"{each.id:<9} {verdict:<11} {each.measured:<22} {each.promise}")
        for line in each.broken:
            print(f"          {line}")
    print("The proof holds." if proved.ok else "The proof does NOT hold.")
