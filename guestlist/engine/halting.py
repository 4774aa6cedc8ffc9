"""Pause everything, and let it go on: runs that are under way, those to come, and the polls."""

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from guestlist.domain.reason import Reason
from guestlist.engine.services import Services
from guestlist.engine.sweep import sweep
from guestlist.store import halt as halts
from guestlist.store import work
from guestlist.store.halt import Halt


def halted(services: Services) -> Halt | None:
    """Return by whom and since when everything is paused; ``None``: it is not."""
    with services.database.read() as connection:
        return halts.get(connection)


def stopped(services: Services) -> Reason | None:
    """Return why nothing may be written now, whosever it is; asked right before each call.

    While the database does not say, nobody knows that nothing is paused.
    """
    if services.superseded():
        return Reason.SETTINGS_CHANGED
    try:
        return Reason.QUEUED if halted(services) else None
    except DBAPIError:
        return Reason.RETRY_AT


def halt(services: Services, *, by: str) -> bool:
    """Let the calls under way end, and begin nothing more, until it is lifted.

    Runs keep their state and polls their place: what changes meanwhile is found afterwards.
    ``False``: everything is paused already.
    """
    with services.database.begin() as connection:
        return halts.begin(connection, by=by, now=services.clock())


def lift(services: Services, *, by: str) -> bool:
    """Go on where everything stopped; ``False``: it is not paused.

    A run that was paused by itself stays so.
    """

    def unit(connection: Connection) -> bool:
        if not halts.lift(connection, by=by, now=services.clock()):
            return False
        work.undispatch_all(connection)
        return True

    lifted = services.database.run(unit)
    if lifted:
        sweep(services)
    return lifted
