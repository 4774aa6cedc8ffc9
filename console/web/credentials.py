"""Passwords, session secrets and tokens: made here, kept elsewhere as hashes only."""

import hashlib
import secrets
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

TOKEN_PREFIX = "gl_"  # noqa: S105
"""Lets a scanner recognise a token that was committed somewhere."""
SHORTEST_PASSWORD = 12


def new_password() -> str:
    return secrets.token_urlsafe(18)


def new_token() -> str:
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Hash a secret of ours; it is random and long, so a fast hash without salt does."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Hash what a person chose, slowly and with salt (scrypt)."""
    return generate_password_hash(password)


def fits(password: str, hashed: str | None) -> bool:
    """Compare; an unknown user takes as long as a wrong password."""
    right = check_password_hash(hashed or _nobody(), password)
    return right and hashed is not None


@cache
def _nobody() -> str:
    return generate_password_hash(secrets.token_hex(16))
