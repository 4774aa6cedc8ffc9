"""The ring of keys that seal credentials in the database, kept in a file of its own."""

import secrets

from console.connecting import keep
from console.session import Session
from schemas.keyring import KEY_BYTES, SealingKey, as_text, ring_of
from schemas.settings import Secret
from worker.wiring import now

NAME = "vault_keys"


def ring(session: Session) -> tuple[SealingKey, ...]:
    """Return the keys as the settings have them, the one that seals first."""
    return ring_of(session.loaded.settings.vault_keys.reveal())


def is_ours(session: Session) -> bool:
    """Tell a ring that this command keeps from one that comes from elsewhere."""
    source = session.loaded.source(NAME)
    return source == "default" or str(session.loaded.settings.state_dir / "secrets") in source


def first_key(session: Session) -> tuple[SealingKey, ...]:
    """Make a ring of one key, and keep it."""
    return with_new_key(session, ())


def with_new_key(session: Session, keys: tuple[SealingKey, ...]) -> tuple[SealingKey, ...]:
    """Return the ring with a new key that seals from now on; it is kept before it is used."""
    new = SealingKey(_name(), secrets.token_bytes(KEY_BYTES))
    return kept(session, (new, *keys))


def kept(session: Session, keys: tuple[SealingKey, ...]) -> tuple[SealingKey, ...]:
    """Write the ring to its file, which ``.env`` points to."""
    keep(session, NAME, Secret(as_text(keys)), {})
    return keys


def _name() -> str:
    """By time, so that people see which is younger; two in one second stay apart."""
    return f"{now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
