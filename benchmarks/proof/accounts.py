"""What our own tables say, to be held against what the CRMs accepted."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from benchmarks.proof.evidence import Account, Lost
from guestlist.engine.follow import AUDIT, FORMULAS, leaves_stream
from guestlist.store import conflicts, runs
from guestlist.store.database import Database
from guestlist.store.tables import audit, cursors, work

EVERYTHING = 10**9
SELDOM, LEAVES = (AUDIT, FORMULAS), leaves_stream("")
"""Streams that are looked at by the hour or the day."""


class Kept(NamedTuple):
    """Our tables, as far as the judgement asks for them."""

    accounts: list[Account]
    looked: dict[str, float]
    late: frozenset[str]
    lost: frozenset[Lost]


def read(database: Database) -> Kept:
    """Return everything at once."""
    return Kept(accounts(database), looked(database), late(database), lost(database))


def accounts(database: Database) -> list[Account]:
    with database.read() as connection:
        found = runs.recent(connection, limit=EVERYTHING)
    return [
        Account(
            run.id,
            run.enumerated,
            sum(run.outcomes.values()),
            run.waiting,
            finished=run.finished_at is not None,
        )
        for run in found
    ]


def looked(database: Database) -> dict[str, float]:
    """Return when each record last came to an end."""
    query = select(work.c.key, func.max(work.c.finished_at)).group_by(work.c.key)
    with database.read() as connection:
        return {key: at.timestamp() for key, at in connection.execute(query) if at}


def busy(database: Database) -> bool:
    """Tell whether any run has anything left to do."""
    with database.read() as connection:
        return bool(runs.unfinished(connection))


def late(database: Database) -> frozenset[str]:
    """Return of whom it is on record that they left while they were written."""
    noted = select(audit.c.detail).where(audit.c.what == "list.late_exit")
    told = select(work.c.key, work.c.facts).where(work.c.facts.is_not(None))
    with database.read() as connection:
        keys = {detail["key"] for detail in connection.execute(noted).scalars()}
        keys |= {key for key, facts in connection.execute(told) if "late_exit" in facts}
    return frozenset(keys)


def lost(database: Database) -> frozenset[Lost]:
    """Return the values that the conflict log keeps."""
    with database.read() as connection:
        logged = conflicts.page(connection, limit=EVERYTHING)
    return frozenset(Lost(each.conflict.key, each.conflict.property, each.lost) for each in logged)


def looked_since(database: Database, moment: datetime) -> bool:
    """Tell whether every stream that is polled often has been looked at since *moment*."""
    query = select(cursors.c.looked_at).where(
        cursors.c.stream.not_in(SELDOM), ~cursors.c.stream.startswith(LEAVES)
    )
    with database.read() as connection:
        times = connection.execute(query).scalars().all()
    return bool(times) and all(at is not None and at >= moment for at in times)
