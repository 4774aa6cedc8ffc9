"""Writes to Salesforce, a thousand a call; each gets its own answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from guestlist import failpoint
from guestlist.connectors.doubt import Veto, doubt, no_veto
from guestlist.connectors.http import shaped
from guestlist.connectors.salesforce.errors import entries_in, refused_of
from guestlist.connectors.salesforce.org import Org
from guestlist.connectors.salesforce.soql import Lookup, in_address, name, queries
from guestlist.domain.errors import Split, SyncError
from guestlist.domain.pack import Collection, calls, halves, pack
from guestlist.domain.write import Accepted, Refused, SalesforceWrite, Unknown, WriteResult

COLLECTIONS_PER_CALL = 5
"""Salesforce: at most five of a composite call's subrequests may be queries or collections."""
_KEEP_OWNER = {"Sforce-Auto-Assign": "FALSE"}
"""Salesforce runs assignment rules on every write, unless told not to; part of the body, so that
a replay says it too."""
_TOO_LARGE = frozenset({400, 413, 414, 431})

Results = dict[int, WriteResult]


def write(
    org: Org, writes: Sequence[SalesforceWrite], *, batch: int, veto: Veto = no_veto
) -> list[WriteResult]:
    """Return each write's result, in the order given.

    Raises only while nothing can have been written; later failures are results.
    """
    results: Results = {}
    pending = pack(writes, batch=batch, per_call=COLLECTIONS_PER_CALL)
    while pending:
        call = pending.pop(0)
        try:
            again = _send(org, call, results)
        except SyncError as error:
            doubtful = doubt(error)
            if doubtful.nothing_sent and not results:
                raise
            unknown = [each for each in _positions([call]) if each not in results]
            results |= dict.fromkeys(unknown, doubtful.inside)
            results |= dict.fromkeys(_positions(pending), doubtful.behind)
            break
        pending[:0] = calls(again, COLLECTIONS_PER_CALL)
        if pending and (vetoed := veto()):
            results |= dict.fromkeys(_positions(pending), vetoed)
            break
    return [results[position] for position in range(len(writes))]


def _positions(calls: Sequence[Sequence[Collection]]) -> list[int]:
    return [position for call in calls for each in call for position in each.positions]


def _send(org: Org, call: Sequence[Collection], results: Results) -> list[Collection]:
    """Send one call, add what is known to *results*, and return what has to be sent again."""
    asked = _asked(call)
    try:
        answer, request_id = _exchanged(org, call, asked)
    except Split as refusal:
        return [part for each in call for part in _judge(each, refusal.refused, results)]
    failpoint.hit("write.sent")
    with shaped("Salesforce's composite answer"):
        parts = {part["referenceId"]: part for part in answer["compositeResponse"]}
        answered = [parts[f"c{position}"] for position in range(len(call))]
        before = _rows(parts[f"q{position}"] for position in range(len(asked)))
    again = [
        part
        for collection, each in zip(call, answered, strict=True)
        for part in _answer(collection, each, results, request_id)
    ]
    if before:
        _tell_replaced(_positions([call]), results, before)
    return again


def _exchanged(org: Org, call: Sequence[Collection], asked: Sequence[str]) -> tuple[Any, str]:
    """Return what a composite call answers, or as one would answer the collection of its own."""
    if not call[0].alone:
        return org.exchange(f"{org.root}/composite", _content(org, call, asked))
    (collection,) = call
    path = f"{org.root}/composite/sobjects{_target(collection)}"
    owner = {} if collection.assign else _KEEP_OWNER
    rows, request_id = org.exchange(path, _body(collection), method="PATCH", **owner)
    part = {"referenceId": "c0", "httpStatusCode": 200, "body": rows}
    return {"compositeResponse": [part]}, request_id


def _asked(call: Sequence[Collection]) -> list[str]:
    """Return the queries for what a call replaces: none where they would cost another call.

    Salesforce carries the subrequests out in their order, so nothing of ours lies between.
    """
    if call[0].alone:
        return []
    ids: dict[str, list[str]] = defaultdict(list)
    fields: dict[str, set[str]] = defaultdict(set)
    for collection in call:
        for each in collection.writes:
            if each.id and each.replacing:
                ids[each.type].append(each.id)
                fields[each.type].update(each.replacing)
    wanted = (Lookup(type, sorted(fields[type]), {"Id": some}) for type, some in ids.items())
    asked = [soql for lookup in wanted for soql in queries(lookup)]
    return asked if len(call) + len(asked) <= COLLECTIONS_PER_CALL else []


