"""CRMs that answer whatever a test wants: every call of both clients, against one answer."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from guestlist.connectors.allowance import Allowance
from guestlist.connectors.http import Answer, Transport
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.hubspot.oauth import OAuth
from guestlist.connectors.line import Line
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.salesforce import Lookup, Salesforce
from guestlist.domain.write import HubSpotWrite, SalesforceWrite
from schemas.records import Crm, Cursor
from schemas.settings import HubSpotSettings, SalesforceSettings, Secret

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
JSON = {"content-type": "application/json;charset=utf-8"}
TOKEN, SECRET = "pat-na1-0123456789abcdef", "its-secret"
GRANTED = {
    "access_token": "00D!session",
    "instance_url": "https://acme.my.salesforce.com",
    "id": "https://login.salesforce.com/id/00DAB0000000001MAA/005AB0000000001MAA",
}


class Said(Transport):
    """Gives one answer to everything but Salesforce's request for a token."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(timeout_s=5)
        self._answer = Answer(status, headers, body)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
    ) -> Answer:
        if url.endswith("/services/oauth2/token"):
            return Answer(200, JSON, orjson.dumps(GRANTED))
        return self._answer


class Call(NamedTuple):
    """One call of a client."""

    name: str
    make: Callable[[Transport], Any]


def _limiter() -> LocalLimiter:
    return LocalLimiter({crm: Allowance(account="test") for crm in Crm})


def hubspot(transport: Transport) -> HubSpot:
    settings = HubSpotSettings(token=Secret(TOKEN))
    return HubSpot.connect(settings, limiter=_limiter(), transport=transport)


def salesforce(transport: Transport) -> Salesforce:
    settings = SalesforceSettings(
        login_url="https://acme.my.salesforce.com", client_id="app", client_secret=Secret(SECRET)
    )
    return Salesforce.connect(settings, limiter=_limiter(), transport=transport)


def oauth(transport: Transport) -> OAuth:
    line = Line(
        Crm.HUBSPOT,
        transport,
        limiter=_limiter(),
        lane="interactive",
        sleep=lambda _: None,
        new_id=lambda: "request",
    )
    settings = HubSpotSettings(client_id="app", client_secret=Secret(SECRET))
    return OAuth(settings, line, development=False)


def _first(pages: Any) -> Any:
    return next(iter(pages), None)


def _row(id: str | None) -> SalesforceWrite:
    return SalesforceWrite("Contact", id, "HubSpot_Contact_Id__c", "1", {"LastName": "Doe"})


_LOOKUP = Lookup("Contact", ["Email", "LastName"], {"Email": ["ada@example.com"]})
_BEGIN = Cursor(NOON)
CALLS = [
    Call("hubspot.read", lambda t: hubspot(t).read("contacts", ["1", "2"], ["email"])),
    Call("hubspot.archived", lambda t: hubspot(t).archived("contacts", ["1"], ["email"])),
    Call("hubspot.resolve", lambda t: hubspot(t).resolve("contacts", ["1"])),
    Call("hubspot.find", lambda t: hubspot(t).find("contacts", "email", ["a@b.c"], ["email"])),
    Call("hubspot.changed_at", lambda t: hubspot(t).changed_at("contacts", ["1"], ["email"])),
    Call("hubspot.versions", lambda t: hubspot(t).versions("contacts", ["1"], ["email"])),
    Call("hubspot.changes", lambda t: _first(hubspot(t).changes("contacts", _BEGIN, until=NOON))),
    Call(
        "hubspot.update",
        lambda t: hubspot(t).write("contacts", [HubSpotWrite("1", {"email": "a@b.c"})]),
    ),
    Call(
        "hubspot.create",
        lambda t: hubspot(t).write("contacts", [HubSpotWrite(None, {"email": "a@b.c"})]),
    ),
    Call("hubspot.archive", lambda t: hubspot(t).archive("contacts", ["1"])),
    Call("hubspot.owners", lambda t: hubspot(t).owners()),
    Call("hubspot.lists", lambda t: hubspot(t).lists("x")),
    Call("hubspot.list", lambda t: hubspot(t).list("1")),
    Call("hubspot.list_by_name", lambda t: hubspot(t).list_by_name("0-1", "x")),
    Call("hubspot.members", lambda t: hubspot(t).members("1")),
    Call("hubspot.joins", lambda t: hubspot(t).joins("1")),
    Call("hubspot.memberships", lambda t: hubspot(t).memberships("0-1", ["1"])),
    Call("hubspot.describe", lambda t: hubspot(t).describe("contacts")),
    Call("hubspot.account", lambda t: hubspot(t).account()),
    Call("hubspot.usage", lambda t: hubspot(t).usage()),
    Call("oauth.refresh", lambda t: oauth(t).refresh(Secret("na1-refresh"))),
    Call("oauth.exchange", lambda t: oauth(t).exchange("c", redirect_uri="u", verifier="v")),
    Call("oauth.revoke", lambda t: oauth(t).revoke(Secret("na1-refresh"))),
    Call("salesforce.organization", lambda t: salesforce(t).organization()),
    Call("salesforce.allowance", lambda t: salesforce(t).allowance()),
    Call("salesforce.describe", lambda t: salesforce(t).describe("Contact")),
    Call("salesforce.lookup", lambda t: salesforce(t).lookup([_LOOKUP])),
    Call("salesforce.query", lambda t: _first(salesforce(t).query("SELECT Id FROM Contact"))),
    Call("salesforce.find", lambda t: salesforce(t).find(["SELECT Id FROM Contact"])),
    Call("salesforce.owners", lambda t: salesforce(t).owners()),
    Call("salesforce.create", lambda t: salesforce(t).write([_row(None)])),
    Call("salesforce.update", lambda t: salesforce(t).write([_row("003AB0000000001AAA")])),
    Call("salesforce.delete", lambda t: salesforce(t).delete([("Contact", "003AB0000000001AAA")])),
    Call(
        "salesforce.latest_covered",
        lambda t: salesforce(t).latest_covered("Contact", since=NOON, until=NOON),
    ),
]
"""Every call whose answer is read."""
