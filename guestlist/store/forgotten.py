"""Salted marks of people whom a CRM deleted for good, so that nobody brings them back by accident.

Of an address only an HMAC under this installation's own salt is kept: enough to know it again when
it is seen, and nothing that another installation's marks could be compared with.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection

from guestlist.store import meta
from guestlist.store.access_tables import forgotten
from guestlist.store.batch import insert_into

SALT = "forgotten.salt"
SALT_BYTES = 32


def mark(conn: Connection, object: str, addresses: Iterable[str], *, now: datetime) -> None:
    """Remember that these are to be forgotten."""
    digests = sorted({_digest(_salt(conn), each) for each in addresses})
    if digests:
        rows = [{"object": object, "digest": each, "at": now} for each in digests]
        conn.execute(insert_into(forgotten, conn.dialect.name).on_conflict_do_nothing(), rows)


def known(conn: Connection, object: str, addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses that are to be forgotten."""
    salt = meta.get(conn, SALT)
    if salt is None:
        return set()
    digests = {_digest(salt, each): each for each in addresses}
    query = select(forgotten.c.digest).where(
        forgotten.c.object == object, forgotten.c.digest.in_(digests)
    )
    return {digests[each] for each in conn.execute(query).scalars()}


def _salt(conn: Connection) -> str:
    salt = meta.get(conn, SALT)
    if salt is None:
        salt = secrets.token_hex(SALT_BYTES)
        meta.put_once(conn, SALT, salt)
        salt = meta.get(conn, SALT)
    return str(salt)


def _digest(salt: str, address: str) -> str:
    normal = address.strip().lower()
    return hmac.digest(bytes.fromhex(salt), normal.encode(), hashlib.sha256).hex()
