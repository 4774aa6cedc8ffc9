"""The token endpoint: JWT bearer, client credentials, refresh; and the sessions they open."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs

import jwt
import orjson

from sandbox.wire import Request, Response

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org
    from sandbox.salesforce.record import Values

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SCOPE = "api refresh_token id"
_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")


class Client(NamedTuple):
    """A connected app: its secret, the name the journal uses, the user it runs as."""

    secret: str
    caller: str
    user_id: str


class Session(NamedTuple):
    """What an access token opens. ``expires`` is in the sandbox's own time."""

    client_id: str
    caller: str
    user_id: str
    expires: float


class GrantError(Exception):
    """A refused token request, in OAuth's own two words."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.body = {"error": error, "error_description": description}


def token(org: "Org", request: Request) -> Response:
    """Answer a token request; the key sets differ by grant, and none says how long it lasts."""
    try:
        body = _granted(org, request, _form(request))
    except GrantError as refusal:
        return _json(400, refusal.body)
    return _json(200, body)


def _form(request: Request) -> dict[str, str]:
    """Return what was sent, in the address or in the body."""
    sent = parse_qs(request.body.decode(errors="replace"))
    return {**request.query, **{name: values[-1] for name, values in sent.items()}}


def _granted(org: "Org", request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    if request.method != "POST":
        raise GrantError("invalid_request", "must use HTTP POST")
    base = base_url(request.headers)
    match form.get("grant_type"):
        case "client_credentials":
            client_id, client = _authenticated(org, request, form)
            opened = _open(org, client_id, client)
            return {
                "access_token": opened,
                "signature": _signature(org, client.secret),
                "scope": "api",
                "instance_url": base,
                "id": identity_url(org, base, client.user_id),
                "token_type": "Bearer",
                "issued_at": _issued_at(org),
            }
        case "refresh_token":
            return _refreshed(org, request, form, base)
        case grant if grant == JWT_GRANT:
            return _by_assertion(org, form, base)
        case "password":
            raise GrantError("invalid_grant", "authentication failure - Invalid Password")
        case _:
            raise GrantError("unsupported_grant_type", "grant type not supported")


def _authenticated(org: "Org", request: Request, form: Mapping[str, str]) -> tuple[str, Client]:
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    header = request.headers.get("authorization", "")
    if header.lower().startswith("basic "):
        client_id, secret = _basic(header[6:])
    client = org.clients.get(client_id)
    if client is None:
        raise GrantError("invalid_client_id", "client identifier invalid")
    if client.secret != secret:
        raise GrantError("invalid_client", "invalid client credentials")
    return client_id, client


def _basic(encoded: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise GrantError("invalid_client", "invalid client credentials") from None
    return name, secret


def _refreshed(org: "Org", request: Request, form: Mapping[str, str], base: str) -> dict[str, Any]:
    client_id, client = _authenticated(org, request, form)
    if org.refresh_tokens.get(form.get("refresh_token", "")) != client_id:
        raise GrantError("invalid_grant", "expired access/refresh token")
    return {
        "access_token": _open(org, client_id, client),
        "signature": _signature(org, client.secret),
        "scope": _SCOPE,
        "instance_url": base,
        "id": identity_url(org, base, client.user_id),
        "token_type": "Bearer",
        "issued_at": _issued_at(org),
    }


def _by_assertion(org: "Org", form: Mapping[str, str], base: str) -> dict[str, Any]:
    claims = _verified(org, form.get("assertion", ""))
    if org.options.check_audience and claims.get("aud") not in (*_AUDIENCES, base):
        raise GrantError("invalid_grant", "audience is invalid")
    if _expiry(claims) <= org.clock.timestamp():
        raise GrantError("invalid_grant", "expired authorization code")
    user = _user_named(org, str(claims.get("sub", "")))
    client_id = str(claims["iss"])
    known = org.clients.get(client_id)
    client = Client("", known.caller if known else client_id, user)
    return {
        "access_token": _open(org, client_id, client),
        "scope": _SCOPE,
        "instance_url": base,
        "id": identity_url(org, base, user),
        "token_type": "Bearer",
    }


def _verified(org: "Org", assertion: str) -> dict[str, Any]:
    try:
        unverified = jwt.decode(assertion, options={"verify_signature": False})
        key = org.public_keys.get(str(unverified.get("iss")))
        if key is None:
            raise GrantError("invalid_client_id", "client identifier invalid")
        checks = {"verify_exp": False, "verify_aud": False, "verify_iat": False}
        return jwt.decode(assertion, key, algorithms=["RS256"], options=checks)  # type: ignore[arg-type]
    except jwt.PyJWTError:
        raise GrantError("invalid_grant", "invalid assertion") from None


def _expiry(claims: Mapping[str, Any]) -> float:
    """Return when an assertion ends, told as a number or a text; one that does not say has."""
    try:
        return float(claims["exp"])
    except (KeyError, TypeError, ValueError):
        return 0.0


def _user_named(org: "Org", username: str) -> str:
    for record in org.tables["User"].holding("Username", username):
        if record.values.get("IsActive"):
            return record.id
        raise GrantError("invalid_grant", "user is locked")
    raise GrantError("invalid_grant", "user hasn't approved this consumer")


def _open(org: "Org", client_id: str, client: Client) -> str:
    secret = "".join(f"{org.rng.getrandbits(64):016X}" for _ in range(4))
    access_token = f"{org.organization_id[:15]}!{secret}"
    expires = org.clock.timestamp() + org.options.session_ttl
    org.sessions[access_token] = Session(client_id, client.caller, client.user_id, expires)
    return access_token


def _issued_at(org: "Org") -> str:
    return str(int(org.clock.timestamp() * 1000))


def _signature(org: "Org", secret: str) -> str:
    digest = hashlib.sha256(f"{secret}{_issued_at(org)}".encode()).digest()
    return base64.b64encode(digest).decode()


def base_url(headers: Mapping[str, str]) -> str:
    """Return the address the caller reached us by."""
    scheme = headers.get("x-forwarded-proto", "http")
    return f"{scheme}://{headers.get('host', 'localhost')}"


def identity_url(org: "Org", base: str, user_id: str) -> str:
    """Return where it is told who a user is."""
    return f"{base}/id/{org.organization_id}/{user_id}"


def session_of(org: "Org", request: Request) -> Session | None:
    """Return the live session of a request's token."""
    kind, _, access_token = request.headers.get("authorization", "").partition(" ")
    session = org.sessions.get(access_token.strip())
    if kind.lower() not in ("bearer", "oauth") or session is None:
        return None
    return session if session.expires > org.clock.timestamp() else None


def user_info(org: "Org", request: Request, *, full: bool) -> Response:
    """Answer ``/services/oauth2/userinfo``, or with *full* the identity URL."""
    session = session_of(org, request)
    if session is None:
        return Response(403, b"Bad_OAuth_Token", {"content-type": "text/html"})
    user = org.tables["User"].find(session.user_id)
    values: Values = user.values if user else {}
    identity = identity_url(org, base_url(request.headers), session.user_id)
    body = {
        "user_id": session.user_id,
        "organization_id": org.organization_id,
        "preferred_username": values.get("Username"),
        "name": values.get("Name"),
        "email": values.get("Email"),
        "active": values.get("IsActive", False),
    }
    more = (
        {"id": identity, "username": values.get("Username"), "display_name": values.get("Name")}
        if full
        else {"sub": identity, "zoneinfo": values.get("TimeZoneSidKey")}
    )
    return _json(200, body | more)


def revoke(org: "Org", request: Request) -> Response:
    """End a session."""
    org.sessions.pop(_form(request).get("token", ""), None)
    return Response(200)


def _json(status: int, body: object) -> Response:
    headers = {"content-type": "application/json;charset=UTF-8", "cache-control": "no-store"}
    return Response(status, orjson.dumps(body), headers)
