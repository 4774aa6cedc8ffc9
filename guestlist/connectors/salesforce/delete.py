"""Deletions in Salesforce: into the recycle bin, two hundred a call, each answered on its own."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from guestlist.connectors.doubt import doubt
from guestlist.connectors.http import shaped
from guestlist.connectors.salesforce.errors import RefusedCall, refused_of
from guestlist.connectors.salesforce.org import Org
from guestlist.domain.errors import SyncError
from guestlist.domain.pack import chunks, halves
from guestlist.domain.write import Accepted, WriteResult

Part = Sequence[tuple[int, str]]
"""Ids of rows of one type, with their position among all."""


def delete(org: Org, rows: Sequence[tuple[str, str]], *, batch: int) -> list[WriteResult]:
    """Return the result of each (type, id), in the order given.

    Raises only while nothing can have been deleted; later failures are results.
    """
    results: dict[int, WriteResult] = {}
    pending = _parts(rows, batch)
    while pending:
        part = pending.pop(0)
        try:
            results |= _answers(part, org.delete(_path(org, part)))
        except RefusedCall as refusal:
            if len(part) == 1:
                results[part[0][0]] = refusal.refused
            else:
                pending[:0] = halves(part)
        except SyncError as error:
            doubtful = doubt(error)
            if doubtful.nothing_sent and not results:
                raise
            results |= dict.fromkeys(_positions(part), doubtful.inside)
            for behind in pending:
                results |= dict.fromkeys(_positions(behind), doubtful.behind)
            break
    return [results[position] for position in range(len(rows))]


def _parts(rows: Sequence[tuple[str, str]], batch: int) -> list[Part]:
    placed = sorted(enumerate(rows), key=lambda each: each[1][0])
    return [
        part
        for _, group in groupby(placed, key=lambda each: each[1][0])
        for part in chunks([(position, id) for position, (_, id) in group], batch)
    ]


def _path(org: Org, part: Part) -> str:
    ids = ",".join(quote(id, safe="") for _, id in part)
    return f"{org.root}/composite/sobjects?ids={ids}&allOrNone=false"


def _positions(part: Part) -> list[int]:
    return [position for position, _ in part]


def _answers(part: Part, answer: Any) -> dict[int, WriteResult]:
    """Match results to rows by their order, which Salesforce keeps."""
    with shaped("Salesforce's answer to a deletion"):
        return {
            position: Accepted(id, created=False) if row["success"] else refused_of(row["errors"])
            for (position, id), row in zip(part, answer, strict=True)
        }
