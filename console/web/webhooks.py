"""HubSpot's webhooks: hints that a record may need a look, never values to trust.

Signed with the app's client secret over method, address, raw body and time (signature v3).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import orjson
import structlog
from flask import Blueprint, request
from werkzeug.exceptions import BadRequest, Forbidden, NotFound
from werkzeug.wrappers import Response

from console.web.credentials import digest
from console.web.guard import for_all
from console.web.site import Site, site
from guestlist.store import hints

webhooks = Blueprint("webhooks", __name__)

WINDOW = timedelta(minutes=5)
"""HubSpot: a call signed longer ago than this is to be refused."""
MOST_EVENTS = 100
"""HubSpot: events in one call."""
DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
"""HubSpot: the only escapes that are decoded in the address before it is signed."""
_PREFIXES = {"contact": "0-1", "company": "0-2", "deal": "0-3", "ticket": "0-5"}


def signature(secret: str, method: str, address: str, body: bytes, timestamp: str) -> str:
    """Return what HubSpot would have sent as ``X-HubSpot-Signature-v3``."""
    for escape, character in DECODED.items():
        address = address.replace(escape, character).replace(escape.lower(), character)
    signed = method.encode() + address.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


@webhooks.post("/webhooks/hubspot")
@for_all
def hubspot() -> Response:
    """Mark the records that signed events name."""
    here = site()
    given = _checked(here)
    events = _events(request.get_data())
    marked = sorted({pair for event in events for pair in _named(here, event)})
    now = here.clock()
    with here.database.begin() as conn:
        is_new = hints.fresh(conn, [digest(given)], now=now)
        if is_new:
            hints.mark(conn, marked, now=now)
    log = structlog.get_logger()
    log.info("webhook_taken", events=len(events), records=len(marked), repeated=not is_new)
    return Response(status=204)


def _checked(here: Site) -> str:
    """Return the signature of a call that is HubSpot's and recent; any doubt refuses it."""
    secret = here.loaded.settings.hubspot.webhook_secret.reveal()
    if not secret:
        raise NotFound("No webhooks are taken here: set GUESTLIST_HUBSPOT_WEBHOOK_SECRET.")
    given = request.headers.get("X-HubSpot-Signature-v3", "")
    timestamp = request.headers.get("X-HubSpot-Request-Timestamp", "")
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 15:
        raise Forbidden("The call has no usable time.")
    age = here.clock().timestamp() - int(timestamp) / 1000
    if abs(age) > WINDOW.total_seconds():
        raise Forbidden("The call was signed too long ago.")
    expected = signature(secret, request.method, _address(here), request.get_data(), timestamp)
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Forbidden("The signature does not fit.")
    return given


def _address(here: Site) -> str:
    """Return the address HubSpot called: behind a proxy only the settings know it."""
    origin = here.settings.public_url.rstrip("/") or request.host_url.rstrip("/")
    raw = request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
    return f"{origin}{raw}"


def _events(body: bytes) -> list[Mapping[str, Any]]:
    try:
        events = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise BadRequest(f"The body has to be a list of at most {MOST_EVENTS} events.")
    if not all(isinstance(event, dict) for event in events):
        raise BadRequest("Every event has to be an object.")
    return events


def _named(here: Site, event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the records an event is about, as (object, key): those of objects that are mapped."""
    kind = str(event.get("subscriptionType") or event.get("eventType") or "").partition(".")[0]
    type_id = str(event.get("objectTypeId") or _PREFIXES.get(kind, ""))
    names = [
        name
        for name, mapping in here.loaded.settings.objects.items()
        if mapping.hubspot_type_id == type_id
    ]
    ids = (event.get("objectId"), event.get("primaryObjectId"), event.get("newObjectId"))
    for each in ids:
        if isinstance(each, int | str) and _is_id(str(each)):
            yield from ((name, str(each)) for name in names)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 20
