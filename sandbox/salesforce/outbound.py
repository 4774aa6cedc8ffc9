"""Outbound messages: what was saved, as SOAP, a hundred rows a call, until it is acknowledged."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from sandbox.journal import Entry

MOST_NOTIFICATIONS = 100
"""Notifications in one call."""
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
_OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
_SOBJECT = "urn:sobject.enterprise.soap.sforce.com"


class Notification(NamedTuple):
    """One row, by the notification's own id, which stays the same when it is sent again."""

    id: str
    type: str
    record_id: str
    fields: Mapping[str, Any]


def notification_of(entry: Entry, ids: Iterator[int]) -> Notification | None:
    """Return what a save causes; no rule fires when a row is deleted."""
    if entry.operation not in {"create", "update", "undelete", "convert"}:
        return None
    return Notification(f"04l{next(ids):012d}AAA", entry.type, entry.id, entry.fields)


def message(organization_id: str, notifications: Sequence[Notification]) -> bytes:
    """Return the body of one call; there is no session in it any more."""
    rows = "".join(map(_row, notifications))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        f'<notifications xmlns="{_OUTBOUND}">'
        f"<OrganizationId>{organization_id}</OrganizationId>"
        '<ActionId>04k000000000001AAA</ActionId><SessionId xsi:nil="true"/>'
        "<EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/67.0</EnterpriseUrl>"
        "<PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/67.0</PartnerUrl>"
        f"{rows}</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def acknowledged(status: int, body: bytes) -> bool:
    """Tell whether an answer lets Salesforce forget the call."""
    return status == 200 and b"<Ack>true</Ack>" in body.replace(b"ns1:", b"")


def _row(each: Notification) -> str:
    fields = {"Id": each.record_id, **each.fields}
    values = "".join(
        f"<sf:{name}>{escape(_text(value))}</sf:{name}>"
        for name, value in sorted(fields.items(), key=lambda pair: pair[0] != "Id")
        if value is not None
    )
    return (
        f"<Notification><Id>{each.id}</Id>"
        f'<sObject xsi:type="sf:{each.type}" xmlns:sf="{_SOBJECT}">{values}</sObject>'
        "</Notification>"
    )


def _text(value: Any) -> str:
    """Return a value as XML can hold it: control characters are no XML."""
    if isinstance(value, bool):
        return str(value).lower()
    return "".join(each for each in str(value) if each in "\t\n\r" or each >= " ")
