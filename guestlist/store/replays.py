"""What a program asked for under an idempotency key, so that asking twice starts one run."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from guestlist.store.batch import insert_into
from guestlist.store.tables import replays


class Replay(NamedTuple):
    """The first request under a key."""

    asked: str
    """Hash of what was asked for."""
    run_id: str


def remember(
    conn: Connection, digest: str, new: Replay, *, now: datetime, forget: datetime
) -> Replay:
    """Return what was first asked for under this key, which may be *new* itself."""
    conn.execute(delete(replays).where(replays.c.at < forget))
    row = new._asdict() | {"digest": digest, "at": now}
    insert = insert_into(replays, conn.dialect.name).values(row)
    conn.execute(insert.on_conflict_do_nothing())
    first = select(replays.c.asked, replays.c.run_id).where(replays.c.digest == digest)
    return Replay(*conn.execute(first).one())
