"""A portal's whole state as JSON-able values, and back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.oauth import OAuthApp
from sandbox.hubspot.object_types import STOCK
from sandbox.hubspot.owners import Owner

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal


def dump(portal: "Portal") -> dict[str, Any]:
    types = [store.type for store in portal.stores.values() if store.type not in STOCK]
    return {
        "portal_id": portal.portal_id,
        "options": portal.options.to_mapping(),
        "tokens": portal.tokens,
        "scopes": {token: sorted(scopes) for token, scopes in portal.scopes.items()},
        "oauth_apps": [app.to_json() for app in portal.oauth_apps.values()],
        "owners": [owner.to_json() for owner in portal.owners.values()],
        "blocklist": sorted(portal.blocklist),
        "custom_types": [[type.id, type.name, type.plural] for type in types],
        "stores": {id: store.to_json() for id, store in portal.stores.items()},
        "schemas": {id: schema.to_json() for id, schema in portal.schemas.items()},
        "associations": portal.associations.to_json(),
        "lists": portal.lists.to_json(),
    }


def load(portal: "Portal", state: Mapping[str, Any]) -> None:
    portal.options.update(state["options"])
    portal.reset()
    portal.portal_id = state["portal_id"]
    portal.tokens = dict(state["tokens"])
    portal.scopes = {token: frozenset(scopes) for token, scopes in state["scopes"].items()}
    portal.oauth_apps = {app["client_id"]: OAuthApp(**app) for app in state["oauth_apps"]}
    portal.access_tokens = {}
    portal.owners = {owner["id"]: Owner(**owner) for owner in state["owners"]}
    portal.blocklist = set(state["blocklist"])
    for type in state["custom_types"]:
        portal.define_custom(*type)
    for id, body in state["schemas"].items():
        portal.schemas[id].restore(body)
    for id, body in state["stores"].items():
        portal.stores[id].restore(body)
    portal.associations.restore(state["associations"])
    portal.lists.restore(state["lists"])
