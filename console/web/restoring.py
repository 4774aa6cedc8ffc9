"""Give both sides of a field the value that lost, as pages and API ask for it."""

from console.web.running import reloaded
from console.web.site import Site
from guestlist.domain.errors import Misconfigured, Missing
from guestlist.engine import launch
from guestlist.store import conflicts
from guestlist.store.runs import Run


def restore(here: Site, conflict_id: int, *, by: str) -> Run:
    """Start a run that writes the lost value; the record still has to pass the gate."""
    services = here.connected
    with here.database.begin() as conn:
        logged = conflicts.get(conn, conflict_id)
        asked = conflicts.ask_restore(conn, conflict_id, by=by, now=here.clock())
    if logged is None:
        raise Missing(f"there is no conflict {conflict_id}")
    if not asked:
        raise Misconfigured(f"the value of conflict {conflict_id} was asked for already")
    return reloaded(launch.start_records(services, logged.object, [logged.conflict.key], by=by))
