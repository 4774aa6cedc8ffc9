"""Records into HubSpot's recycle bin, a hundred a call."""

from collections.abc import Sequence

from guestlist.connectors.doubt import doubt
from guestlist.connectors.hubspot.errors import RefusedBatch
from guestlist.connectors.hubspot.portal import Portal
from guestlist.domain.errors import SyncError
from guestlist.domain.pack import chunks, halves
from guestlist.domain.write import Accepted, WriteResult

Part = Sequence[tuple[int, str]]
"""Ids with their position among all."""


def archive(portal: Portal, type: str, ids: Sequence[str], *, batch: int) -> list[WriteResult]:
    """Return each id's result, in the order given; HubSpot takes one that is gone already too.

    Raises only while nothing can have been archived; later failures are results.
    """
    path = f"{portal.paths.objects(type)}/batch/archive"
    results: dict[int, WriteResult] = {}
    pending: list[Part] = list(chunks(list(enumerate(ids)), batch))
    while pending:
        part = pending.pop(0)
        try:
            portal.tell(path, {"inputs": [{"id": id} for _, id in part]})
            results |= {position: Accepted(id, created=False) for position, id in part}
        except RefusedBatch as refusal:
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
    return [results[position] for position in range(len(ids))]


def _positions(part: Part) -> list[int]:
    return [position for position, _ in part]
