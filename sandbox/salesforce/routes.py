"""From a request to an answer: address, version, session, allowance, then the call itself."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from sandbox.salesforce import auth, composite, versions
from sandbox.salesforce.auth import Session
from sandbox.salesforce.call import Call, Reply
from sandbox.salesforce.dispatch import allowed, dispatch
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.limits import check_allowance, usage_header
from sandbox.wire import Request, Response

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

LONGEST_ADDRESS = 16_384
"""Bytes of URI and headers together."""
_SLASHES = re.compile(r"/{2,}")
_JSON = {"content-type": "application/json;charset=UTF-8"}
_EMPTY = (204, 304)


def answer(org: "Org", request: Request) -> Response:
    """Answer any request to the org's host."""
    path = _SLASHES.sub("/", request.path).rstrip("/")
    open_doors: dict[str, Callable[[], Response]] = {
        "/services/oauth2/token": lambda: auth.token(org, request),
        "/services/oauth2/revoke": lambda: auth.revoke(org, request),
        "/services/oauth2/userinfo": lambda: auth.user_info(org, request, full=False),
        "/services/data": lambda: _response(Reply(200, versions.listed())),
    }
    if door := open_doors.get(path):
        org.calls[f"{request.method} {path}"] += 1
        return door()
    if path.startswith("/id/"):
        return auth.user_info(org, request, full=True)
    if not path.startswith("/services/data/"):
        return _response(_refusal(not_found()))
    parts = tuple(path.removeprefix("/services/data/").split("/"))
    return _data(org, request, parts)


def _data(org: "Org", request: Request, parts: tuple[str, ...]) -> Response:
    caller = ""
    try:
        _check_length(request)
        version = versions.answering(parts[0])
        session = _session(org, request)
        caller = session.caller
        check_allowance(org)
        org.usage.spend(org.clock.timestamp())
        org.calls[_route(request.method, parts[1:])] += 1
        call = Call(
            org=org,
            method=request.method,
            parts=parts[1:],
            query=request.query,
            headers=request.headers,
            body=_body(request),
            version=version,
            session=session,
        )
        reply = _answered(call)
    except SalesforceError as error:
        reply = _refusal(error)
    return _response(reply, usage_header(org, caller))


def _answered(call: Call) -> Reply:
    match call.parts:
        case ("composite",):
            return allowed(call, GET=composite.resources, POST=composite.composite)
        case ("composite", "batch"):
            return allowed(call, POST=composite.batch)
        case ("composite", "tree", name):
            return allowed(call, POST=lambda c: composite.tree(c, name))
        case _:
            return dispatch(call)


def _route(method: str, parts: tuple[str, ...]) -> str:
    """Name a route without its ids, for counting."""
    match parts:
        case ("composite" | "limits", second, *_):
            return f"{method} {parts[0]}/{second}"
        case ("sobjects", _, "describe" | "updated" | "deleted" as word):
            return f"{method} {word}"
        case (first, *_):
            return f"{method} {first}"
        case _:
            return f"{method} resources"


def _check_length(request: Request) -> None:
    """Refuse an address that is too long; headers count as well."""
    address = len(request.path)
    for name, value in request.query.items():
        address += len(name) + 2 + (len(quote(value)) if len(value) > 1_000 else len(value))
    if address > LONGEST_ADDRESS:
        raise SalesforceError("URI_TOO_LONG", "URI Too Long", status=414)
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    if address + headers > LONGEST_ADDRESS:
        message = "Request Header Fields Too Large"
        raise SalesforceError("REQUEST_HEADER_FIELDS_TOO_LARGE", message, status=431)


def _session(org: "Org", request: Request) -> Session:
    session = auth.session_of(org, request)
    if session is None:
        variant = org.options.session_variant
        message = (
            "This session is not valid for use with the REST API"
            if variant
            else "Session expired or invalid"
        )
        raise SalesforceError("INVALID_SESSION_ID", message, status=401)
    return session


def _body(request: Request) -> Any:
    if not request.body:
        return None
    kind = request.headers.get("content-type", "application/json")
    if "json" not in kind:
        message = f"Content-Type header specified in HTTP request is not supported: {kind}"
        raise SalesforceError("UNSUPPORTED_MEDIA_TYPE", message, status=415)
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        message = f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
        raise SalesforceError("JSON_PARSER_ERROR", message) from None


def _refusal(error: SalesforceError) -> Reply:
    return Reply(error.status, error.top_level())


def _response(reply: Reply, headers: dict[str, str] | None = None) -> Response:
    shown = {**(headers or {}), **reply.headers}
    if reply.status in _EMPTY:
        return Response(reply.status, b"", shown)
    return Response(reply.status, orjson.dumps(reply.body), {**_JSON, **shown})
