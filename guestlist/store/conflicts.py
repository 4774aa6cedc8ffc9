"""The conflict log: which of two edits of one field lost, and whether a person wants it back."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, String, bindparam, delete, select, true, update
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.dml import ReturningInsert

from guestlist.domain.write import Conflict, Sides
from guestlist.store import audit
from guestlist.store.batch import (
    among_keys,
    incoming,
    insert_into,
    keys_parameter,
    rows_parameter,
)
from guestlist.store.columns import Instant, to_json, to_ms
from guestlist.store.tables import conflicts
from schemas.records import Crm


@dataclass(frozen=True, slots=True)
class Logged:
    """A conflict as it was decided, and what was asked for since."""

    id: int
    object: str
    conflict: Conflict
    run_id: str
    decided_at: datetime
    restore_by: str | None = None
    restore_asked_at: datetime | None = None
    restored_at: datetime | None = None

    @property
    def lost(self) -> str | None:
        """The value that did not win."""
        return lost(self.conflict.winner, self.conflict.values)


class Wanted(NamedTuple):
    """A value that a person wants back, and the conflict it lost."""

    id: int
    value: str | None


_Same = tuple[str, str, Sides, Sides | None, Crm]
_NAMES = (
    "key",
    "property",
    "hubspot",
    "salesforce",
    "agreed",
    "winner",
    "hubspot_at",
    "salesforce_at",
)
_COLUMNS = (
    conflicts.c.id,
    conflicts.c.object,
    *(conflicts.c[name] for name in _NAMES),
    conflicts.c.run_id,
    conflicts.c.decided_at,
    conflicts.c.restore_by,
    conflicts.c.restore_asked_at,
    conflicts.c.restored_at,
)


def lost(winner: Crm, values: Sides) -> str | None:
    """Return the value of the side that is not *winner*."""
    return values.salesforce if winner is Crm.HUBSPOT else values.hubspot


def foresee(
    conn: Connection, object: str, decided: Sequence[Conflict], *, run_id: str, now: datetime
) -> dict[Conflict, int]:
    """Log what one look is about to carry out; the ids of its entries, for it alone to take back.

    Another look may be about to carry out the same: at the pair by its other id, or in the same
    run, where one of two clocks is wrong and a lease seems to be over.
    """
    added = _put(conn, object, decided, run_id=run_id, now=now)
    of = {(each.key, each.property): each for each in decided}
    return {of[row.key, row.property]: row.id for row in added}


def put_many(
    conn: Connection,
    object: str,
    decided: Iterable[Conflict],
    *,
    run_id: str,
    now: datetime,
    own: Collection[int] = (),
) -> None:
    """Log what one look of a run carried out, once; *own* are the entries it made beforehand.

    Entries of that run for the same, by a look that ended unrecorded, go.  Its lock is held.
    """
    wanted = [*decided]
    logged: dict[_Same, list[int]] = {}
    for each in _of_run(conn, object, wanted, run_id):
        logged.setdefault(_same(each.conflict), []).append(each.id)
    new = [each for each in wanted if _same(each) not in logged]
    _put(conn, object, new, run_id=run_id, now=now)
    found = [logged[same] for same in map(_same, wanted) if same in logged]
    take_back(conn, [id for ids in found if {*ids} & {*own} for id in ids if id not in own])


def take_back(conn: Connection, ids: Sequence[int]) -> None:
    """Forget entries of what was not carried out: nobody lost anything."""
    if ids:
        asked = conflicts.c.restore_asked_at.is_not(None)
        conn.execute(delete(conflicts).where(conflicts.c.id.in_(ids), ~asked))


def _put(
    conn: Connection, object: str, decided: Sequence[Conflict], *, run_id: str, now: datetime
) -> Sequence[Row[Any]]:
    if not decided:
        return []
    parameters = {"of_object": object, "of_run": run_id, "at_now": now}
    rows = rows_parameter(map(_row, decided))
    return conn.execute(_putting(conn.dialect.name), rows | parameters).all()


def _of_run(
    conn: Connection, object: str, about: Iterable[Conflict], run_id: str
) -> Iterator[Logged]:
    """Yield what a run logged of the records that these conflicts are about."""
    keys = {each.key for each in about}
    if keys:
        for row in conn.execute(_logged(), keys_parameter(keys) | {"of_object": object}):
            if row.run_id == run_id:
                yield _loaded(row)


def _same(conflict: Conflict) -> _Same:
    """Return what tells one decision from another; once carried out, other values are agreed on."""
    return (
        conflict.key,
        conflict.property,
        conflict.values,
        conflict.agreed,
        conflict.winner,
    )


def page(
    conn: Connection,
    object: str | None = None,
    *,
    key: str | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> list[Logged]:
    """Newest first, those before *before_id*."""
    query = select(*_COLUMNS).order_by(conflicts.c.id.desc()).limit(limit)
    if object is not None:
        query = query.where(conflicts.c.object == object)
    if key is not None:
        query = query.where(conflicts.c.key == key)
    if before_id is not None:
        query = query.where(conflicts.c.id < before_id)
    return [_loaded(row) for row in conn.execute(query)]


def get(conn: Connection, id: int) -> Logged | None:
    row = conn.execute(select(*_COLUMNS).where(conflicts.c.id == id)).one_or_none()
    return None if row is None else _loaded(row)


def ask_restore(conn: Connection, id: int, *, by: str, now: datetime) -> bool:
    """Want the value back that lost; the next sync of the record writes it.

    ``False``: there is no such conflict, or its value was asked for already.
    """
    asked = conn.execute(
        update(conflicts)
        .where(conflicts.c.id == id, conflicts.c.restore_asked_at.is_(None))
        .values(restore_by=by, restore_asked_at=now)
    )
    if not asked.rowcount:
        return False
    audit.append(conn, "conflict.restore", who=by, now=now, detail={"conflict": id})
    return True


def pending(conn: Connection, object: str, keys: Iterable[str]) -> dict[str, dict[str, Wanted]]:
    """Values wanted back, by key and property; of several of one property the latest asked for."""
    found: dict[str, dict[str, Wanted]] = {}
    rows = conn.execute(_pending(), keys_parameter(keys) | {"of_object": object})
    for id, key, name, hubspot, salesforce, winner in rows:
        value = lost(winner, Sides(hubspot, salesforce))
        found.setdefault(key, {})[name] = Wanted(id, value)
    return found


def restored(conn: Connection, ids: Iterable[int], *, now: datetime) -> int:
    """Note that these values are back, and with them what was asked for before on the same field.

    Returns how many requests that settles.
    """
    parameters = rows_parameter([id] for id in ids) | {"at_now": now}
    return conn.execute(_restoring(), parameters).rowcount


def _row(conflict: Conflict) -> Sequence[Any]:
    agreed, hubspot_at, salesforce_at = (
        conflict.agreed,
        conflict.hubspot_at,
        conflict.salesforce_at,
    )
    return [
        conflict.key,
        conflict.property,
        to_json(conflict.values.hubspot),
        to_json(conflict.values.salesforce),
        None if agreed is None else to_json([*agreed]),
        conflict.winner,
        None if hubspot_at is None else to_ms(hubspot_at),
        None if salesforce_at is None else to_ms(salesforce_at),
    ]


def _loaded(row: Any) -> Logged:
    conflict = Conflict(
        row.key,
        row.property,
        Sides(row.hubspot, row.salesforce),
        None if row.agreed is None else Sides(*row.agreed),
        row.winner,
        row.hubspot_at,
        row.salesforce_at,
    )
    return Logged(
        row.id,
        row.object,
        conflict,
        row.run_id,
        row.decided_at,
        row.restore_by,
        row.restore_asked_at,
        row.restored_at,
    )


@cache
def _logged() -> Select[Any]:
    return select(*_COLUMNS).where(
        among_keys(conflicts.c.object, bindparam("of_object", type_=String), conflicts.c.key)
    )


@cache
def _putting(dialect: str) -> ReturningInsert[Any]:
    new = incoming(*_NAMES, numbers=frozenset({"hubspot_at", "salesforce_at"})).subquery()
    rows = select(
        bindparam("of_object", type_=String),
        *new.c,
        bindparam("of_run", type_=String),
        bindparam("at_now", type_=Instant),
    )
    insert = insert_into(conflicts, dialect).from_select(
        ["object", *_NAMES, "run_id", "decided_at"], rows.where(true()), include_defaults=False
    )
    return insert.returning(conflicts.c.id, conflicts.c.key, conflicts.c.property)


@cache
def _pending() -> Select[Any]:
    return (
        select(
            conflicts.c.id,
            conflicts.c.key,
            conflicts.c.property,
            conflicts.c.hubspot,
            conflicts.c.salesforce,
            conflicts.c.winner,
        )
        .where(
            among_keys(conflicts.c.object, bindparam("of_object", type_=String), conflicts.c.key),
            conflicts.c.restore_asked_at.is_not(None),
            conflicts.c.restored_at.is_(None),
        )
        .order_by(conflicts.c.restore_asked_at, conflicts.c.id)
    )


@cache
def _restoring() -> Any:
    done = incoming("id", numbers=frozenset({"id"})).subquery()
    answered = conflicts.alias("answered")
    same_field = (
        select(answered.c.id)
        .where(
            answered.c.id.in_(select(done.c.id)),
            answered.c.object == conflicts.c.object,
            answered.c.key == conflicts.c.key,
            answered.c.property == conflicts.c.property,
            answered.c.restore_asked_at >= conflicts.c.restore_asked_at,
        )
        .exists()
    )
    return (
        update(conflicts)
        .where(conflicts.c.restored_at.is_(None), same_field)
        .values(restored_at=bindparam("at_now", type_=Instant))
    )
