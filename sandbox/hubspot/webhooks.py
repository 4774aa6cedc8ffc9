"""HubSpot's webhooks: events of what was written, a hundred a call, signed in version 3."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from sandbox.journal import Entry

MOST_EVENTS = 100
"""Events in one call."""
_NOUNS = frozenset({"contact", "company", "deal", "ticket"})
_VERBS = {"create": "creation", "delete": "deletion", "undelete": "restore"}
_DECODED = {f"%{ord(each):02X}": each for each in ":/?@!$'()*,;"}
"""The only escapes that are decoded in the address before it is signed."""


def events_of(entry: Entry, *, portal_id: int, ids: Iterator[int]) -> list[dict[str, Any]]:
    """Return the events that one write of the journal causes; a value that stayed causes none."""
    if entry.type not in _NOUNS or not entry.changed:
        return []
    common = {
        "subscriptionId": 1,
        "portalId": portal_id,
        "appId": 1,
        "occurredAt": int(entry.at * 1000),
        "attemptNumber": 0,
        "objectId": int(entry.id),
        "changeSource": "CRM_UI" if entry.caller == "user" else "INTEGRATION",
    }
    return [{"eventId": next(ids), **common, **told} for told in _told(entry.type, entry)]


def _told(noun: str, entry: Entry) -> Iterator[dict[str, Any]]:
    match entry.operation:
        case "create" | "delete" | "undelete":
            yield {"subscriptionType": f"{noun}.{_VERBS[entry.operation]}"}
        case "gdpr-delete":
            yield {"subscriptionType": f"{noun}.deletion"}
            yield {"subscriptionType": f"{noun}.privacyDeletion"}
        case "merge":
            yield {"subscriptionType": f"{noun}.merge", **_merged(entry)}
        case _:
            pass
    if entry.operation in {"create", "update"}:
        for name, value in entry.fields.items():
            kind = f"{noun}.propertyChange"
            yield {"subscriptionType": kind, "propertyName": name, "propertyValue": value}


def _merged(entry: Entry) -> dict[str, Any]:
    """Name the two that were merged, the last of the survivor's, and the survivor."""
    *_, primary, other = map(int, str(entry.fields["hs_merged_object_ids"]).split(";"))
    ids = {"objectId": primary, "primaryObjectId": primary, "mergedObjectIds": [other]}
    return {**ids, "newObjectId": int(entry.id)}


def calls_of(events: Sequence[Mapping[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the events a hundred at a time."""
    for start in range(0, len(events), MOST_EVENTS):
        yield [dict(each) for each in events[start : start + MOST_EVENTS]]


def signed(url: str, secret: str, events: Any, *, at: float) -> tuple[bytes, dict[str, str]]:
    """Return the body of a call and its headers; *at*: seconds since the epoch."""
    body = orjson.dumps(events)
    timestamp = str(int(at * 1000))
    address = url
    for escape, character in _DECODED.items():
        address = address.replace(escape, character)
    text = b"POST" + address.encode() + body + timestamp.encode()
    signature = base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()
    return body, {
        "Content-Type": "application/json",
        "X-HubSpot-Signature-v3": signature,
        "X-HubSpot-Request-Timestamp": timestamp,
    }
