"""One HubSpot account as JSON calls: addresses by version, the token, and what a refusal means."""

from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from guestlist.connectors.allowance import BURST
from guestlist.connectors.http import Answer, document
from guestlist.connectors.hubspot.bearer import Bearer, Refusals
from guestlist.connectors.hubspot.errors import SpentAllowance, correlation_of, refusal_of
from guestlist.connectors.hubspot.meter import held_by, told_of
from guestlist.connectors.line import Line
from guestlist.connectors.line import bearer as bearing
from guestlist.domain.errors import MissingScope, Unauthorized, Unusable
from schemas.settings import Secret

_PASSING = frozenset({408, 423, 429, 477})
"""Statuses below 500 that are no answer to what was asked."""


class Paths(NamedTuple):
    """A dated version stands after the area (``/crm/lists/2026-09``), v3 before it."""

    version: str

    def objects(self, type: str) -> str:
        return f"{self._area('objects')}/{quote(type, safe='')}"

    def properties(self, type: str) -> str:
        return f"{self._area('properties')}/{quote(type, safe='')}"

    def lists(self) -> str:
        return self._area("lists")

    def owners(self) -> str:
        return self._area("owners")

    def account(self) -> str:
        return f"/account-info/{self.version}"

    def _area(self, area: str) -> str:
        if self.version.startswith("v"):
            return f"/crm/{self.version}/{area}"
        return f"/crm/{area}/{self.version}"


class Portal:
    """Sends JSON on one line and returns JSON; raises the domain's errors."""

    def __init__(
        self, line: Line, *, origin: str, paths: Paths, bearer: Bearer, refusals: Refusals
    ) -> None:
        self.line = line
        self.paths = paths
        self._origin = origin
        self._bearer = bearer
        self._refusals = refusals

    def on(self, lane: str, *, retry: bool = False, patience_s: float | None = None) -> "Portal":
        line = self.line.on(lane, retry=retry, patience_s=patience_s)
        return Portal(
            line,
            origin=self._origin,
            paths=self.paths,
            bearer=self._bearer,
            refusals=self._refusals,
        )

    def get(self, path: str, *, kind: str = BURST) -> Any:
        return self._call(kind, "GET", path, b"")

    def post(self, path: str, content: Any, *, kind: str = BURST) -> Any:
        return self._call(kind, "POST", path, orjson.dumps(content))

    def exchange(self, path: str, content: Any) -> tuple[Any, str]:
        """Post, and also return HubSpot's correlation id of the request."""
        answer = self._send(BURST, "POST", path, orjson.dumps(content))
        return document(answer), correlation_of(answer)

    def tell(self, path: str, content: Any) -> None:
        """Send what HubSpot answers with nothing; any other answer says that it was not HubSpot."""
        answer = self._send(BURST, "POST", path, orjson.dumps(content))
        if answer.status != 204:
            raise Unusable(f"expected an empty answer, got status {answer.status}")

    def introspect(self, path: str) -> Any | None:
        """Show HubSpot the token itself, and return what it says of it; ``None``: nothing.

        The only request whose body holds the token.  A refusal is no word on the credential:
        this address knows private apps alone.
        """
        token = self._bearer.current()
        body = orjson.dumps({"tokenKey": token.reveal()})
        answer = self._sent(token, BURST, "POST", path, body)
        if 200 <= answer.status < 300:
            return document(answer)
        if 400 <= answer.status < 500 and answer.status not in _PASSING:
            return None
        raise refusal_of(answer)

    def _call(self, kind: str, method: str, path: str, body: bytes) -> Any:
        return document(self._send(kind, method, path, body))

    def _send(self, kind: str, method: str, path: str, body: bytes) -> Answer:
        try:
            return self.line.patiently(lambda: self._answered(kind, method, path, body))
        except MissingScope:
            raise
        except Unauthorized:
            self.line.refuse()
            raise

    def _answered(self, kind: str, method: str, path: str, body: bytes) -> Answer:
        token = self._bearer.current()
        self._refusals.check(token)
        answer = self._sent(token, kind, method, path, body)
        if answer.status == 401:  # a good token meets one now and then: two are HubSpot's word
            token = self._bearer.renewed(token) or token
            answer = self._sent(token, kind, method, path, body)
        if 200 <= answer.status < 300:
            return answer
        refusal = refusal_of(answer)
        if isinstance(refusal, SpentAllowance):
            self.line.penalise(held_by(refusal.policy, kind), refusal.seconds)
        if answer.status == 401:
            self._refusals.note(token, refusal)
        raise refusal

    def _sent(self, token: Secret, kind: str, method: str, path: str, body: bytes) -> Answer:
        headers = bearing(token.reveal())
        url = self._origin + path
        return self.line.send(kind, method, url, headers=headers, body=body, told=told_of)
