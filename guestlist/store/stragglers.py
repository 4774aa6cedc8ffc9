"""Writes that were sent and never answered: until they can not arrive any more."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, String, bindparam, delete, select, true
from sqlalchemy.engine import Connection

from guestlist.domain.straggler import Late
from guestlist.domain.write import Straggler
from guestlist.store.batch import (
    among_keys,
    incoming,
    insert_into,
    keys_parameter,
    rows_parameter,
)
from guestlist.store.columns import Instant, to_json
from guestlist.store.tables import stragglers
from schemas.records import Crm

HORIZON = timedelta(minutes=15)
"""How long after it was sent a write may still arrive: longer than any CRM holds a request."""


def put_many(conn: Connection, object: str, sent: Iterable[Straggler], *, now: datetime) -> None:
    """Remember values that were sent without an answer."""
    rows = [[each.key, each.crm, each.property, to_json(each.value)] for each in sent]
    if rows:
        parameters = rows_parameter(rows) | {"of_object": object, "at_now": now}
        conn.execute(_putting(conn.dialect.name), parameters)


def late(
    conn: Connection, object: str, keys: Iterable[str], *, now: datetime
) -> dict[str, dict[str, Late]]:
    """Return what may still arrive, by key and property."""
    parameters = keys_parameter(keys) | {"of_object": object, "since": now - HORIZON}
    values: dict[tuple[str, str], dict[Crm, set[str | None]]] = {}
    for key, crm, name, value in conn.execute(_recent(), parameters):
        values.setdefault((key, name), defaultdict(set))[crm].add(value)
    found: dict[str, dict[str, Late]] = {}
    for (key, name), sides in values.items():
        both = Late(frozenset(sides[Crm.HUBSPOT]), frozenset(sides[Crm.SALESFORCE]))
        found.setdefault(key, {})[name] = both
    return found


def arrived(conn: Connection, object: str, seen: Sequence[Straggler]) -> None:
    """Forget values that have arrived: a request arrives once."""
    for each in seen:
        conn.execute(
            delete(stragglers).where(
                stragglers.c.object == object,
                stragglers.c.key == each.key,
                stragglers.c.crm == each.crm,
                stragglers.c.property == each.property,
            )
        )


def prune(conn: Connection, *, now: datetime) -> int:
    """Forget what can not arrive any more."""
    return conn.execute(delete(stragglers).where(stragglers.c.at < now - HORIZON)).rowcount


@cache
def _putting(dialect: str) -> Insert:
    names = ["key", "crm", "property", "value"]
    new = incoming(*names).subquery()
    of_object = bindparam("of_object", type_=String)
    at_now: Any = bindparam("at_now", type_=Instant)
    rows = select(of_object, at_now, *new.c).where(true())
    return insert_into(stragglers, dialect).from_select(["object", "at", *names], rows)


@cache
def _recent() -> Select[Any]:
    of_object = bindparam("of_object", type_=String)
    return select(
        stragglers.c.key, stragglers.c.crm, stragglers.c.property, stragglers.c.value
    ).where(
        among_keys(stragglers.c.object, of_object, stragglers.c.key),
        stragglers.c.at >= bindparam("since", type_=Instant),
    )
