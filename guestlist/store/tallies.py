"""How the records of recent runs ended, by object."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.engine import Connection

from guestlist.domain.outcome import Outcome
from guestlist.domain.trouble import Tally
from guestlist.store.tables import runs

_LOOKED_AT = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.HELD, Outcome.FAILED)


def since(conn: Connection, moment: datetime) -> dict[str, Tally]:
    """Return the records that ended, and failed, in runs that were under way since *moment*."""
    ended = sum((runs.c[outcome.value] for outcome in _LOOKED_AT[1:]), runs.c[_LOOKED_AT[0].value])
    query = (
        select(runs.c.object, func.sum(ended), func.sum(runs.c.failed))
        .where(or_(runs.c.finished_at.is_(None), runs.c.finished_at >= moment))
        .group_by(runs.c.object)
    )
    return {name: Tally(int(all), int(failed)) for name, all, failed in conn.execute(query)}
