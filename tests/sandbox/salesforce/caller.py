"""A client of the org that goes through ``handle``: no socket, JSON in and out."""

import random
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from sandbox.clock import Clock
from sandbox.journal import Journal
from sandbox.salesforce.org import Org
from sandbox.wire import Request

TOKEN_FORM = {
    "grant_type": "client_credentials",
    "client_id": "sandbox-client-id",
    "client_secret": "sandbox-client-secret",
}


class Answer(NamedTuple):
    status: int
    body: Any
    headers: Mapping[str, str]


class Caller:
    def __init__(self, org: Org) -> None:
        self.org = org
        self.version = "67.0"
        self.headers = {"host": "127.0.0.1:8080", "sforce-auto-assign": "FALSE"}
        self.log_in()

    def log_in(self) -> None:
        token = self.token(TOKEN_FORM).body["access_token"]
        self.headers["authorization"] = f"Bearer {token}"

    def token(self, form: Mapping[str, str], **headers: str) -> Answer:
        sent = {"host": "127.0.0.1:8080", **headers}
        body = urlencode(form).encode()
        return self.send(Request("POST", "/services/oauth2/token", headers=sent, body=body))

    def send(self, request: Request) -> Answer:
        response = self.org.handle(request)
        body = orjson.loads(response.body) if response.body[:1] in (b"{", b"[") else response.body
        return Answer(response.status, body, response.headers)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self.send(
            Request(
                method,
                f"/services/data/v{self.version}/{path}",
                query=query or {},
                headers={**self.headers, **(headers or {})},
                body=b"" if body is None else orjson.dumps(body),
            )
        )

    def query(self, soql: str, *, everything: bool = False) -> Answer:
        return self.call("GET", "queryAll" if everything else "query", query={"q": soql})

    def rows(self, soql: str, *, everything: bool = False) -> list[dict[str, Any]]:
        answer = self.query(soql, everything=everything)
        assert answer.status == 200, answer.body
        rows: list[dict[str, Any]] = answer.body["records"]
        for row in rows:
            row.pop("attributes")
        return rows

    def error(self, soql: str) -> tuple[str, str]:
        """Return code and message of a refused query."""
        answer = self.query(soql)
        assert answer.status == 400, answer.body
        return answer.body[0]["errorCode"], answer.body[0]["message"]

    def composite(self, *requests: Mapping[str, Any], all_or_none: bool = False) -> Answer:
        body = {"allOrNone": all_or_none, "compositeRequest": list(requests)}
        return self.call("POST", "composite", body)

    def collection(self, method: str, path: str, records: Any, *, all_or_none: bool = False) -> Any:
        body = {"allOrNone": all_or_none, "records": records}
        answer = self.call(method, f"composite/sobjects{path}", body)
        assert answer.status == 200, answer.body
        return answer.body


def new_org(seed: int = 1) -> Org:
    return Org(Clock(), Journal(), random.Random(seed))


def contact(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Contact"}, "LastName": "Meier", **fields}


def lead(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Lead"}, "LastName": "Meier", "Company": "Acme", **fields}
