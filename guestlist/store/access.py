"""Users, their sessions, and tokens of programs.  Secrets come and go as hashes only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from guestlist.domain.role import Role
from guestlist.store import audit
from guestlist.store.access_tables import sessions, tokens, users
from guestlist.store.batch import insert_into


class User(NamedTuple):
    """A person who signs in; ``password`` is its hash."""

    name: str
    role: Role
    password: str
    created_at: datetime


class SignedIn(NamedTuple):
    """A session with its user's role as it is now."""

    digest: str
    user: str
    role: Role
    csrf: str
    created_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    """When the password was last given."""


class Token(NamedTuple):
    """What a program shows instead of a password."""

    name: str
    role: Role
    created_at: datetime
    created_by: str
    used_at: datetime | None


_USER = [users.c[name] for name in User._fields]
_TOKEN = [tokens.c[name] for name in Token._fields]


def put_user(
    conn: Connection, name: str, *, role: Role, password: str, who: str, now: datetime
) -> None:
    """Add a user, or give one a new role and password and end its sessions."""
    row = {"role": role, "password": password}
    new = insert_into(users, conn.dialect.name).values(name=name, created_at=now, **row)
    conn.execute(new.on_conflict_do_update(index_elements=["name"], set_=row))
    conn.execute(delete(sessions).where(sessions.c.user == name))
    detail = {"user": name, "role": role.value}
    audit.append(conn, "user.set", who=who, now=now, detail=detail)


def user(conn: Connection, name: str) -> User | None:
    row = conn.execute(select(*_USER).where(users.c.name == name)).one_or_none()
    return None if row is None else User(*row)


def all_users(conn: Connection) -> list[User]:
    return [User(*row) for row in conn.execute(select(*_USER).order_by(users.c.name))]


def remove_user(conn: Connection, name: str, *, who: str, now: datetime) -> bool:
    """Take a user's access away at once; ``False``: there was none of that name."""
    conn.execute(delete(sessions).where(sessions.c.user == name))
    if not conn.execute(delete(users).where(users.c.name == name)).rowcount:
        return False
    audit.append(conn, "user.removed", who=who, now=now, detail={"user": name})
    return True


def open_session(conn: Connection, digest: str, *, name: str, csrf: str, now: datetime) -> None:
    times = {"created_at": now, "seen_at": now, "confirmed_at": now}
    conn.execute(insert(sessions).values(digest=digest, user=name, csrf=csrf, **times))
    audit.append(conn, "user.signed_in", who=name, now=now, detail={})


def session(conn: Connection, digest: str) -> SignedIn | None:
    columns: list[Any] = [
        users.c.role if name == "role" else sessions.c[name] for name in SignedIn._fields
    ]
    query = select(*columns).join_from(sessions, users, sessions.c.user == users.c.name)
    row = conn.execute(query.where(sessions.c.digest == digest)).one_or_none()
    return None if row is None else SignedIn(*row)


def note_seen(conn: Connection, digest: str, *, now: datetime) -> None:
    conn.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=now))


def note_confirmed(conn: Connection, digest: str, *, now: datetime) -> None:
    conn.execute(update(sessions).where(sessions.c.digest == digest).values(confirmed_at=now))


def close_session(conn: Connection, digest: str) -> None:
    conn.execute(delete(sessions).where(sessions.c.digest == digest))


def close_old_sessions(conn: Connection, *, created_before: datetime) -> None:
    conn.execute(delete(sessions).where(sessions.c.created_at < created_before))


def add_token(
    conn: Connection, name: str, *, digest: str, role: Role, who: str, now: datetime
) -> bool:
    """Keep a token; ``False``: its name is taken."""
    row = {"name": name, "digest": digest, "role": role, "created_at": now, "created_by": who}
    try:
        with conn.begin_nested():
            conn.execute(insert(tokens).values(row))
    except IntegrityError:
        return False
    audit.append(conn, "token.added", who=who, now=now, detail={"token": name, "role": role.value})
    return True


def token(conn: Connection, digest: str) -> Token | None:
    row = conn.execute(select(*_TOKEN).where(tokens.c.digest == digest)).one_or_none()
    return None if row is None else Token(*row)


def all_tokens(conn: Connection) -> Sequence[Token]:
    return [Token(*row) for row in conn.execute(select(*_TOKEN).order_by(tokens.c.name))]


def note_used(conn: Connection, name: str, *, now: datetime) -> None:
    conn.execute(update(tokens).where(tokens.c.name == name).values(used_at=now))


def revoke_token(conn: Connection, name: str, *, who: str, now: datetime) -> bool:
    """Make a token worthless at once; ``False``: there was none of that name."""
    if not conn.execute(delete(tokens).where(tokens.c.name == name)).rowcount:
        return False
    audit.append(conn, "token.revoked", who=who, now=now, detail={"token": name})
    return True
