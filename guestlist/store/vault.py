"""Seal credentials for the database with AES-256-GCM, each bound to whose it is.

What is sealed for one provider, account and kind of token can not be opened as another's: rows
that were swapped read as nothing.  The keys come from the settings, never from the database.
"""

import base64
import binascii
import secrets
from collections.abc import Callable, Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guestlist.domain.errors import Unauthorized
from schemas.keyring import SealingKey
from schemas.records import Crm
from schemas.settings import Secret

NONCE_BYTES = 12
"""96 bits, drawn anew for each value: GCM must never see one twice with the same key."""


class Place(NamedTuple):
    """What a sealed value is bound to."""

    provider: Crm
    account: str
    kind: str

    @property
    def bound(self) -> bytes:
        return f"{self.provider.value}\x00{self.account}\x00{self.kind}".encode()


class Vault:
    """Seals with the first key of the ring, opens with any."""

    def __init__(
        self,
        ring: Sequence[SealingKey],
        *,
        nonce: Callable[[], bytes] = lambda: secrets.token_bytes(NONCE_BYTES),
    ) -> None:
        self._ring = {key.id: AESGCM(key.value) for key in ring}
        self._nonce = nonce

    @property
    def key_id(self) -> str:
        """The key that seals; raises ``Unauthorized`` when there is none."""
        if not self._ring:
            raise Unauthorized("there is no key to seal tokens with: run `guestlist keys rotate`")
        return next(iter(self._ring))

    def seal(self, secret: Secret, place: Place) -> str:
        nonce = self._nonce()
        sealed = self._ring[self.key_id].encrypt(nonce, secret.reveal().encode(), place.bound)
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, key_id: str, place: Place) -> Secret:
        """Return the secret; raises ``Unauthorized`` when no key of the ring opens it."""
        cipher = self._ring.get(key_id)
        if cipher is None:
            message = f"the token of {place.provider} is sealed with the key {key_id}, which is not"
            raise Unauthorized(f"{message} in vault_keys")
        try:
            content = base64.b64decode(sealed, validate=True)
            opened = cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], place.bound)
        except (InvalidTag, binascii.Error, ValueError):
            message = f"the stored token of {place.provider} was changed, or is another's"
            raise Unauthorized(f"{message}: connect again") from None
        return Secret(opened.decode())
