"""Pause everything, and let it go on: runs that are under way, those to come, and the polls."""

from guestlist.engine.services import Services
from guestlist.engine.sweep import sweep
from guestlist.store import halt as halts
from guestlist.store import work
from guestlist.store.halt import Halt


def halted(services: Services) -> Halt | None:
    """Return by whom and since when everything is paused; ``None``: it is not."""
    with services.database.read() as connection:
        return halts.get(connection)


def halt(services: Services, *, by: str) -> bool:
    """Let what workers hold end, and begin nothing more, until it is lifted.

    Runs keep their state and polls their place: what changes meanwhile is found afterwards.
    ``False``: everything is paused already.
    """
    with services.database.begin() as connection:
        return halts.begin(connection, by=by, now=services.clock())


def lift(services: Services, *, by: str) -> bool:
    """Go on where everything stopped; ``False``: it is not paused.

    A run that was paused by itself stays so.
    """
    with services.database.begin() as connection:
        if not halts.lift(connection, by=by, now=services.clock()):
            return False
        work.undispatch_all(connection)
    sweep(services)
    return True
