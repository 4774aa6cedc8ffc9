"""``guestlist keys``: the keys that seal in the database what OAuth grants."""

import click

from console.keys import is_ours, kept, ring, with_new_key
from console.options import Section
from console.session import Refusal, Session, pass_session


@click.group(cls=Section)
def keys() -> None:
    """Look at, change and retire the keys that seal tokens in the database."""


@keys.command("ls")
@pass_session
def show(session: Session) -> None:
    """List the keys by name, the one that seals first; no key is shown."""
    from guestlist.store import grants

    with session.database.read() as conn:
        used = set(grants.key_ids(conn))
    names = [key.id for key in ring(session)]
    rows = [
        (name, "seals" if place == 0 else "opens", "yes" if name in used else "no")
        for place, name in enumerate(names)
    ]
    missing = sorted(used - set(names))
    body = {"keys": [{"id": name, "used": name in used} for name in names], "missing": missing}

    def draw() -> None:
        session.printer.table(("key", "it", "in use"), rows)
        if missing:
            session.printer.line(f"in use and not in the ring: {', '.join(missing)}")

    session.printer.show("keys", body, draw)


@keys.command()
@pass_session
def rotate(session: Session) -> None:
    """Make a new key, and seal everything with it; the old ones open nothing from then on.

    A ring that comes from elsewhere than `guestlist keys` (a variable, a vault) is left alone:
    put the new key first there, and this seals everything with it.
    """
    from guestlist.store import audit, grants
    from guestlist.store.vault import Vault
    from worker.wiring import now

    ours = is_ours(session)
    found = with_new_key(session, ring(session)) if ours else ring(session)
    with session.database.begin() as conn:
        resealed = grants.reseal(conn, Vault(found))
        detail = {"key": found[0].id, "resealed": resealed}
        audit.append(conn, "keys.rotated", who=session.who, now=now(), detail=detail)
    words = f"{found[0].id} seals now; {resealed} sealed anew"
    session.printer.show("keys-rotated", detail, lambda: session.printer.line(words))
    if len(found) > 1 and ours:
        session.printer.suggest("guestlist keys retire, once every worker has taken the new key")


@keys.command()
@pass_session
def retire(session: Session) -> None:
    """Destroy the keys that seal nothing any more."""
    from guestlist.store import audit, grants
    from worker.wiring import now

    if not is_ours(session):
        fix = "take the old keys out there"
        raise Refusal(f"the ring comes from {session.loaded.source('vault_keys')}", fix=fix)
    found = ring(session)
    with session.database.begin() as conn:
        used = set(grants.key_ids(conn))
        stay = tuple(key for place, key in enumerate(found) if place == 0 or key.id in used)
        gone = [key.id for key in found if key not in stay]
        if gone:
            kept(session, stay)
            detail = {"keys": gone}
            audit.append(conn, "keys.retired", who=session.who, now=now(), detail=detail)
    words = f"destroyed: {', '.join(gone)}" if gone else "there is none to destroy"
    session.printer.show("keys-retired", {"keys": gone}, lambda: session.printer.line(words))
