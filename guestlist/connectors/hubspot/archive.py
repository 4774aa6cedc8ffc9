"""Records into HubSpot's recycle bin, a hundred a call."""

from collections.abc import Sequence

from guestlist.connectors.doubt import Veto, no_veto
from guestlist.connectors.hubspot.portal import Portal
from guestlist.connectors.removal import Part, Results, remove
from guestlist.domain.pack import chunks
from guestlist.domain.write import Accepted, WriteResult


def archive(
    portal: Portal, type: str, ids: Sequence[str], *, batch: int, veto: Veto = no_veto
) -> list[WriteResult]:
    """Return each id's result, in the order given; HubSpot takes one that is gone already too."""
    path = f"{portal.paths.objects(type)}/batch/archive"

    def send(part: Part) -> Results:
        portal.tell(path, {"inputs": [{"id": id} for _, id in part]})
        return {position: Accepted(id, created=False) for position, id in part}

    return remove(chunks(list(enumerate(ids)), batch), send, veto=veto)
