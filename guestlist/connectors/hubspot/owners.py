"""Who can own a HubSpot record: an owner is not the user, and has an id of its own."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.portal import Portal
from schemas.records import Owner

PAGE = 100


def owners(portal: Portal) -> list[Owner]:
    """Return all owners, those who were deactivated too."""
    return [*_pages(portal, archived=False), *_pages(portal, archived=True)]


def _pages(portal: Portal, *, archived: bool) -> Iterator[Owner]:
    after = ""
    query = {"limit": str(PAGE), "archived": str(archived).lower()}
    while True:
        following = {"after": after} if after else {}
        page = portal.get(f"{portal.paths.owners()}?{urlencode({**query, **following})}")
        with shaped("HubSpot's page of owners"):
            found = [_owner(row) for row in page["results"]]
            after = str(((page.get("paging") or {}).get("next") or {}).get("after") or "")
        yield from found
        if not after:
            return


def _owner(row: Any) -> Owner:
    email = (row.get("email") or "").strip().lower() or None
    names = [row.get("firstName") or "", row.get("lastName") or ""]
    told = str(row.get("type") or "PERSON").lower()
    return Owner(
        id=str(row["id"]),
        email=email,
        name=" ".join(" ".join(names).split()),
        active=not row["archived"],
        kind="user" if told == "person" else told,
    )
