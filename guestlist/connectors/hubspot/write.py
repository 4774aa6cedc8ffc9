"""Writes to HubSpot: each record gets its own answer, whatever becomes of its batch."""

from collections.abc import Mapping, Sequence
from typing import Any

from guestlist import failpoint
from guestlist.connectors.doubt import Veto, doubt, no_veto
from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.errors import refused_of
from guestlist.connectors.hubspot.portal import Portal
from guestlist.domain.errors import Split, SyncError
from guestlist.domain.pack import chunks, halves
from guestlist.domain.write import Accepted, HubSpotWrite, Unknown, WriteResult

Part = Sequence[tuple[int, HubSpotWrite]]
"""Writes with their position among all: all of them creations, or all updates."""

_SCHEMA_CODES = frozenset({"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})
"""Refusals of a property whatever its value: every record that carries it is refused."""


def write(
    portal: Portal,
    type: str,
    writes: Sequence[HubSpotWrite],
    *,
    batch: int,
    veto: Veto = no_veto,
) -> list[WriteResult]:
    """Return each write's result, in the order given; creations are sent first.

    Raises only while nothing can have been written; later failures are results.
    """
    path = f"{portal.paths.objects(type)}/batch"
    results: dict[int, WriteResult] = {}
    pending = _parts(writes, batch)
    while pending:
        part = pending.pop(0)
        try:
            answer, correlation = portal.exchange(f"{path}/{_verb(part)}", _inputs(part))
            failpoint.hit("write.sent")
            results |= _answers(part, answer, correlation)
        except Split as refusal:
            guilty, again = _judge(part, refusal)
            results |= dict.fromkeys(guilty, refusal.refused)
            pending[:0] = again
        except SyncError as error:
            doubtful = doubt(error)
            if doubtful.nothing_sent and not results:
                raise
            results |= dict.fromkeys(_positions(part), doubtful.inside)
            results |= _each(pending, doubtful.behind)
            break
        if pending and (vetoed := veto()):
            results |= _each(pending, vetoed)
            break
    return [results[position] for position in range(len(writes))]


def _parts(writes: Sequence[HubSpotWrite], batch: int) -> list[Part]:
    placed = list(enumerate(writes))
    creations = [each for each in placed if each[1].id is None]
    updates = [each for each in placed if each[1].id is not None]
    return [*chunks(creations, batch), *chunks(updates, batch)]


def _verb(part: Part) -> str:
    return "create" if part[0][1].id is None else "update"


def _positions(part: Part) -> list[int]:
    return [position for position, _ in part]


def _each(parts: Sequence[Part], result: WriteResult) -> dict[int, WriteResult]:
    return {position: result for part in parts for position in _positions(part)}


def _inputs(part: Part) -> Mapping[str, Any]:
    """Give every input a trace id: without one, a bad record fails its whole batch."""
    return {
        "inputs": [
            {
                **({} if write.id is None else {"id": write.id}),
                "properties": write.properties,
                "objectWriteTraceId": str(position),
            }
            for position, write in part
        ]
    }


def _judge(part: Part, refusal: Split) -> tuple[list[int], list[Part]]:
    """Return who is to blame for a refused batch, and the parts to send again.

    Where HubSpot refuses a property, all that carry it are; else halves will tell.
    """
    if len(part) == 1:
        return _positions(part), []
    if refusal.refused.code in _SCHEMA_CODES:
        named = set(refusal.refused.fields)
        guilty = {position for position, write in part if named & write.properties.keys()}
        rest = [each for each in part if each[0] not in guilty]
        if guilty:
            return list(guilty), [rest] if rest else []
    return [], list(halves(part))


def _answers(part: Part, answer: Any, correlation: str) -> dict[int, WriteResult]:
    """Match results to writes by trace id, by id, by what was sent: their order says nothing."""
    unnamed = Unknown("HubSpot's answer does not name this record")
    results: dict[int, WriteResult] = {position: unnamed for position, _ in part}
    by_id = {write.id: position for position, write in part if write.id is not None}
    with shaped("HubSpot's batch answer"):
        for error in answer.get("errors") or []:
            refused = refused_of(error, correlation=correlation)
            results |= dict.fromkeys(_named(error, by_id), refused)
        unplaced = []
        for row in answer["results"]:
            position = _position(part, row, by_id, results)
            if position in results:
                results[position] = _accepted(part, row)
            else:
                unplaced.append(row)
        unanswered = [position for position in results if results[position] is unnamed]
        if len(unplaced) == len(unanswered) == 1:  # all others have their answers
            results[unanswered[0]] = _accepted(part, unplaced[0])
    return results


def _accepted(part: Part, row: Mapping[str, Any]) -> Accepted:
    return Accepted(str(row["id"]), created=_verb(part) == "create")


def _named(error: Mapping[str, Any], by_id: Mapping[str, int]) -> list[int]:
    context = error.get("context") or {}
    traces = context.get("objectWriteTraceId")
    if traces:
        return [int(trace) for trace in traces]
    return [by_id[each] for each in context.get("ids") or [] if each in by_id]


def _position(
    part: Part,
    row: Mapping[str, Any],
    by_id: Mapping[str, int],
    results: Mapping[int, WriteResult],
) -> int | None:
    """Return whose result *row* is.

    HubSpot repeats a trace id in an error, but not in every result: what was created is then
    known by the values it shows.  Of two that were sent alike either will do; two that only show
    the same stay open.
    """
    trace = row.get("objectWriteTraceId")
    if trace is not None:
        return int(trace)
    if row["id"] in by_id:
        return by_id[row["id"]]
    shown = row.get("properties") or {}
    alike = [
        (position, write.properties)
        for position, write in part
        if write.id is None
        and isinstance(results[position], Unknown)
        and _shows(shown, write.properties)
    ]
    if not alike or any(sent != alike[0][1] for _, sent in alike):
        return None
    return alike[0][0]


def _shows(shown: Mapping[str, Any], sent: Mapping[str, str]) -> bool:
    """Tell whether a record may be what was sent; its address alone, where it has one, decides."""
    names = ["email"] if sent.get("email") else list(sent)
    return bool(names) and all(_plain(shown.get(each)) == _plain(sent[each]) for each in names)


def _plain(value: str | None) -> str:
    return (value or "").strip().lower()
