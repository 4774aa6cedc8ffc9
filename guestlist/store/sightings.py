"""Which state of a record was queued last, so that reading an overlap again queues nothing again.

A state is the CRM's own stamp.  Any other stamp, also an older one, is a state not seen yet.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import String, bindparam, delete, select, true
from sqlalchemy.engine import Connection

from guestlist.store.batch import incoming, insert_into, rows_parameter
from guestlist.store.columns import to_ms
from guestlist.store.tables import sightings
from schemas.records import Changed, Crm


def unseen(conn: Connection, object: str, crm: Crm, changed: Sequence[Changed]) -> list[Changed]:
    """Return what was not queued in this state yet, once each, and remember that it is now.

    In the transaction that queues it.
    """
    latest = {each.id: each for each in changed}
    if not latest:
        return []
    rows = [[each.id, to_ms(each.at)] for _, each in sorted(latest.items())]
    parameters = rows_parameter(rows) | {"of_object": object, "of_crm": crm}
    new = frozenset(conn.execute(_noting(conn.dialect.name), parameters).scalars())
    return [each for each in latest.values() if each.id in new]


def prune(conn: Connection, object: str, crm: Crm, *, before: datetime) -> int:
    """Forget states saved before *before*, which no overlap reaches any more."""
    return conn.execute(
        delete(sightings).where(
            sightings.c.object == object, sightings.c.crm == crm, sightings.c.at < before
        )
    ).rowcount


@cache
def _noting(dialect: str) -> Any:
    seen = incoming("id", "at", numbers=frozenset({"at"})).subquery()
    of_object = bindparam("of_object", type_=String)
    of_crm = bindparam("of_crm", type_=sightings.c.crm.type)
    insert = insert_into(sightings, dialect).from_select(
        ["object", "crm", "id", "at"], select(of_object, of_crm, *seen.c).where(true())
    )
    return insert.on_conflict_do_update(
        index_elements=["object", "crm", "id"],
        set_={"at": insert.excluded.at},
        where=sightings.c.at != insert.excluded.at,
    ).returning(sightings.c.id)
