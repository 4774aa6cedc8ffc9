"""Versions and what they change, as commands print them."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.reports import VersionReport, many
from console.session import Session
from console.words import when
from guestlist.domain.edit import Edit
from guestlist.store.versions import Version


def draw_edits(session: Session, changed: Sequence[Edit]) -> None:
    """Print what is now and what would be, place by place."""
    rows = [(each.place, each.before or "-", each.after or "-") for each in changed]
    if rows and not session.asked.json:
        session.printer.table(("where", "now", "then"), rows)


def show_versions(
    session: Session, name: str, found: Sequence[Version], *, of: Mapping[str, Any], now: int | None
) -> None:
    """Print versions, newest first, and which of them is in force."""
    body = {**of, "in_force": now, "versions": many(VersionReport, found)}
    rows = [
        (
            each.version,
            when(each.made_at),
            each.made_by,
            each.note,
            "in force" if each.version == now else "",
        )
        for each in found
    ]
    table, headers = session.printer.table, ("version", "made", "by", "why", "")
    session.printer.show(name, body, lambda: table(headers, rows))