def _rows(parts: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the rows that were found, by id; a query that failed takes nothing from the writes."""
    found = [part["body"]["records"] for part in parts if part["httpStatusCode"] == 200]
    return {row["Id"]: row for rows in found for row in rows}


def _tell_replaced(
    positions: Sequence[int], results: Results, before: Mapping[str, Mapping[str, Any]]
) -> None:
    for position in positions:
        result = results.get(position)
        if isinstance(result, Accepted) and result.id in before:
            results[position] = replace(result, replaced=before[result.id])


def _content(org: Org, call: Sequence[Collection], asked: Sequence[str]) -> Mapping[str, Any]:
    return {
        "allOrNone": False,
        "compositeRequest": [
            {
                "method": "GET",
                "url": f"{org.root}/query?q={in_address(soql)}",
                "referenceId": f"q{position}",
            }
            for position, soql in enumerate(asked)
        ]
        + [
            {
                "method": "PATCH",
                "url": f"{org.root}/composite/sobjects{_target(collection)}",
                "referenceId": f"c{position}",
                **({} if collection.assign else {"httpHeaders": _KEEP_OWNER}),
                "body": _body(collection),
            }
            for position, collection in enumerate(call)
        ],
    }


def _target(collection: Collection) -> str:
    if collection.type is None or collection.external_id_field is None:
        return ""
    return f"/{name(collection.type)}/{name(collection.external_id_field)}"


def _body(collection: Collection) -> Mapping[str, Any]:
    return {"allOrNone": False, "records": _records(collection)}


def _records(collection: Collection) -> list[Mapping[str, Any]]:
    key = collection.external_id_field
    if key is None:
        return [
            {"attributes": {"type": each.type}, "id": each.id, **each.fields}
            for each in collection.writes
        ]
    attributes = {"type": collection.type}
    return [
        {"attributes": attributes, key: each.external_id, **each.fields}
        for each in collection.writes
    ]


def _answer(
    collection: Collection, part: Mapping[str, Any], results: Results, request_id: str
) -> Sequence[Collection]:
    """Read one collection's answer; well formed, it is 200 whatever became of its records."""
    with shaped("Salesforce's collection answer"):
        status, body = part["httpStatusCode"], part["body"]
        if 200 <= status < 300:
            pairs = zip(collection.positions, body, strict=True)
            results.update((position, _result(each, request_id)) for position, each in pairs)
            return ()
    refused = refused_of(entries_in(body), correlation=request_id)
    if status in _TOO_LARGE:
        return _judge(collection, refused, results)
    words = f"Salesforce answered {status}: {refused.message}"
    failed = Unknown(words, request_id) if status >= 500 else None
    results |= dict.fromkeys(collection.positions, failed or refused)
    return ()


def _result(row: Mapping[str, Any], request_id: str) -> WriteResult:
    if row["success"]:
        return Accepted(row["id"], created=row.get("created", False))
    return refused_of(row["errors"], correlation=request_id)


def _judge(collection: Collection, refused: Refused, results: Results) -> Sequence[Collection]:
    """Find who is to blame for a refused collection; return the parts to send again.

    Where Salesforce names unknown fields, all that carry one are; else halves will tell.
    """
    if len(collection.writes) == 1:
        results[collection.positions[0]] = refused
        return ()
    placed = list(zip(collection.positions, collection.writes, strict=True))
    if refused.code == "INVALID_FIELD":
        named = set(refused.fields)
        guilty = {position for position, each in placed if named & each.fields.keys()}
        if guilty:
            results |= dict.fromkeys(guilty, refused)
            rest = [each for each in placed if each[0] not in guilty]
            return [_part(collection, rest)] if rest else ()
    return [_part(collection, half) for half in halves(placed)]


def _part(collection: Collection, placed: Sequence[tuple[int, SalesforceWrite]]) -> Collection:
    positions, writes = zip(*placed, strict=True)
    return collection._replace(positions=positions, writes=writes)
