"""What a CRM's OAuth granted: one row a provider, both tokens sealed; and who renews it now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import Connection

from guestlist.store.access_tables import grants
from guestlist.store.batch import insert_into
from guestlist.store.vault import Place, Vault
from schemas.records import Crm
from schemas.settings import Secret

ACCESS, REFRESH = "access", "refresh"


class Grant(NamedTuple):
    """Both tokens as they are used."""

    provider: Crm
    account: str
    """HubSpot: the portal's id."""
    refresh: Secret
    access: Secret
    scopes: Sequence[str]
    issued_at: datetime
    expires_at: datetime
    granted_at: datetime
    granted_by: str


class Held(NamedTuple):
    """A grant, and what became of it since."""

    grant: Grant
    cut_off: bool
    """A renewal was begun and neither ended nor failed (yet): its process may be gone."""
    refused_at: datetime | None
    refused_why: str


def scopes(conn: Connection, provider: Crm) -> Sequence[str]:
    """Return what a grant allows; empty: there is none."""
    query = select(grants.c.scopes).where(grants.c.provider == provider)
    found: Sequence[str] | None = conn.execute(query).scalar_one_or_none()
    return found or ()


def get(conn: Connection, vault: Vault, provider: Crm) -> Held | None:
    """Raises ``Unauthorized`` for a row that no key opens."""
    row = conn.execute(select(grants).where(grants.c.provider == provider)).one_or_none()
    if row is None:
        return None
    grant = Grant(
        row.provider,
        row.account,
        vault.open(row.refresh, row.key_id, Place(row.provider, row.account, REFRESH)),
        vault.open(row.access, row.key_id, Place(row.provider, row.account, ACCESS)),
        row.scopes,
        row.issued_at,
        row.expires_at,
        row.granted_at,
        row.granted_by,
    )
    return Held(grant, row.holder is not None, row.refused_at, row.refused_why or "")


def account(conn: Connection, provider: Crm) -> str | None:
    """Whose grant is kept; needs no key."""
    query = select(grants.c.account).where(grants.c.provider == provider)
    return conn.execute(query).scalar_one_or_none()


def put(conn: Connection, vault: Vault, grant: Grant) -> None:
    """Keep a new grant in place of any before."""
    row = _sealed(vault, grant) | _AT_REST
    row |= {"granted_at": grant.granted_at, "granted_by": grant.granted_by}
    new = insert_into(grants, conn.dialect.name).values(provider=grant.provider, **row)
    conn.execute(new.on_conflict_do_update(index_elements=["provider"], set_=row))


def claim(conn: Connection, provider: Crm, holder: str, *, now: datetime, until: datetime) -> bool:
    """Mark that *holder* is about to renew it; ``False``: somebody else is.

    Committed before the request is sent: whoever finds the mark of a process that is gone knows
    that the answer was lost.
    """
    free = or_(grants.c.holder.is_(None), grants.c.held_until < now)
    marked = (
        update(grants)
        .where(grants.c.provider == provider, free)
        .values(holder=holder, held_until=until)
    )
    return conn.execute(marked).rowcount == 1


def release(conn: Connection, provider: Crm, holder: str) -> None:
    """Take the mark away again: nothing was renewed, and nothing was refused."""
    mine = (grants.c.provider == provider) & (grants.c.holder == holder)
    conn.execute(update(grants).where(mine).values(holder=None, held_until=None))


def renewed(conn: Connection, vault: Vault, grant: Grant, *, before: datetime) -> bool:
    """Keep what a renewal brought, unless another one was kept since the one of *before*.

    A late answer counts too, and takes back a refusal that it caused: its refresh token may be
    the only one that is good.
    """
    same = (grants.c.provider == grant.provider) & (grants.c.issued_at == before)
    row = _sealed(vault, grant) | _AT_REST
    return conn.execute(update(grants).where(same).values(row)).rowcount == 1


def refuse(conn: Connection, provider: Crm, *, why: str, now: datetime, before: datetime) -> None:
    """Note that the CRM takes the refresh token no more: a person has to connect again."""
    same = (grants.c.provider == provider) & (grants.c.issued_at == before)
    row = {"refused_at": now, "refused_why": why, "holder": None, "held_until": None}
    conn.execute(update(grants).where(same).values(row))


def remove(conn: Connection, provider: Crm) -> bool:
    """Forget the grant; ``False``: there was none."""
    return conn.execute(delete(grants).where(grants.c.provider == provider)).rowcount == 1


def reseal(conn: Connection, vault: Vault) -> int:
    """Seal every grant with the ring's first key; how many were sealed with another."""
    old = select(grants.c.provider).where(grants.c.key_id != vault.key_id).with_for_update()
    providers = list(conn.execute(old).scalars())
    for provider in providers:
        held = get(conn, vault, provider)
        if held:
            row = _sealed(vault, held.grant)
            conn.execute(update(grants).where(grants.c.provider == provider).values(row))
    return len(providers)


def key_ids(conn: Connection) -> list[str]:
    """Return the keys that something is sealed with."""
    return list(conn.execute(select(grants.c.key_id).distinct()).scalars())


_AT_REST: dict[str, Any] = dict.fromkeys(("holder", "held_until", "refused_at", "refused_why"))


def _sealed(vault: Vault, grant: Grant) -> dict[str, Any]:
    return {
        "account": grant.account,
        "key_id": vault.key_id,
        "refresh": vault.seal(grant.refresh, Place(grant.provider, grant.account, REFRESH)),
        "access": vault.seal(grant.access, Place(grant.provider, grant.account, ACCESS)),
        "scopes": [*grant.scopes],
        "issued_at": grant.issued_at,
        "expires_at": grant.expires_at,
    }
