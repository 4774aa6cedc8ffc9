"""What crosses the wire: one request in, one response out, no sockets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, decoded; header names are lower case, a query's last value counts."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw_query: str = ""
    """The query as it came, for apps to which repeated names matter."""
    raw_path: str = ""
    """The path as it came, where an escaped slash does not end a word; empty: as ``path``."""

    def json(self) -> Any:
        """Return the parsed body; raises ``orjson.JSONDecodeError``, a ``ValueError``."""
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer. The server adds content-length and date."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


App = Callable[[Request], Response]
