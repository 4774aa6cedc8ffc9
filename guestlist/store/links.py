"""Links: which two records are twins, and the values both sides held after the last success."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Insert, Select, String, and_, bindparam, case, delete, select, true, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from guestlist.domain.reason import Reason
from guestlist.domain.write import Agreed, Sides
from guestlist.store.batch import (
    among_keys,
    incoming,
    insert_into,
    keys_parameter,
    rows_parameter,
)
from guestlist.store.columns import Instant, to_json, to_ms
from guestlist.store.tables import links


class Link(NamedTuple):
    """A HubSpot record and its Salesforce twin.  ``left_at``: it left the list, nothing syncs."""

    key: str
    twin_type: str
    twin_id: str
    agreed: Agreed
    linked_at: datetime
    agreed_at: datetime
    left_at: datetime | None = None
    outside: Reason | None = None
    """Why it was linked although the contact was in no list; gone with its first full sync."""


@dataclass(frozen=True, slots=True)
class TwinTaken:
    """A link that was not stored: its twin is another record's already."""

    key: str
    twin_id: str
    taken_by: str


_OBJECT = bindparam("of_object", type_=String)
_FIELDS = (
    links.c.key,
    links.c.twin_type,
    links.c.twin_id,
    links.c.agreed,
    links.c.linked_at,
    links.c.agreed_at,
    links.c.left_at,
    links.c.outside,
)


def get_many(conn: Connection, object: str, keys: Iterable[str]) -> dict[str, Link]:
    """The links of *keys*, by key; keys without a link are absent."""
    found = conn.execute(_by_key(), keys_parameter(keys) | {"of_object": object})
    return {row[0]: _loaded(row) for row in found}


def by_twin(conn: Connection, object: str, twin_ids: Iterable[str]) -> dict[str, Link]:
    """The links of Salesforce ids, by that id."""
    found = conn.execute(_by_twin(), keys_parameter(twin_ids) | {"of_object": object})
    return {row[2]: _loaded(row) for row in found}


def put_many(conn: Connection, object: str, new: Iterable[Link]) -> list[TwinTaken]:
    """Store links, replacing those of the same keys; ``linked_at`` stays while the twin does.

    A twin belongs to one record: links that would share one are left out and returned.
    """
    ordered = sorted(new, key=lambda link: link.key)
    taken = _twice_in(ordered)
    free = _without(ordered, taken)
    while free:
        try:
            with conn.begin_nested():
                conn.execute(_putting(conn.dialect.name), _parameters(object, free))
        except IntegrityError:
            elsewhere = _taken(conn, object, free)
            if not elsewhere:
                raise
            taken += elsewhere
            free = _without(free, elsewhere)
        else:
            break
    return taken


def mark_left(
    conn: Connection,
    object: str,
    keys: Iterable[str],
    *,
    left_at: datetime,
) -> int:
    """Remember since when records are known to have left the list, until they are synced again.

    How many were thought to be in it.
    """
    inside = and_(among_keys(links.c.object, _OBJECT, links.c.key), links.c.left_at.is_(None))
    statement = update(links).where(inside).values(left_at=bindparam("left", type_=Instant))
    parameters = keys_parameter(keys) | {"of_object": object, "left": left_at}
    return conn.execute(statement, parameters).rowcount


def remove(conn: Connection, object: str, keys: Iterable[str]) -> int:
    """Forget links; nothing is deleted in a CRM."""
    statement = delete(links).where(among_keys(links.c.object, _OBJECT, links.c.key))
    return conn.execute(statement, keys_parameter(keys) | {"of_object": object}).rowcount


def encode_agreed(agreed: Agreed) -> str:
    """By property the one value both sides hold, or ``[hubspot, salesforce]`` where they differ."""
    return to_json(
        {
            name: hubspot if hubspot == salesforce else [hubspot, salesforce]
            for name, (hubspot, salesforce) in agreed.items()
        }
    )


_sides: Callable[[Iterable[str | None]], Sides] = partial(tuple.__new__, Sides)
"""Builds one a field a record: three times as fast as its class."""


def decode_agreed(text: str) -> Agreed:
    return {
        name: _sides(value if type(value) is list else (value, value))
        for name, value in orjson.loads(text).items()
    }


def _loaded(row: Sequence[Any]) -> Link:
    key, twin_type, twin_id, agreed, *rest = row
    return Link(key, twin_type, twin_id, decode_agreed(agreed), *rest)


def _twice_in(new: Sequence[Link]) -> list[TwinTaken]:
    owners: dict[str, str] = {}
    return [
        TwinTaken(link.key, link.twin_id, owner)
        for link in new
        if (owner := owners.setdefault(link.twin_id, link.key)) != link.key
    ]


def _without(new: Sequence[Link], taken: Iterable[TwinTaken]) -> list[Link]:
    left_out = {conflict.key for conflict in taken}
    return [link for link in new if link.key not in left_out]


def _taken(conn: Connection, object: str, new: Sequence[Link]) -> list[TwinTaken]:
    owners = by_twin(conn, object, [link.twin_id for link in new])
    return [
        TwinTaken(link.key, link.twin_id, owner.key)
        for link in new
        if (owner := owners.get(link.twin_id)) is not None and owner.key != link.key
    ]


def _parameters(object: str, new: Sequence[Link]) -> dict[str, str]:
    values = [
        [
            link.key,
            link.twin_type,
            link.twin_id,
            encode_agreed(link.agreed),
            to_ms(link.linked_at),
            to_ms(link.agreed_at),
            None if link.left_at is None else to_ms(link.left_at),
            link.outside,
        ]
        for link in new
    ]
    return rows_parameter(values) | {"of_object": object}


@cache
def _by_key() -> Select[Any]:
    return select(*_FIELDS).where(among_keys(links.c.object, _OBJECT, links.c.key))


@cache
def _by_twin() -> Select[Any]:
    return select(*_FIELDS).where(among_keys(links.c.object, _OBJECT, links.c.twin_id))


@cache
def _putting(dialect: str) -> Insert:
    names = [column.name for column in _FIELDS]
    numbers = frozenset({"linked_at", "agreed_at", "left_at"})
    new = incoming(*names, numbers=numbers).subquery()
    insert = insert_into(links, dialect).from_select(
        ["object", *names], select(_OBJECT, *new.c).where(true())
    )
    replaced = {name: insert.excluded[name] for name in names if name != "key"}
    same_twin = links.c.twin_id == insert.excluded.twin_id
    first = case((same_twin, links.c.linked_at), else_=insert.excluded.linked_at)
    return insert.on_conflict_do_update(
        index_elements=["object", "key"], set_=replaced | {"linked_at": first}
    )
