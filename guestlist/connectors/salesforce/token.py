"""Access tokens of a Salesforce org: client credentials or JWT bearer, one request at a time.

Salesforce does not say how long a token lasts, so it is used until a call is told that it
is over.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import jwt

from guestlist import failpoint
from guestlist.connectors.address import checked
from guestlist.connectors.grant_refusal import grant_refusal
from guestlist.connectors.http import document, shaped
from guestlist.connectors.line import Line
from guestlist.domain.errors import Unauthorized
from schemas.records import Crm
from schemas.settings import SalesforceSettings

TOKEN = "token"  # noqa: S105
"""Kind of call; Salesforce does not count them as API calls."""
_PASSING = frozenset({408, 429})
"""Statuses below 500 after which the same request may be granted."""
REFUSED_FOR = timedelta(minutes=1)
"""After a refusal nobody asks again for so long: only a person can change the answer."""
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_JWT_LASTS = timedelta(minutes=3)
_PRODUCTION, _SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"


class Grant(NamedTuple):
    """A session: the token, where it is good, and for whom."""

    access_token: str
    instance_url: str
    organization_id: str
    user_id: str


class Tokens:
    """Keeps this process's token; threads that find it expired together renew it once."""

    def __init__(
        self,
        settings: SalesforceSettings,
        line: Line,
        *,
        clock: Callable[[], datetime],
        development: bool,
    ) -> None:
        self._settings = settings
        self._line = line
        self._clock = clock
        self._development = development
        self._origin = checked(settings.login_url, Crm.SALESFORCE, development=development)
        self._lock = threading.Lock()
        self._grant: Grant | None = None
        self._refused: tuple[Unauthorized, datetime] | None = None

    def current(self) -> Grant:
        return self._grant or self.renew(None)

    def renew(self, stale: str | None) -> Grant:
        """Return a grant other than the *stale* one, which another thread may have got already."""
        with self._lock:
            if self._grant and self._grant.access_token != stale:
                return self._grant
            self._grant = None
            if self._refused and self._clock() < self._refused[1]:
                raise self._refused[0]
            try:
                self._grant = self._ask()
            except Unauthorized as error:
                self._refused = (error, self._clock() + REFUSED_FOR)
                self._line.refuse()
                raise
            failpoint.hit("token.committed")
            return self._grant

    def _ask(self) -> Grant:
        answer = self._line.send(
            TOKEN,
            "POST",
            f"{self._origin}/services/oauth2/token",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(self._form()).encode(),
        )
        if answer.status != 200:
            raise grant_refusal(answer, "Salesforce", later=_PASSING)
        granted = document(answer)
        failpoint.hit("token.response")
        with shaped("Salesforce's token answer"):
            *_, organization_id, user_id = urlsplit(granted["id"]).path.split("/")
            instance_url = str(granted["instance_url"])
            access_token = str(granted["access_token"])
        origin = checked(instance_url, Crm.SALESFORCE, development=self._development)
        return Grant(access_token, origin, organization_id, user_id)

    def _form(self) -> dict[str, str]:
        settings = self._settings
        if settings.private_key and settings.username:
            return {"grant_type": _JWT_GRANT, "assertion": self._assertion()}
        if settings.client_secret:
            return {
                "grant_type": "client_credentials",
                "client_id": settings.client_id,
                "client_secret": settings.client_secret.reveal(),
            }
        raise Unauthorized(
            "Salesforce is not connected: set a client secret, or a user name and a private key"
        )

    def _assertion(self) -> str:
        settings = self._settings
        claims = {
            "iss": settings.client_id,
            "sub": settings.username,
            "aud": _audience(self._origin),
            "exp": int((self._clock() + _JWT_LASTS).timestamp()),
        }
        key = settings.private_key.reveal() if settings.private_key else ""
        try:
            return jwt.encode(claims, key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            raise Unauthorized("the private key for Salesforce is not a PEM RSA key") from error


def _audience(origin: str) -> str:
    """A sandbox org's own address, or test.salesforce.com, speaks for the sandbox audience."""
    host = urlsplit(origin).hostname or ""
    return _SANDBOX if host == "test.salesforce.com" or ".sandbox." in host else _PRODUCTION
