"""Who is in the inclusion list, as far as we read it: what joining and leaving are told by.

A *generation* is the time, in milliseconds, at which an enumeration began.  Rows carry the newest
one that saw them.  What an enumeration sees for the first time is nobody's member before it is
complete, so one that breaks off changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.engine import Connection

from guestlist.store.batch import incoming, insert_into, rows_parameter
from guestlist.store.columns import Instant, from_ms, to_ms
from guestlist.store.tables import members
from schemas.records import Member

_UNKNOWN = from_ms(0)
"""Stands for the time of joining that HubSpot did not tell."""
_OBJECT = bindparam("of_object", type_=String)
_LIST = bindparam("of_list", type_=String)
_GENERATION = bindparam("of_generation", type_=BigInteger)


class Shift(NamedTuple):
    """Who entered and who left between two complete enumerations."""

    entered: list[Member]
    left: list[str]


def mark(
    conn: Connection, object: str, list_id: str, found: Sequence[Member], *, generation: int
) -> None:
    """Note whom an enumeration under way saw."""
    rows = _rows(found)
    if rows:
        parameters = _of_list(object, list_id, generation) | rows_parameter(rows)
        conn.execute(_marking(conn.dialect.name), parameters)


def enter(
    conn: Connection,
    object: str,
    list_id: str,
    found: Sequence[Member],
    *,
    generation: int,
    now: datetime,
) -> list[Member]:
    """Take in who is in the list; those who were not, or joined anew since, are returned."""
    rows = _rows(found)
    if not rows:
        return []
    parameters = _of_list(object, list_id, generation) | rows_parameter(rows) | {"at_now": now}
    return _members(conn.execute(_entering(conn.dialect.name), parameters))


def absent(conn: Connection, object: str, list_id: str, *, generation: int) -> list[str]:
    """Members whom an enumeration, now at its end, did not see."""
    query = (
        select(members.c.key)
        .where(_of(object, list_id), _inside(), members.c.seen < generation)
        .order_by(members.c.key)
    )
    return list(conn.execute(query).scalars())


def complete(
    conn: Connection,
    object: str,
    list_id: str,
    *,
    generation: int,
    left: Iterable[str],
    now: datetime,
) -> Shift:
    """Believe an enumeration that came to its end: take in whom it saw first, drop *left*.

    *left* are those of :func:`absent` who are known to be out; the others stay members.
    """
    new = or_(~_inside(), members.c.known_at != members.c.joined_at)
    entered = conn.execute(
        update(members)
        .where(_of(object, list_id), members.c.seen >= generation, new)
        .values(known_at=members.c.joined_at, entered_at=now)
        .returning(members.c.key, members.c.joined_at)
    )
    gone = _of_list(object, list_id, generation) | rows_parameter([key] for key in left)
    dropped = conn.execute(_dropping(), gone).scalars()
    forget_unfinished(conn, object, list_id, generation=generation)
    return Shift(_members(entered), sorted(dropped))


def forget_unfinished(conn: Connection, object: str, list_id: str, *, generation: int) -> None:
    """Forget whom only enumerations before *generation* saw that never came to their end."""
    conn.execute(
        delete(members).where(_of(object, list_id), ~_inside(), members.c.seen < generation)
    )


def seen_by(conn: Connection, object: str, list_id: str, *, generation: int) -> int:
    """How many records an enumeration, and joins since it began, saw so far."""
    query = select(func.count()).where(_of(object, list_id), members.c.seen >= generation)
    return conn.execute(query).scalar_one()


def count(conn: Connection, object: str, list_id: str) -> int:
    """How many members the last complete enumeration and the joins since left us with."""
    return conn.execute(select(func.count()).where(_of(object, list_id), _inside())).scalar_one()


def page(
    conn: Connection, object: str, list_id: str, *, after_key: str = "", limit: int = 1000
) -> list[str]:
    """Members by key, those after *after_key*."""
    query = (
        select(members.c.key)
        .where(_of(object, list_id), _inside(), members.c.key > after_key)
        .order_by(members.c.key)
        .limit(limit)
    )
    return list(conn.execute(query).scalars())


def drop(conn: Connection, object: str, *, but: str | None = None) -> int:
    """Forget the members of every list of *object*, those of list *but* excepted."""
    statement = delete(members).where(members.c.object == object)
    if but is not None:
        statement = statement.where(members.c.list_id != but)
    return conn.execute(statement).rowcount


def _of(object: str, list_id: str) -> ColumnElement[bool]:
    return and_(members.c.object == object, members.c.list_id == list_id)


def _inside() -> ColumnElement[bool]:
    return members.c.known_at.is_not(None)


def _of_list(object: str, list_id: str, generation: int) -> dict[str, Any]:
    return {"of_object": object, "of_list": list_id, "of_generation": generation}


def _rows(found: Sequence[Member]) -> list[list[Any]]:
    joined = {member.record_id: member.joined_at or _UNKNOWN for member in found}
    return [[key, to_ms(at)] for key, at in sorted(joined.items())]


def _members(rows: Iterable[Any]) -> list[Member]:
    return sorted(Member(key, None if at == _UNKNOWN else at) for key, at in rows)


def _incoming() -> Any:
    return incoming("key", "joined_at", numbers=frozenset({"joined_at"})).subquery()


@cache
def _marking(dialect: str) -> Any:
    found = _incoming()
    insert = insert_into(members, dialect).from_select(
        ["object", "list_id", "seen", "key", "joined_at"],
        select(_OBJECT, _LIST, _GENERATION, *found.c).where(true()),
    )
    return insert.on_conflict_do_update(
        index_elements=["object", "list_id", "key"],
        set_={"seen": _newest(insert), "joined_at": insert.excluded.joined_at},
    )


@cache
def _entering(dialect: str) -> Any:
    found = _incoming()
    known_at = found.c.joined_at.label("known_at")
    entered_at: ColumnElement[Any] = bindparam("at_now", type_=Instant)
    insert = insert_into(members, dialect).from_select(
        ["object", "list_id", "seen", "key", "joined_at", "known_at", "entered_at"],
        select(_OBJECT, _LIST, _GENERATION, *found.c, known_at, entered_at).where(true()),
    )
    known = members.c.known_at
    return insert.on_conflict_do_update(
        index_elements=["object", "list_id", "key"],
        set_={
            "seen": _newest(insert),
            "joined_at": insert.excluded.joined_at,
            "known_at": insert.excluded.joined_at,
            "entered_at": insert.excluded.entered_at,
        },
        where=or_(known.is_(None), known != insert.excluded.joined_at),
    ).returning(members.c.key, members.c.joined_at)


def _newest(insert: Any) -> ColumnElement[int]:
    newer = members.c.seen > insert.excluded.seen
    return case((newer, members.c.seen), else_=insert.excluded.seen)


@cache
def _dropping() -> Any:
    return (
        delete(members)
        .where(
            members.c.object == _OBJECT,
            members.c.list_id == _LIST,
            members.c.key.in_(incoming("key")),
            members.c.seen < _GENERATION,
        )
        .returning(members.c.key)
    )
