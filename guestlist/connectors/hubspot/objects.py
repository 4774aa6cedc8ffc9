"""HubSpot records, read a hundred at a time: by id, or by a unique value."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.portal import Portal
from guestlist.domain.errors import Missing, Split
from guestlist.domain.pack import chunks, halves
from guestlist.domain.write import Refused
from schemas.records import HubSpotRecord

T = TypeVar("T")


class Records(dict[str, HubSpotRecord]):
    """Records by id.  What HubSpot refused to read is absent, and named in ``refused``."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[str, Refused] = {}


def read(
    portal: Portal,
    type: str,
    ids: Iterable[str],
    properties: Sequence[str],
    *,
    batch: int,
    archived: bool = False,
) -> Records:
    """Return the records that exist and are not archived, or with *archived* those that are.

    HubSpot names a record by the id it has now: one that was merged away is absent.  An id that
    is no number names no record; HubSpot would refuse its whole batch.
    """
    records = Records()
    ask = _ask(portal, type, {"properties": list(properties)}, archived=archived)
    for found in halving(numbers(ids), batch, ask, records.refused):
        records.update((record.id, record) for record in found)
    return records


def resolve(portal: Portal, type: str, ids: Iterable[str]) -> dict[str, str]:
    """Return the id that each id's record has now, a call each.

    A merge gives a record a new id; only a single read still follows the old ones.  What is
    archived or deleted is absent.
    """
    found = {}
    for each in numbers(ids):
        path = f"{portal.paths.objects(type)}/{each}?properties=hs_object_id"
        try:
            row = portal.get(path)
        except Missing:
            continue
        with shaped("HubSpot's record"):
            found[each] = str(row["id"])
    return found


def numbers(ids: Iterable[str]) -> list[str]:
    """Return the ids that may name a record, each once."""
    return [each for each in dict.fromkeys(ids) if each.isascii() and each.isdigit()]


def find(
    portal: Portal,
    type: str,
    id_property: str,
    values: Iterable[str],
    properties: Sequence[str],
    *,
    batch: int,
) -> Records:
    """Return records by the asked value, in lower case; only unique properties can be asked.

    A contact answers to its additional e-mail addresses too.
    """
    held_in = [id_property, *(["hs_additional_emails"] if id_property == "email" else [])]
    wanted = list(dict.fromkeys([*properties, *held_in]))
    ask = _ask(portal, type, {"idProperty": id_property, "properties": wanted})
    records = Records()
    asked = dict.fromkeys(value.strip().lower() for value in values if value.strip())
    for found in halving(list(asked), batch, ask, records.refused):
        for record in found:
            held = ";".join(record.properties.get(name) or "" for name in held_in)
            own = [value for value in held.lower().split(";") if value in asked]
            records.update((value, record) for value in own)
    return records


def halving(
    wanted: Sequence[str],
    batch: int,
    ask: Callable[[Sequence[str]], T],
    refused: dict[str, Refused],
) -> Iterator[T]:
    """Yield the answers to batches; one refused as a whole is halved down to its culprits."""
    pending = list(chunks(wanted, batch))
    while pending:
        part = pending.pop(0)
        try:
            answer = ask(part)
        except Split as refusal:
            if len(part) == 1:
                refused[part[0]] = refusal.refused
            else:
                pending[:0] = halves(part)
        else:
            yield answer


def _ask(
    portal: Portal, type: str, query: Mapping[str, Any], *, archived: bool = False
) -> Callable[[Sequence[str]], list[HubSpotRecord]]:
    path = f"{portal.paths.objects(type)}/batch/read{'?archived=true' if archived else ''}"

    def ask(part: Sequence[str]) -> list[HubSpotRecord]:
        return records_of(portal.post(path, {**query, "inputs": [{"id": each} for each in part]}))

    return ask


def records_of(answer: Any) -> list[HubSpotRecord]:
    """Read records; ids that an answer does not name, or in a 207's errors, are not there."""
    instant = datetime.fromisoformat
    with shaped("HubSpot's batch answer"):
        return [
            HubSpotRecord(
                row["id"],
                row["properties"],
                instant(row["updatedAt"]),
                row.get("archived", False),
                instant(row["archivedAt"]) if row.get("archivedAt") else None,
            )
            for row in answer["results"]
        ]
