"""What the token of a private app may: the app's own scopes, told to whoever shows the token."""

from typing import TYPE_CHECKING

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.object_types import STOCK, ObjectType
from sandbox.hubspot.shapes import members, text

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

_APP_ID, _USER_ID = 1000002, 61000001
_KEY = members("tokenKey", tokenKey=text)


def token_info(portal: "Portal", call: Call) -> Answer:
    """Say whose a static token is, and its scopes."""
    token = call.body(_KEY)["tokenKey"]
    if token not in portal.tokens or not portal.options.tells_scopes:
        raise ApiError(404, "access token not found", category="OBJECT_NOT_FOUND")
    granted = portal.scopes.get(token)
    return Answer(
        200,
        {
            "userId": _USER_ID,
            "hubId": portal.portal_id,
            "appId": _APP_ID,
            "scopes": sorted(every(portal) if granted is None else granted),
        },
    )


def every(portal: "Portal") -> set[str]:
    """Return all scopes that any call here asks for."""
    found = {"oauth", "crm.lists.read", "crm.lists.write", "crm.objects.owners.read"}
    for store in portal.stores.values():
        for area in ("objects", "schemas"):
            found |= {of_objects(area, store.type, verb) for verb in ("read", "write")}
    return found


def of_objects(area: str, type: ObjectType, verb: str) -> str:
    """Return the scope of a call about records or their schema.

    Tickets have one for everything, all custom objects have theirs in common.
    """
    if type.plural == "tickets":
        return "tickets"
    return f"crm.{area}.{type.plural if type in STOCK else 'custom'}.{verb}"
