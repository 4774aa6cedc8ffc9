"""What a handler is given and gives back, before headers and JSON are put on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import orjson

from sandbox.hubspot.digits import is_whole
from sandbox.hubspot.errors import invalid, invalid_json
from sandbox.hubspot.shapes import Shape
from sandbox.wire import Request


class Answer(NamedTuple):
    """A status and the body to be made JSON; no body at all for 204."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request that has found its route."""

    request: Request
    params: Mapping[str, str] = field(default_factory=dict)
    """The variable parts of the path."""
    caller: str = ""
    base: str = ""
    """The address to build ``link`` members from."""

    @property
    def keeps_rules(self) -> bool:
        """True where an administrator's rules are in force: from version 2026-09 on."""
        return "/2026-09" in self.request.path

    @property
    def request_id(self) -> str:
        """The caller's own id for the request."""
        return self.request.headers.get("x-request-id", "")

    def body(self, shape: Shape) -> Any:
        """Return the body, or raise the 400 for what is not JSON or of another shape."""
        try:
            body = orjson.loads(self.request.body)
        except orjson.JSONDecodeError as error:
            raise invalid_json(str(error)) from error
        shape(body)
        return body

    def form(self) -> dict[str, str]:
        """Return the body as a form; what is no UTF-8 in it is nobody's credential."""
        text = self.request.body.decode(errors="replace")
        return dict(parse_qsl(text, keep_blank_values=True))

    def flag(self, name: str) -> bool:
        return self.request.query.get(name, "false").lower() == "true"

    def names(self, name: str) -> list[str]:
        """Return a query value that is separated by commas, given repeatedly, or both."""
        if name not in self.request.query:
            return []
        pairs = parse_qsl(self.request.raw_query)
        texts = [text for found, text in pairs if found == name] or [self.request.query[name]]
        return [part for text in texts for part in text.split(",") if part]

    def number(self, name: str, *, default: int, low: int = 1, high: int) -> int:
        """Return a numeric query value inside its bounds, or raise the 400."""
        text = self.request.query.get(name)
        if text is None or text == "":
            return default
        if not is_whole(text) or not low <= int(text) <= high:
            raise invalid(f"{name} must be between {low} and {high}, but was {text}")
        return int(text)

    def link(self, **changes: str) -> str:
        """Return this request's address with other query values."""
        query = {**self.request.query, **changes}
        return f"{self.base}{self.request.path}?{urlencode(query)}"
