"""The ring of keys that seal credentials at rest, as it is written in a setting."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

KEY_BYTES = 32
"""AES-256."""
_ID = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A key, and the name that what it sealed carries."""

    id: str
    value: bytes

    def __repr__(self) -> str:
        return f"SealingKey({self.id!r})"


def ring_problem(text: str) -> str | None:
    """Why *text* is no ring of keys, without repeating any of it; ``None``: it is one."""
    ids = []
    for number, word in enumerate(_words(text), 1):
        id, _, encoded = word.partition(":")
        if not _ID.fullmatch(id):
            return f"Key {number} has no name: write id:base64."
        if len(_decoded(encoded)) != KEY_BYTES:
            return f"Key {number} has to be {KEY_BYTES} bytes in base64."
        ids.append(id)
    return "Two keys have the same name." if len(set(ids)) < len(ids) else None


def ring_of(text: str) -> tuple[SealingKey, ...]:
    """Return the keys of a ring that was checked, the one that seals first."""
    pairs = (word.partition(":") for word in _words(text))
    return tuple(SealingKey(id, _decoded(encoded)) for id, _, encoded in pairs)


def as_text(ring: tuple[SealingKey, ...]) -> str:
    """Return the ring as it is kept."""
    return "\n".join(f"{key.id}:{base64.b64encode(key.value).decode()}" for key in ring)


def _words(text: str) -> Iterator[str]:
    return iter(text.replace(",", " ").split())


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
