"""Forget what was known of a person; the link stays, so that nobody creates them anew."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from guestlist.domain.canonical import is_email
from guestlist.store import forgotten
from guestlist.store.links import get_many
from guestlist.store.tables import conflicts, intents, links, problems, runs, stragglers, work


def forget(conn: Connection, object: str, keys: Sequence[str], *, now: datetime) -> None:
    """Erase these records, and remember by a salted mark that their people are not to come back."""
    if keys:
        addresses = {
            value
            for link in get_many(conn, object, keys).values()
            for sides in link.agreed.values()
            for value in sides
            if value and is_email(value)
        }
        forgotten.mark(conn, object, addresses, now=now)
        erase(conn, object, keys)


def erase(conn: Connection, object: str, keys: Sequence[str]) -> None:
    """Erase every value of these records: agreed values, differences, facts, refusals, conflicts.

    What stays are ids, outcomes and times, in which no person can be read.  Rare enough for plain
    statements; *keys* holds HubSpot ids, and what is kept under their twins' ids goes too.
    """
    if not keys:
        return
    linked = (links.c.object == object) & links.c.key.in_(keys)
    twins = conn.execute(select(links.c.twin_id).where(linked)).scalars().all()
    names = [*keys, *twins]
    conn.execute(update(links).where(linked).values(agreed="{}"))
    for table in (problems, conflicts, stragglers, intents):
        conn.execute(delete(table).where(table.c.object == object, table.c.key.in_(names)))
    of_object = select(runs.c.id).where(runs.c.object == object).scalar_subquery()
    looks = work.c.run_id.in_(of_object) & work.c.key.in_(names)
    conn.execute(update(work).where(looks).values(facts=None, changes=None))
