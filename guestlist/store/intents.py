"""What first syncs are about to write: from before the write until its pair is linked."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, String, bindparam, delete, select, true
from sqlalchemy.engine import Connection

from guestlist.domain.intent import Noted
from guestlist.domain.write import Intent
from guestlist.store.batch import (
    among_keys,
    incoming,
    insert_into,
    keys_parameter,
    rows_parameter,
)
from guestlist.store.columns import Instant, to_json
from guestlist.store.links import decode_agreed, encode_agreed
from guestlist.store.tables import intents

_STORED = ("key", "agreed", "into_hubspot", "into_salesforce", "before")
_OBJECT = bindparam("of_object", type_=String)


def put_many(conn: Connection, object: str, new: Mapping[str, Intent], *, now: datetime) -> None:
    """Note intents by HubSpot id, in the place of earlier ones."""
    rows = [
        [
            key,
            encode_agreed(each.agreed),
            to_json(sorted(each.into_hubspot)),
            to_json(sorted(each.into_salesforce)),
            encode_agreed(each.before),
        ]
        for key, each in sorted(new.items())
    ]
    if rows:
        parameters = rows_parameter(rows) | {"of_object": object, "at_now": now}
        conn.execute(_putting(conn.dialect.name), parameters)


def get_many(conn: Connection, object: str, keys: Iterable[str]) -> dict[str, Noted]:
    """Return the intents of *keys*, by key; without any, they are absent."""
    found = conn.execute(_by_key(), keys_parameter(keys) | {"of_object": object})
    return {key: Noted(key, _intent(*meant), at) for key, *meant, at in found}


def _intent(
    agreed: str, into_hubspot: list[str], into_salesforce: list[str], before: str
) -> Intent:
    return Intent(
        decode_agreed(agreed),
        frozenset(into_hubspot),
        frozenset(into_salesforce),
        decode_agreed(before),
    )


def remove(conn: Connection, object: str, keys: Iterable[str]) -> None:
    """Forget intents: their pairs are linked."""
    wanted = list(keys)
    if wanted:
        statement = delete(intents).where(among_keys(intents.c.object, _OBJECT, intents.c.key))
        conn.execute(statement, keys_parameter(wanted) | {"of_object": object})


def prune(conn: Connection, *, before: datetime) -> int:
    """Forget those noted before then."""
    return conn.execute(delete(intents).where(intents.c.at < before)).rowcount


@cache
def _by_key() -> Select[Any]:
    columns = (intents.c[name] for name in (*_STORED, "at"))
    return select(*columns).where(among_keys(intents.c.object, _OBJECT, intents.c.key))


@cache
def _putting(dialect: str) -> Insert:
    new = incoming(*_STORED).subquery()
    at_now: Any = bindparam("at_now", type_=Instant)
    rows = select(_OBJECT, at_now, *new.c).where(true())
    insert = insert_into(intents, dialect).from_select(["object", "at", *_STORED], rows)
    moved = {name: insert.excluded[name] for name in ("at", *_STORED[1:])}
    return insert.on_conflict_do_update(index_elements=["object", "key"], set_=moved)
