"""Salesforce's outbound messages: hints that a record may need a look, never values to trust.

They bear no signature: the address is a secret, the org is pinned, and the most that a forged one
could do is to have records looked at that are named to it anyway.
"""

import hmac
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

import structlog
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from flask import Blueprint, request
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest, Forbidden, NotFound
from werkzeug.wrappers import Response

from console.web.credentials import digest
from console.web.guard import for_all
from console.web.site import Site, site
from guestlist.domain.reference import long_id
from guestlist.store import hints, links

outbound = Blueprint("outbound", __name__)

MOST_NOTIFICATIONS = 100
"""Salesforce: notifications in one message."""
_NS = "{http://soap.sforce.com/2005/09/outbound}"
_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
    "</notificationsResponse></soapenv:Body></soapenv:Envelope>"
)


class Notification(NamedTuple):
    """All that is read of one: which row was saved, and the notification's own id."""

    id: str
    type: str
    record_id: str


@outbound.post("/webhooks/salesforce/<secret>")
@for_all
def salesforce(secret: str) -> Response:
    """Mark the rows that a message names, and acknowledge it."""
    here = site()
    organization_id = _known(here, secret)
    notifications = _read(request.get_data(), organization_id)
    now = here.clock()
    with here.database.begin() as conn:
        new = hints.fresh(conn, [digest(each.id) for each in notifications], now=now)
        rows = [each for each in notifications if digest(each.id) in new]
        for name in here.objects:
            hints.mark(conn, _keys(here, conn, name, rows), now=now)
    log = structlog.get_logger()
    log.info("outbound_message_taken", rows=len(notifications), new=len(rows))
    return Response(_ACK, content_type="text/xml; charset=utf-8")


def _known(here: Site, secret: str) -> str:
    """Return the org that may send; whoever does not know the address learns nothing."""
    settings = here.loaded.settings.salesforce
    expected = settings.outbound_secret.reveal()
    if not expected or not hmac.compare_digest(expected.encode(), secret.encode()):
        raise NotFound
    return settings.organization_id


def _read(body: bytes, organization_id: str) -> list[Notification]:
    """Return what a message names; raises for one of another org, or that is none."""
    message = _parsed(body).find(f"{_ENVELOPE}Body/{_NS}notifications")
    if message is None:
        raise BadRequest("The body is no outbound message.")
    sender = message.findtext(f"{_NS}OrganizationId") or ""
    if not sender or long_id(sender) != long_id(organization_id):
        raise Forbidden("The message is of another org.")
    rows = message.findall(f"{_NS}Notification")
    if len(rows) > MOST_NOTIFICATIONS:
        raise BadRequest(f"A message holds at most {MOST_NOTIFICATIONS} notifications.")
    return [*_notifications(rows)]


def _parsed(body: bytes) -> Element:
    """Parse a message; one that declares a type or an entity of its own is refused unread."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadRequest("The body is no XML that can be read.") from error
    return root


def _notifications(rows: list[Element]) -> Iterator[Notification]:
    for row in rows:
        told = row.find(f"{_NS}sObject")
        if told is None:
            raise BadRequest("A notification has no row.")
        record_id = next((each.text for each in told if each.tag.endswith("}Id")), None) or ""
        notification_id = row.findtext(f"{_NS}Id") or ""
        if not _is_id(record_id) or not _is_id(notification_id):
            raise BadRequest("A notification has no id.")
        type = told.get(_TYPE, "").rpartition(":")[2]
        yield Notification(long_id(notification_id), type, long_id(record_id))


def _keys(
    here: Site, conn: Connection, name: str, rows: list[Notification]
) -> list[tuple[str, str]]:
    """Return rows of the types an object maps as (object, key): by their links, else by their ids.

    What else a row says of itself is not believed; the look that follows reads it.
    """
    types = here.loaded.settings.objects[name].salesforce_types
    ids = [each.record_id for each in rows if each.type in types]
    linked = links.by_twin(conn, name, ids)
    return [(name, linked[id].key if id in linked else id) for id in ids]


def _is_id(text: str) -> bool:
    return len(text) in {15, 18} and text.isascii() and text.isalnum()
