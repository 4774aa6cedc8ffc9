"""HubSpot's OAuth: the address a person approves at, and the three requests about tokens."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from guestlist.connectors.address import checked
from guestlist.connectors.grant_refusal import grant_refusal
from guestlist.connectors.http import Answer, document, shaped
from guestlist.connectors.line import Line
from guestlist.domain.errors import Unusable
from schemas.records import Crm
from schemas.settings import HubSpotSettings, Secret

TOKEN = "token"  # noqa: S105
"""Kind of call: in no window of the allowance."""
_PASSING = frozenset({408, 423, 429, 477})
"""Statuses below 500 after which the same request may be granted."""
APPROVAL = "https://app.hubspot.com"
"""Where people sign in; it sends those of other regions on."""


class Granted(NamedTuple):
    """What one answer of the token endpoint gives."""

    access: Secret
    refresh: Secret
    lasts_s: float
    account: str
    """The portal's id."""
    scopes: tuple[str, ...]


class OAuth:
    """One app's requests about tokens."""

    def __init__(self, settings: HubSpotSettings, line: Line, *, development: bool) -> None:
        self._app = {
            "client_id": settings.client_id,
            "client_secret": settings.client_secret.reveal(),
        }
        self._line = line
        self._origin = checked(settings.base_url, Crm.HUBSPOT, development=development)
        self._path = f"/oauth/{settings.api_version}/token"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Granted:
        """Return what the *code* of an approval is good for; it is good once."""
        form = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        return self._granted({"grant_type": "authorization_code", **form})

    def refresh(self, token: Secret) -> Granted:
        """Return a new access token, and the refresh token to go on with."""
        form = {"grant_type": "refresh_token", "refresh_token": token.reveal()}
        return self._granted(form, otherwise=token)

    def revoke(self, token: Secret) -> None:
        """Make a refresh token worthless."""
        form = {"token": token.reveal(), "token_type_hint": "refresh_token"}
        answer = self._send(f"{self._path}/revoke", form)
        if not 200 <= answer.status < 300:
            raise grant_refusal(answer, "HubSpot", later=_PASSING, better="status")

    def _granted(self, form: Mapping[str, str], *, otherwise: Secret | None = None) -> Granted:
        answer = self._send(self._path, form)
        if answer.status != 200:
            raise grant_refusal(answer, "HubSpot", later=_PASSING, better="status")
        told = document(answer)
        with shaped("HubSpot's token answer"):
            refresh = told.get("refresh_token") or (otherwise.reveal() if otherwise else None)
            granted = Granted(
                Secret(_token(told["access_token"])),
                Secret(_token(refresh)),
                float(told["expires_in"]),
                str(int(told["hub_id"])),
                tuple(str(scope) for scope in told.get("scopes") or ()),
            )
        if not 0 < granted.lasts_s < float("inf"):
            raise Unusable("HubSpot's token answer has no usable expires_in")
        return granted

    def _send(self, path: str, form: Mapping[str, str]) -> Answer:
        return self._line.send(
            TOKEN,
            "POST",
            self._origin + path,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({**self._app, **form}).encode(),
        )


def approval_address(
    settings: HubSpotSettings,
    *,
    scopes: Iterable[str],
    redirect_uri: str,
    state: str,
    verifier: str,
    development: bool,
) -> str:
    """Return the address at which an administrator of the account approves the app."""
    origin = settings.base_url.rstrip("/") if development else APPROVAL
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    query = {
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{origin}/oauth/authorize?{urlencode(query)}"


def _token(given: object) -> str:
    if not isinstance(given, str) or not given or not given.isascii() or not given.isprintable():
        raise ValueError("a token that is none")
    return given
