"""Who joined and who left the inclusion list, and which reading of it may say so."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from guestlist.domain.brake import COMPLETE
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from schemas.records import ListDefinition, Member

TOLERANCE = 0.01
TOLERATED = 5
"""Members that may come and go while a list is read, or 1 % of it."""
_WRITTEN = frozenset({Outcome.CREATED, Outcome.UPDATED})
OUT = frozenset({Reason.LEFT_LIST, Reason.NOT_IN_LIST})
"""What is said of a record that waits because it is not, or no more, in the list."""


class Doubt(StrEnum):
    """Why an enumeration that came to its end is not believed."""

    SIZE_UNKNOWN = "size_unknown"
    COUNT_DIFFERS = "count_differs"
    EMPTY = "empty"
    BEING_BUILT = "being_built"
    CHANGED_MEANWHILE = "changed_meanwhile"


class Looked(NamedTuple):
    """How one look at a record ended."""

    key: str
    outcome: Outcome
    reason: Reason
    finished_at: datetime


class LateExit(NamedTuple):
    """A record written so short before it was found outside that it may have been out already."""

    key: str
    written_at: datetime
    found_out_at: datetime


def doubt(definition: ListDefinition, *, version: int, seen: int, known: int) -> Doubt | None:
    """Return why nobody may be said to have left; ``None``: the enumeration is verified.

    *definition* as read after it, *version* as it was before; *seen* members were found, *known*
    were in the list so far.  Empty is never "all left".
    """
    if definition.processing_status != COMPLETE:
        return Doubt.BEING_BUILT
    if definition.version != version:
        return Doubt.CHANGED_MEANWHILE
    if definition.size is None:
        return Doubt.SIZE_UNKNOWN
    if seen == 0 and known:
        return Doubt.EMPTY
    if abs(seen - definition.size) > max(TOLERATED, definition.size * TOLERANCE):
        return Doubt.COUNT_DIFFERS
    return None


def joins_since(
    definition: ListDefinition, *, chosen_at: datetime, read_at: datetime, settle: timedelta
) -> datetime | None:
    """Return from when on joining a list that is read for the first time counts as joining it.

    ``None``: HubSpot is still filling it.  Whom a list just made or edited was filled with bears
    that time, which may be after it was chosen; choosing syncs nobody.  All by HubSpot's clock.
    """
    if definition.processing_status != COMPLETE:
        return None
    edited_at = definition.filters_updated_at
    filled_since = edited_at is not None and edited_at + settle > chosen_at
    return read_at if filled_since else chosen_at


def joiners(entered: Iterable[Member], *, since: datetime, known: bool) -> list[str]:
    """Return who of those that entered is to be looked at.

    *known*: the list's members were known before.  If not, who is in it may have been for years,
    and choosing a list syncs nobody: only joining it *since* then does.
    """
    return [
        member.record_id
        for member in entered
        if known or (member.joined_at is not None and member.joined_at >= since)
    ]


def gone(
    absent: Sequence[str], memberships: Mapping[str, frozenset[str]], list_id: str
) -> list[str]:
    """Return who of those an enumeration missed is out, asked one by one.

    A record without memberships is no more; one that is in the list was missed by a page only.
    """
    return [key for key in absent if list_id not in memberships.get(key, frozenset())]


def late_exits(
    left: Iterable[str], looks: Iterable[Looked], *, found_at: datetime, proof_age: timedelta
) -> list[LateExit]:
    """Return who of those that left was written within *proof_age* before that was found out.

    Found out *found_at*, or by the first look after the last write that held the record.
    """
    wanted = dict.fromkeys(left)
    written: dict[str, datetime] = {}
    found: dict[str, datetime] = {}
    for look in sorted(looks, key=lambda each: each.finished_at):
        if look.key in wanted and look.outcome in _WRITTEN:
            written[look.key] = look.finished_at
            found.pop(look.key, None)
        elif look.key in written and look.reason in OUT:
            found.setdefault(look.key, look.finished_at)
    exits = [
        LateExit(key, written[key], found.get(key, found_at)) for key in wanted if key in written
    ]
    return [each for each in exits if each.found_out_at - each.written_at <= proof_age]
