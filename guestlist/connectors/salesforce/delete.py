"""Deletions in Salesforce: into the recycle bin, two hundred a call, each answered on its own."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from guestlist.connectors.doubt import Veto, no_veto
from guestlist.connectors.http import shaped
from guestlist.connectors.removal import Part, Results, remove
from guestlist.connectors.salesforce.errors import refused_of
from guestlist.connectors.salesforce.org import Org
from guestlist.domain.pack import chunks
from guestlist.domain.write import Accepted, WriteResult


def delete(
    org: Org, rows: Sequence[tuple[str, str]], *, batch: int, veto: Veto = no_veto
) -> list[WriteResult]:
    """Return the result of each (type, id), in the order given."""

    def send(part: Part) -> Results:
        return _answers(part, org.delete(_path(org, part)))

    return remove(_parts(rows, batch), send, veto=veto)


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


def _answers(part: Part, answer: Any) -> Results:
    """Match results to rows by their order, which Salesforce keeps."""
    with shaped("Salesforce's answer to a deletion"):
        return {
            position: Accepted(id, created=False) if row["success"] else refused_of(row["errors"])
            for (position, id), row in zip(part, answer, strict=True)
        }
