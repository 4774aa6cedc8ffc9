"""The halt: while it lasts nothing new begins, in any run and in no poll."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from guestlist.store import audit, meta
from guestlist.store.columns import from_ms, to_ms
from guestlist.store.turns import one_at_a_time

_NAME = "halt"


@dataclass(frozen=True, slots=True)
class Halt:
    """Who paused everything, and when; over at ``lifted_at``."""

    by: str
    at: datetime
    lifted_at: datetime | None = None

    @property
    def on(self) -> bool:
        return self.lifted_at is None


def last(conn: Connection) -> Halt | None:
    """The halt that is on, or the latest that was; ``None``: there was none yet."""
    kept = meta.get(conn, _NAME)
    if kept is None:
        return None
    by, at, lifted_at = kept
    return Halt(by, from_ms(at), None if lifted_at is None else from_ms(lifted_at))


def get(conn: Connection) -> Halt | None:
    """The halt that is on."""
    halt = last(conn)
    return halt if halt and halt.on else None


def begin(conn: Connection, *, by: str, now: datetime) -> bool:
    """Pause everything; ``False``: it is paused already."""
    one_at_a_time(conn, _NAME)
    if get(conn):
        return False
    meta.put(conn, _NAME, [by, to_ms(now), None])
    audit.append(conn, "engine.paused", who=by, now=now, detail={})
    return True


def lift(conn: Connection, *, by: str, now: datetime) -> bool:
    """Let everything go on; ``False``: it is not paused."""
    one_at_a_time(conn, _NAME)
    halt = get(conn)
    if halt is None:
        return False
    meta.put(conn, _NAME, [halt.by, to_ms(halt.at), to_ms(now)])
    audit.append(conn, "engine.resumed", who=by, now=now, detail={})
    return True
