"""OAuth: apps, grants and the token endpoints, v1 and v3 alike."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.errors import ApiError

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

LIFETIME = 1800
"""Seconds an access token lives."""


@dataclass(slots=True)
class OAuthApp:
    """A public app. ``codes`` and ``refresh_tokens`` are the grants it holds."""

    client_id: str
    client_secret: str
    name: str
    redirect_uri: str = "http://localhost/callback"
    scopes: list[str] = field(default_factory=lambda: ["oauth"])
    codes: list[str] = field(default_factory=list)
    challenges: dict[str, str] = field(default_factory=dict)
    """By code: what the exchange has to prove that it knows (PKCE, S256)."""
    refresh_tokens: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An issued token; ``expires`` in seconds since the epoch."""

    app: str
    """Client id."""
    expires: float
    scopes: tuple[str, ...]


def token(portal: "Portal", call: Call) -> Answer:
    """Answer a grant: authorization_code, refresh_token or client_credentials."""
    form = call.form()
    app = portal.oauth_apps.get(form.get("client_id", ""))
    if app is None or app.client_secret != form.get("client_secret"):
        raise _refused("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id")
    refresh: str | None = None
    match form.get("grant_type"):
        case "authorization_code":
            refresh = _exchange_code(portal, app, form)
        case "refresh_token":
            refresh = _refresh(portal, app, form.get("refresh_token", ""))
        case "client_credentials":
            pass
        case other:
            raise _refused("unsupported_grant_type", "BAD_GRANT_TYPE", f"grant type {other}")
    return Answer(200, _issue(portal, app, refresh))


def _exchange_code(portal: "Portal", app: OAuthApp, form: Mapping[str, str]) -> str:
    code = form.get("code", "")
    if code not in app.codes:
        raise _refused("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")
    if form.get("redirect_uri") != app.redirect_uri:
        raise _refused("invalid_grant", "MISMATCH_REDIRECT_URI_AUTH_CODE", "redirect uri mismatch")
    challenge = app.challenges.get(code, "")
    if challenge and challenge != _challenge(form.get("code_verifier", "")):
        raise _refused("invalid_grant", "BAD_CODE_VERIFIER", "code verifier does not match")
    app.codes.remove(code)
    app.challenges.pop(code, None)
    return _new_refresh_token(portal, app)


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _new_refresh_token(portal: "Portal", app: OAuthApp) -> str:
    refresh = f"na1-refresh-{portal.rng.getrandbits(96):024x}"
    app.refresh_tokens.append(refresh)
    return refresh


def _refresh(portal: "Portal", app: OAuthApp, token: str) -> str:
    """Return the refresh token that goes on; with rotation the one before is worthless now."""
    if token not in app.refresh_tokens:
        raise _refused("invalid_grant", "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
    if not portal.options.rotate_refresh_tokens:
        return token
    app.refresh_tokens.remove(token)
    return _new_refresh_token(portal, app)


def authorize(portal: "Portal", call: Call) -> Answer:
    """Be the page where an administrator approves an app, and approve it, or refuse."""
    query = call.request.query
    app = portal.oauth_apps.get(query.get("client_id", ""))
    if app is None or query.get("redirect_uri") != app.redirect_uri:
        raise ApiError(400, "The client id or the redirect URI is not the app's.")
    if set(query.get("scope", "").split()) - set(app.scopes):
        raise ApiError(400, "The scopes are not those of the app.")
    state = {"state": query["state"]} if "state" in query else {}
    if not portal.options.consent:
        refusal = {"error": "access_denied", "error_description": "The user said no."}
        return _sent_back(app, refusal | state)
    code = f"na1-code-{portal.rng.getrandbits(96):024x}"
    app.codes.append(code)
    if query.get("code_challenge_method") == "S256":
        app.challenges[code] = query.get("code_challenge", "")
    return _sent_back(app, {"code": code} | state)


def _sent_back(app: OAuthApp, query: Mapping[str, str]) -> Answer:
    return Answer(302, None, {"location": f"{app.redirect_uri}?{urlencode(query)}"})


def revoke(portal: "Portal", call: Call) -> Answer:
    """Make a refresh token worthless; access tokens out of it live on, as HubSpot says."""
    form = call.form()
    app = portal.oauth_apps.get(form.get("client_id", ""))
    if app is None or app.client_secret != form.get("client_secret"):
        raise _refused("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id")
    if form.get("token") not in app.refresh_tokens:
        raise _refused("invalid_grant", "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
    app.refresh_tokens.remove(form["token"])
    return Answer(204)


def _holder(portal: "Portal", token: str) -> OAuthApp:
    """Return the app that holds a refresh token, or raise the 404."""
    for app in portal.oauth_apps.values():
        if token in app.refresh_tokens:
            return app
    raise ApiError(404, "refresh token not found", category="OBJECT_NOT_FOUND")


def refresh_info(portal: "Portal", call: Call) -> Answer:
    """Say what a refresh token stands for."""
    token = call.params["token"]
    app = _holder(portal, token)
    return Answer(200, {"token": token, "token_type": "refresh", **_granted(portal, app)})


def delete(portal: "Portal", call: Call) -> Answer:
    """Make a refresh token worthless; whoever knows it may."""
    token = call.params["token"]
    _holder(portal, token).refresh_tokens.remove(token)
    return Answer(204)


def _issue(portal: "Portal", app: OAuthApp, refresh: str | None) -> dict[str, Any]:
    access = f"na1-access-{portal.rng.getrandbits(128):032x}"
    expires = portal.clock.timestamp() + LIFETIME
    portal.access_tokens[access] = AccessToken(app.client_id, expires, tuple(app.scopes))
    body: dict[str, Any] = {
        "token_type": "bearer",
        "access_token": access,
        "expires_in": LIFETIME,
        "hub_id": portal.portal_id,
        "scopes": app.scopes,
        "user_id": 61000001,
        "token_use": "access_token",
    }
    if refresh is not None:
        body["refresh_token"] = refresh
    return body


def _refused(error: str, status: str, message: str) -> ApiError:
    """400 in OAuth's own shape, where ``status`` is the word for the failure."""
    fields = {"error": error, "error_description": message, "status": status}
    return ApiError(400, message, fields=fields)


def token_info(portal: "Portal", call: Call) -> Answer:
    """Say what an access token stands for."""
    text = call.params["token"]
    found = portal.access_tokens.get(text)
    if found is None:
        raise ApiError(404, "access token not found", category="OBJECT_NOT_FOUND")
    app = portal.oauth_apps[found.app]
    body = {
        "token": text,
        "token_type": "access",
        "app_id": 1000001,
        "expires_in": max(0, int(found.expires - portal.clock.timestamp())),
        **_granted(portal, app),
        "scopes": list(found.scopes),
    }
    return Answer(200, body)


def _granted(portal: "Portal", app: OAuthApp) -> dict[str, Any]:
    """Return what both kinds of token say of the app, the account and the user."""
    return {
        "client_id": app.client_id,
        "hub_id": portal.portal_id,
        "hub_domain": "sandbox.example.com",
        "user": "owner@example.com",
        "user_id": 61000001,
        "scopes": app.scopes,
    }
