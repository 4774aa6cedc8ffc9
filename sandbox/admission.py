"""Other ways in than those of the first line: signed assertions, refresh tokens, OAuth apps."""

from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sandbox import asked
from sandbox.asked import Refused
from sandbox.crm import CRM
from sandbox.hubspot.oauth import OAuthApp
from sandbox.hubspot.private_apps import every
from sandbox.world import World


def trust(world: World, given: Any) -> Any:
    """Let a Salesforce app log in by assertions signed with the key of a certificate."""
    given = asked.fields(given, "certificate", "client_id")
    client = _client(world, given)
    world.org.public_keys[client] = _public_key(asked.text(given, "certificate"))
    return {"client_id": client, "username": _username(world, client)}


def refresh_token(world: World, given: Any) -> Any:
    """Give a Salesforce app a refresh token, as if a person had approved it in a browser."""
    client = _client(world, asked.fields(given, "client_id"))
    token = f"5Aep861{world.dice[CRM.SALESFORCE].getrandbits(256):064x}"
    world.org.refresh_tokens[token] = client
    return {"client_id": client, "refresh_token": token}


def oauth_app(world: World, given: Any) -> Any:
    """Install a public app in HubSpot; its writes are journalled under its name."""
    given = asked.fields(given, "name", "scopes", "redirect_uri")
    dice, portal = world.dice[CRM.HUBSPOT], world.portal
    app = OAuthApp(
        client_id=f"{dice.getrandbits(128):032x}",
        client_secret=f"{dice.getrandbits(128):032x}",
        name=asked.optional_text(given, "name") or "guestlist",
        scopes=asked.texts(given, "scopes"),
        redirect_uri=asked.optional_text(given, "redirect_uri") or "http://localhost/callback",
        refresh_tokens=[f"na1-refresh-{dice.getrandbits(96):024x}"],
    )
    portal.oauth_apps[app.client_id] = app
    return {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": app.refresh_tokens[0],
    }


def scopes(world: World, given: Any) -> Any:
    """Say what a static token may from now on; without a list, everything."""
    given = asked.fields(given, "scopes", "token")
    token = asked.optional_text(given, "token") or world.credentials.hubspot_token
    if token not in world.portal.tokens:
        raise Refused("There is no such token.", 404)
    if "scopes" in given:
        world.portal.scopes[token] = frozenset(asked.texts(given, "scopes"))
    else:
        world.portal.scopes.pop(token, None)
    return {"scopes": sorted(world.portal.scopes.get(token, every(world.portal)))}


def _client(world: World, given: Mapping[str, Any]) -> str:
    client = asked.optional_text(given, "client_id") or world.credentials.salesforce_client_id
    if client not in world.org.clients:
        raise Refused(f"There is no Salesforce app {client!r}.", 404)
    return client


def _username(world: World, client: str) -> str:
    user = world.org.find(world.org.clients[client].user_id)
    return str(user.values["Username"]) if user else ""


def _public_key(pem: str) -> str:
    """Read a certificate or a bare public key; keep the key."""
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    try:
        if "CERTIFICATE" not in pem:
            key = serialization.load_pem_public_key(pem.encode())
            return key.public_bytes(encoding, form).decode()
        held = x509.load_pem_x509_certificate(pem.encode())
        return held.public_key().public_bytes(encoding, form).decode()
    except ValueError as error:
        raise Refused(f"certificate is no PEM certificate or public key: {error}.") from error
