"""The statements of the cursors, built once: a quiet look is little else than these."""

from functools import cache
from typing import Any

from sqlalchemy import Select, String, Update, bindparam, or_, select, update

from guestlist.store.columns import Instant
from guestlist.store.tables import cursors

COLUMNS = (
    cursors.c.stream,
    cursors.c.at,
    cursors.c.id,
    cursors.c.token,
    cursors.c.looked_at,
    cursors.c.held_until,
)
_OBJECT = bindparam("of_object", type_=String)
_STREAM = bindparam("of_stream", type_=String)
_HOLDER = bindparam("of_holder", type_=String)
_ONE = (cursors.c.object == _OBJECT, cursors.c.stream == _STREAM)


@cache
def getting() -> Select[Any]:
    return select(*COLUMNS).where(*_ONE)


@cache
def of_object() -> Select[Any]:
    return select(*COLUMNS).where(cursors.c.object == _OBJECT).order_by(cursors.c.stream)


@cache
def taking(*, when_due: bool, unfinished: bool) -> Any:
    """Take a stream that nobody holds; *when_due*: and that nobody looked at since."""
    now = bindparam("at_now", type_=Instant)
    wanted = [*_ONE, or_(cursors.c.holder.is_(None), cursors.c.held_until <= now)]
    if when_due:
        due_before = bindparam("due_before", type_=Instant)
        due = [cursors.c.looked_at.is_(None), cursors.c.looked_at <= due_before]
        broke_off = [cursors.c.token.is_not(None)] if unfinished else []
        wanted.append(or_(*due, *broke_off))
    until = bindparam("until", type_=Instant)
    taken = update(cursors).where(*wanted).values(holder=_HOLDER, held_until=until)
    return taken.returning(*COLUMNS)


@cache
def changing(*names: str) -> Update:
    """Set the columns *names* to the parameters ``new_`` and their name, while it is ours."""
    new = {name: bindparam(f"new_{name}", type_=cursors.c[name].type) for name in names}
    return update(cursors).where(*_ONE, cursors.c.holder == _HOLDER).values(new)
