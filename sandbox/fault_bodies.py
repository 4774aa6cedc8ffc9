"""The bodies that each CRM sends with the errors a fault makes."""

from enum import StrEnum
from typing import Any

import orjson

from sandbox.crm import CRM
from sandbox.wire import Response

CORRELATION_ID = "00000000-0000-4000-8000-00000000fa17"
"""Marks an answer as a fault's in a log."""

_GATEWAY = frozenset({502, 504, 521, 522, 523, 524, 525, 526})
"""Statuses that come from the proxy in front of HubSpot, so as a page."""


class Limit(StrEnum):
    """The limit that a HubSpot 429 names."""

    BURST = "burst"
    SEARCH = "search"
    DAILY = "daily"


def error(crm: CRM, status: int, *, limit: Limit = Limit.BURST) -> Response:
    """Return *crm*'s answer with *status*."""
    if crm is CRM.SALESFORCE:
        return _salesforce(status, *_SALESFORCE.get(status, ("UNKNOWN_EXCEPTION", _GACK)))
    if status == 429:
        return _hubspot_limit(limit)
    if status in _GATEWAY:
        return proxy_page(status)
    message, category = _HUBSPOT.get(status, ("internal error", None))
    body = {"message": message} | ({"category": category} if category else {})
    return _hubspot(status, body, {"retry-after": "2"} if status == 477 else {})


def unauthorized(crm: CRM) -> Response:
    """Return *crm*'s answer to a token that has expired."""
    if crm is CRM.SALESFORCE:
        return _salesforce(401, "INVALID_SESSION_ID", "Session expired or invalid")
    message = "The OAuth token used to make this call expired 75 second(s) ago."
    return _hubspot(401, {"message": message, "category": "EXPIRED_AUTHENTICATION"}, {})


def quota_spent(crm: CRM) -> Response:
    """Return *crm*'s answer when the day's allowance is used up."""
    if crm is CRM.SALESFORCE:
        return _salesforce(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    return _hubspot_limit(Limit.DAILY)


def proxy_page(status: int) -> Response:
    """Return the HTML page of something between us and the CRM."""
    page = (
        f"<!DOCTYPE html><html><head><title>{status}</title></head><body>Please wait.</body></html>"
    )
    return Response(status, page.encode(), {"content-type": "text/html; charset=utf-8"})


_GACK = "An unexpected error occurred. Please include this ErrorId if you contact support: 1-1 (1)"
_HUBSPOT: dict[int, tuple[str, str | None]] = {
    423: ("This resource is locked. Try again later.", None),
    477: ("This account is being migrated. Try again later.", "MIGRATION_IN_PROGRESS"),
    503: ("Service unavailable", None),
}
_SALESFORCE = {
    400: ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    503: ("SERVER_UNAVAILABLE", "Server Unavailable"),
}


def _hubspot_limit(limit: Limit) -> Response:
    match limit:
        case Limit.SEARCH:
            body = {"message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}
            return _hubspot(429, body, {})
        case Limit.DAILY:
            return _hubspot(429, _policy("You have reached your daily limit.", "DAILY"), {})
        case Limit.BURST:
            message = "You have reached your ten_secondly_rolling limit."
            return _hubspot(429, _policy(message, "TEN_SECONDLY_ROLLING"), {})


def _policy(message: str, name: str) -> dict[str, str]:
    return {"message": message, "errorType": "RATE_LIMIT", "policyName": name}


def _hubspot(status: int, body: dict[str, Any], headers: dict[str, str]) -> Response:
    content = {"status": "error", **body, "correlationId": CORRELATION_ID}
    return Response(
        status,
        orjson.dumps(content),
        {
            "content-type": "application/json;charset=utf-8",
            "x-hubspot-correlation-id": CORRELATION_ID,
            **headers,
        },
    )


def _salesforce(status: int, code: str, message: str) -> Response:
    body = orjson.dumps([{"message": message, "errorCode": code}])
    return Response(status, body, {"content-type": "application/json;charset=UTF-8"})
