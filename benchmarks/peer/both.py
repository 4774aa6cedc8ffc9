"""What the two hand-written scripts share: clients as their READMEs show them, and the list."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import hubspot
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

KEY = "HubSpot_Contact_Id__c"
FIELDS = dict(pair.split("=") for pair in os.environ["PEER_FIELDS"].split(","))
"""Salesforce field by HubSpot property."""


class Detour(HTTPAdapter):
    """Leads what is meant for a Salesforce to the sandbox; the client knows https only."""

    def send(self, request: requests.PreparedRequest, **given: Any) -> Any:  # type: ignore[override]
        to = urlsplit(os.environ["PEER_SALESFORCE"])
        request.url = urlsplit(str(request.url))._replace(scheme="http", netloc=to.netloc).geturl()
        return super().send(request, **{**given, "proxies": {}})


def clients() -> tuple[Any, Any]:
    """Return HubSpot's own client and simple-salesforce."""
    session = requests.Session()
    session.mount("https://", Detour())
    salesforce = Salesforce(
        session=session,
        consumer_key=os.environ["PEER_CLIENT_ID"],
        consumer_secret=os.environ["PEER_CLIENT_SECRET"],
        domain="acme.my",
        version="67.0",
    )
    token, host = os.environ["PEER_TOKEN"], os.environ["PEER_HUBSPOT"]
    return hubspot.HubSpot(access_token=token, host=host), salesforce


def members(client: Any) -> Iterator[str]:
    """Yield the ids of the list's members, 250 a page."""
    after, api = None, client.crm.lists.memberships_api
    while True:
        page = api.get_page(os.environ["PEER_LIST"], limit=250, after=after or "")
        yield from (each.record_id for each in page.results)
        after = page.paging.next.after if page.paging and page.paging.next else None
        if not after:
            return


def written(properties: dict[str, str | None]) -> dict[str, str | None]:
    """Return what Salesforce is to hold."""
    return {field: properties.get(name) for name, field in FIELDS.items()}
