"""Updates of HubSpot records: each write gets its own answer, whatever becomes of its batch."""

from collections.abc import Mapping, Sequence
from typing import Any

from guestlist.connectors.doubt import doubt
from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.errors import RefusedBatch, refused_of
from guestlist.connectors.hubspot.portal import Portal
from guestlist.domain.errors import SyncError
from guestlist.domain.pack import chunks, halves
from guestlist.domain.write import Accepted, HubSpotWrite, Unknown, WriteResult

Part = Sequence[tuple[int, HubSpotWrite]]
"""Writes with their position among all."""

_SCHEMA_CODES = frozenset({"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})
"""Refusals of a property whatever its value: every record that carries it is refused."""


def update(
    portal: Portal, type: str, writes: Sequence[HubSpotWrite], *, batch: int
) -> list[WriteResult]:
    """Return each write's result, in the order given.

    Raises only while nothing can have been written; later failures are results.
    """
    path = f"{portal.paths.objects(type)}/batch/update"
    results: dict[int, WriteResult] = {}
    pending: list[Part] = list(chunks(list(enumerate(writes)), batch))
    while pending:
        part = pending.pop(0)
        try:
            results |= _answers(part, portal.post(path, _inputs(part)))
        except RefusedBatch as refusal:
            guilty, again = _judge(part, refusal)
            results |= dict.fromkeys(guilty, refusal.refused)
            pending[:0] = again
        except SyncError as error:
            doubtful = doubt(error)
            if doubtful.nothing_sent and not results:
                raise
            results |= dict.fromkeys(_positions(part), doubtful.inside)
            for behind in pending:
                results |= dict.fromkeys(_positions(behind), doubtful.behind)
            break
    return [results[position] for position in range(len(writes))]


def _positions(part: Part) -> list[int]:
    return [position for position, _ in part]


def _inputs(part: Part) -> Mapping[str, Any]:
    return {
        "inputs": [
            {"id": write.id, "properties": write.properties, "objectWriteTraceId": str(position)}
            for position, write in part
        ]
    }


def _judge(part: Part, refusal: RefusedBatch) -> tuple[list[int], list[Part]]:
    """Return who is to blame for a refused batch, and the parts to send again.

    Where HubSpot refuses a property, all that carry it are; else halves will tell.
    """
    if len(part) == 1:
        return _positions(part), []
    if refusal.code in _SCHEMA_CODES:
        named = set(refusal.properties)
        guilty = {position for position, write in part if named & write.properties.keys()}
        rest = [each for each in part if each[0] not in guilty]
        if guilty:
            return list(guilty), [rest] if rest else []
    return [], list(halves(part))


def _answers(part: Part, answer: Any) -> dict[int, WriteResult]:
    """Match results to writes by trace id, else by id: their order says nothing."""
    unnamed = Unknown("HubSpot's answer does not name this record")
    results: dict[int, WriteResult] = {position: unnamed for position, _ in part}
    by_id = {write.id: position for position, write in part}
    with shaped("HubSpot's batch answer"):
        for row in answer["results"]:
            trace = row.get("objectWriteTraceId")
            position = by_id.get(row["id"]) if trace is None else int(trace)
            if position in results:
                results[position] = Accepted(row["id"], created=False)
        for error in answer.get("errors") or []:
            results |= dict.fromkeys(_named(error, by_id), refused_of(error))
    return results


def _named(error: Mapping[str, Any], by_id: Mapping[str | None, int]) -> list[int]:
    context = error.get("context") or {}
    traces = context.get("objectWriteTraceId")
    if traces:
        return [int(trace) for trace in traces]
    return [by_id[each] for each in context.get("ids") or [] if each in by_id]
