"""What webhooks and outbound messages marked for a look."""

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from guestlist.store.tables import hints


def marks(conn: Connection) -> int:
    """How many records are marked."""
    return conn.execute(select(func.count()).select_from(hints)).scalar_one()
