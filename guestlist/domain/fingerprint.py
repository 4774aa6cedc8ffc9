"""One name for errors that are the same but for the record they happened to."""

import re
from collections.abc import Sequence
from hashlib import blake2s

from guestlist.domain.reason import Reason

_PARTICULARS = (
    re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE),
    re.compile(r"https?://\S+", re.IGNORECASE),
    re.compile(r"[^\s@\"'<>()]+@[^\s@\"'<>()]+"),
    re.compile(r"\"[^\"]*\"|'[^']*'"),
    # Salesforce ids: 15 characters, or 18 with the checksum; a digit tells them from words.
    re.compile(r"\b(?=[A-Za-z]*\d)[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\b"),
    re.compile(r"\d+([.,:]\d+)*"),
)


def fingerprint(reason: Reason, fields: Sequence[str], message: str) -> str:
    """Return 12 hex digits that ids, numbers and values in *message* do not change.

    The order of *fields* does not matter.
    """
    for particular in _PARTICULARS:
        message = particular.sub("*", message)
    words = " ".join(message.lower().split())
    named = "\x1f".join([reason.value, *sorted(fields), words])
    return blake2s(named.encode("utf-8", "replace"), digest_size=6).hexdigest()
