"""Remove records a batch a call: each gets its own answer, whatever becomes of its batch."""

from collections.abc import Callable, Iterable, Sequence

from guestlist.connectors.doubt import Veto, doubt, no_veto
from guestlist.domain.errors import Split, SyncError
from guestlist.domain.pack import halves
from guestlist.domain.write import WriteResult

Part = Sequence[tuple[int, str]]
"""Ids with their position among all."""
Results = dict[int, WriteResult]


def remove(
    parts: Iterable[Part], send: Callable[[Part], Results], *, veto: Veto = no_veto
) -> list[WriteResult]:
    """Return each id's result, by position; a part refused as a whole is halved to its culprits.

    Raises only while nothing can have been removed; later failures are results.
    """
    results: Results = {}
    pending = list(parts)
    while pending:
        part = pending.pop(0)
        try:
            results |= send(part)
        except Split as refusal:
            if len(part) == 1:
                results[part[0][0]] = refusal.refused
            else:
                pending[:0] = halves(part)
        except SyncError as error:
            doubtful = doubt(error)
            if doubtful.nothing_sent and not results:
                raise
            results |= dict.fromkeys(_positions([part]), doubtful.inside)
            results |= dict.fromkeys(_positions(pending), doubtful.behind)
            break
        if pending and (vetoed := veto()):
            results |= dict.fromkeys(_positions(pending), vetoed)
            break
    return [results[position] for position in sorted(results)]


def _positions(parts: Iterable[Part]) -> list[int]:
    return [position for part in parts for position, _ in part]
