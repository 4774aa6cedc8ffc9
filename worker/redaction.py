"""Keep secrets and people out of the logs: by key, by shape, and the very secrets we hold."""

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

from schemas.settings import Secret

EventDict = MutableMapping[str, Any]
Processor = Callable[[Any, str, EventDict], EventDict]

MASK = "********"
EMAIL_MASK = "[e-mail]"

_SECRET_KEY = re.compile(
    r"token|secret|passw|authorization|api_?key|private_?key|cookie|assertion|signature|credential",
    re.IGNORECASE,
)
_SHAPES = re.compile(
    r"""
      -----BEGIN[^-]*-----.*?(?:-----END[^-]*-----|\Z)     # PEM
    | \b(?:bearer|basic)\s+[\w.~+/=!-]{8,}                 # Authorization
    | \beyJ[\w-]{5,}(?:\.[\w-]*){1,4}                      # JWT
    | \bpat-[a-z0-9]{2,4}-[0-9a-f-]{8,}                    # HubSpot private app, service key
    | \b(?:na|eu|ap)\d-(?:access-|refresh-)?[0-9a-f][0-9a-f-]{15,}  # HubSpot OAuth
    | \b00D[A-Za-z0-9]{9,15}![\w.]{8,}                     # Salesforce session
    | \b3MVG9[\w.]{20,}                                    # Salesforce consumer key
    | (?<=://)[^\s/@]*:[^\s/@]+(?=@)                       # password in an address
    | (?<=\?|&)(?:access_token|refresh_token|client_secret|assertion|code|hapikey)=[^&\s]+
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_WORD = r"[^\s@\"'<>(),:;=/\\]"
_EMAIL = re.compile(rf"(?<!{_WORD}){_WORD}+(?:@|%40){_WORD}+\.[^\W\d_]{{2,}}")
"""Begins where a word does: a long one is looked through once, not once a letter."""
_DEPTH = 6


def redactor(secrets: Iterable[Secret] = ()) -> Processor:
    """A structlog processor that masks the whole event, exception text included."""
    known = sorted((s.reveal() for s in secrets if len(s.reveal()) >= 6), key=len, reverse=True)

    def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {
            redacted(key, known): _masked(key, value, known, _DEPTH) for key, value in event.items()
        }

    return redact


def redacted(text: str, known: Iterable[str] = ()) -> str:
    for secret in known:
        text = text.replace(secret, MASK)
    return _EMAIL.sub(EMAIL_MASK, _SHAPES.sub(MASK, text))


def _masked(key: str, value: Any, known: list[str], depth: int) -> Any:
    if value is not None and _SECRET_KEY.search(key):
        return MASK
    match value:
        case bool() | int() | float() | None:
            return value
        case str():
            return redacted(value, known)
        case Mapping() if depth:
            return {
                redacted(str(k), known): _masked(str(k), v, known, depth - 1)
                for k, v in value.items()
            }
        case list() | tuple() | set() | frozenset() if depth:
            return [_masked("", item, known, depth - 1) for item in value]
        case _:
            return redacted(str(value), known)
