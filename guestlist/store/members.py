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
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
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
_NOW: ColumnElement[Any] = bindparam("at_now", type_=Instant)


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


def let_in(
    conn: Connection, object: str, list_id: str, keys: Iterable[str], *, now: datetime
) -> None:
    """Take in whom a write was made of as a member before any reading of the list showed it.

    Only who is known can be missed: the next enumeration that comes to its end tells who left.
    """
    rows = [[key] for key in sorted(keys)]
    if rows:
        of = {"of_object": object, "of_list": list_id, "at_now": now}
        conn.execute(_letting_in(conn.dialect.name), of | rows_parameter(rows))


def absent(conn: Connection, object: str, list_id: str, *, generation: int) -> list[str]:
    """Members whom an enumeration, now at its end, did not see."""
    return list(conn.execute(_absent(), _of_list(object, list_id, generation)).scalars())


def complete(
    conn: Connection,
    object: str,
    list_id: str,
    *,
    generation: int,
    left: Iterable[str],
    now: datetime,
    joined_since: datetime | None = None,
) -> Shift:
    """Believe an enumeration that came to its end: take in whom it saw first, drop *left*.

    *left* are those of :func:`absent` who are known to be out; the others stay members.  Who
    joined before *joined_since* is not told of: the first time that is nearly the whole list.
    """
    of = _of_list(object, list_id, generation)
    if joined_since is not None:
        conn.execute(_taking_in_silently(), of | {"at_now": now, "since": joined_since})
    entered = conn.execute(_taking_in(), of | {"at_now": now})
    dropped = conn.execute(_dropping(), of | rows_parameter([key] for key in left)).scalars()
    forget_unfinished(conn, object, list_id, generation=generation)
    return Shift(_members(entered), sorted(dropped))


def forget_unfinished(conn: Connection, object: str, list_id: str, *, generation: int) -> None:
    """Forget whom only enumerations before *generation* saw that never came to their end."""
    conn.execute(_forgetting(), _of_list(object, list_id, generation))


def seen_by(conn: Connection, object: str, list_id: str, *, generation: int) -> int:
    """How many records an enumeration, and joins since it began, saw so far."""
    return conn.execute(_counting_seen(), _of_list(object, list_id, generation)).scalar_one()


def count(conn: Connection, object: str, list_id: str) -> int:
    """How many members the last complete enumeration and the joins since left us with."""
    return conn.execute(_counting(), {"of_object": object, "of_list": list_id}).scalar_one()


def page(
    conn: Connection, object: str, list_id: str, *, after_key: str = "", limit: int = 1000
) -> list[str]:
    """Members by key, those after *after_key*."""
    query = (
        select(members.c.key)
        .where(_of(), _inside(), members.c.key > after_key)
        .order_by(members.c.key)
        .limit(limit)
    )
    of = {"of_object": object, "of_list": list_id}
    return list(conn.execute(query, of).scalars())


def drop(conn: Connection, object: str, *, but: str | None = None) -> int:
    """Forget the members of every list of *object*, those of list *but* excepted."""
    statement = delete(members).where(members.c.object == object)
    if but is not None:
        statement = statement.where(members.c.list_id != but)
    return conn.execute(statement).rowcount


def _of() -> ColumnElement[bool]:
    return and_(members.c.object == _OBJECT, members.c.list_id == _LIST)


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
def _absent() -> Any:
    seen_before = members.c.seen < _GENERATION
    return select(members.c.key).where(_of(), _inside(), seen_before).order_by(members.c.key)


@cache
def _counting() -> Select[int]:
    return select(func.count()).where(_of(), _inside())


@cache
def _counting_seen() -> Select[int]:
    return select(func.count()).where(_of(), members.c.seen >= _GENERATION)


def _taken_in() -> Update:
    new = or_(~_inside(), members.c.known_at != members.c.joined_at)
    return (
        update(members)
        .where(_of(), members.c.seen >= _GENERATION, new)
        .values(known_at=members.c.joined_at, entered_at=_NOW)
    )


@cache
def _taking_in() -> Any:
    return _taken_in().returning(members.c.key, members.c.joined_at)


@cache
def _taking_in_silently() -> Update:
    return _taken_in().where(members.c.joined_at < bindparam("since", type_=Instant))


@cache
def _forgetting() -> Any:
    return delete(members).where(_of(), ~_inside(), members.c.seen < _GENERATION)


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
    insert = insert_into(members, dialect).from_select(
        ["object", "list_id", "seen", "key", "joined_at", "known_at", "entered_at"],
        select(_OBJECT, _LIST, _GENERATION, *found.c, known_at, _NOW).where(true()),
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


@cache
def _letting_in(dialect: str) -> Any:
    written = incoming("key").subquery()
    unknown = literal(_UNKNOWN, Instant)
    insert = insert_into(members, dialect).from_select(
        ["object", "list_id", "seen", "key", "joined_at", "known_at", "entered_at"],
        select(_OBJECT, _LIST, literal(0), *written.c, unknown, unknown, _NOW).where(true()),
    )
    return insert.on_conflict_do_update(
        index_elements=["object", "list_id", "key"],
        set_={"known_at": unknown, "entered_at": insert.excluded.entered_at},
        where=members.c.known_at.is_(None),
    )


def _newest(insert: Any) -> ColumnElement[int]:
    newer = members.c.seen > insert.excluded.seen
    return case((newer, members.c.seen), else_=insert.excluded.seen)


@cache
def _dropping() -> Any:
    return (
        delete(members)
        .where(_of(), members.c.key.in_(incoming("key")), members.c.seen < _GENERATION)
        .returning(members.c.key)
    )
