"""One Salesforce org as JSON calls: the session, its renewal, and what a refusal means."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from guestlist.connectors.allowance import CALL, DAY, Told
from guestlist.connectors.http import Answer, document
from guestlist.connectors.line import Line, bearer
from guestlist.connectors.salesforce.errors import entries_of, refusal_of, refused_of
from guestlist.connectors.salesforce.token import Grant, Tokens
from guestlist.domain.budget import Day
from guestlist.domain.errors import Unauthorized, Unusable, Waiting
from guestlist.domain.reason import Reason

CLIENT = "guestlist"
"""Salesforce names it as the origin of a change, so that our own writes can be told apart."""

_API_USAGE = re.compile(r"(?:^|[;,]\s*)api-usage=(\d+)/(\d+)")
_NOT_FOR_REST = "not valid for use with the REST API"
"""This INVALID_SESSION_ID is about the user's rights; a new token would not cure it."""


class Allowance(NamedTuple):
    """Calls of the last 24 hours as Salesforce counts them, for the whole org; it lags."""

    used: int
    limit: int


class Org:
    """Sends JSON on one line and returns JSON; raises the domain's errors."""

    def __init__(
        self,
        line: Line,
        tokens: Tokens,
        *,
        version: str,
        seen: Callable[[Allowance], None],
    ) -> None:
        self.line = line
        self.tokens = tokens
        self.root = f"/services/data/v{version}"
        self._version = version
        self._seen = seen

    def on(self, lane: str, *, retry: bool = False, patience_s: float | None = None) -> "Org":
        line = self.line.on(lane, retry=retry, patience_s=patience_s)
        return Org(line, self.tokens, version=self._version, seen=self._seen)

    def get(self, path: str) -> Any:
        """Return the JSON at an absolute *path*."""
        return self._call("GET", path, b"")

    def post(self, path: str, content: Any) -> Any:
        return self.exchange(path, content)[0]

    def exchange(
        self, path: str, content: Any, *, method: str = "POST", **headers: str
    ) -> tuple[Any, str]:
        """Send, and also return the request's own id, by which Salesforce's support finds it."""
        return self._exchange(method, path, orjson.dumps(content), **headers)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path, b"")

    def _call(self, method: str, path: str, body: bytes) -> Any:
        return self._exchange(method, path, body)[0]

    def _exchange(self, method: str, path: str, body: bytes, **headers: str) -> tuple[Any, str]:
        if not path.startswith("/services/data/"):
            raise Unusable("Salesforce named an address outside its API to go on at")
        return self.line.patiently(lambda: self._answered(method, path, body, **headers))

    def _answered(self, method: str, path: str, body: bytes, **headers: str) -> tuple[Any, str]:
        grant = self.tokens.current()
        answer = self._send(grant, method, path, body, **headers)
        if answer.status == 401 and _curable(answer):
            grant = self.tokens.renew(grant.access_token)
            answer = self._send(grant, method, path, body, **headers)
        if 200 <= answer.status < 300:
            return document(answer), answer.request_id
        error = refusal_of(answer)
        if isinstance(error, Waiting):
            spent = error.reason == Reason.BUDGET_HELD  # else too many calls run at once
            self.line.penalise(DAY if spent else CALL, error.seconds)
        if isinstance(error, Unauthorized):
            self.line.refuse()
        raise error

    def _send(self, grant: Grant, method: str, path: str, body: bytes, **headers: str) -> Answer:
        named = {"Sforce-Call-Options": f"client={CLIENT}", **headers}
        sent = bearer(grant.access_token, **named)
        url = grant.instance_url + path
        return self.line.send(CALL, method, url, headers=sent, body=body, told=self._told)

    def _told(self, answer: Answer) -> Told:
        usage = _API_USAGE.search(answer.headers.get("sforce-limit-info", ""))
        if not usage:
            return Told()
        allowance = Allowance(int(usage[1]), int(usage[2]))
        self._seen(allowance)
        return Told(Day(*allowance))


def _curable(answer: Answer) -> bool:
    refused = refused_of(entries_of(answer))
    return refused.code == "INVALID_SESSION_ID" and _NOT_FOR_REST not in refused.message
