"""One record at a time: create, read, update, delete, and upsert by external id."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from sandbox.salesforce import saving
from sandbox.salesforce.call import Call, Reply
from sandbox.salesforce.dates import read_instant
from sandbox.salesforce.errors import SalesforceError, deleted, not_found, unknown_column
from sandbox.salesforce.ids import full
from sandbox.salesforce.paths import address_reader
from sandbox.salesforce.record import Record, Table, Values
from sandbox.salesforce.upsert import key_field, matches, no_such_key, upsert

_BODY_ON_UPDATE = 46.0
"""First version whose upsert answers an update with a body."""


def create(call: Call, table: Table) -> Reply:
    """Answer POST /sobjects/X."""
    tx = call.begin()
    record = saving.create(tx, table, _fields(call.body))
    call.end(tx)
    location = f"{call.base}/sobjects/{table.name}/{record.id}"
    return Reply(201, {"id": record.id, "success": True, "errors": []}, {"location": location})


def by_id(call: Call, table: Table, record_id: str) -> Reply:
    """Answer GET, PATCH and DELETE /sobjects/X/{id}."""
    record = _record(call, table, record_id)
    match call.method:
        case "GET":
            return _read(call, record)
        case "PATCH":
            _precondition(call, record)
            tx = call.begin()
            saving.update(tx, record, _fields(call.body))
        case _:
            tx = call.begin()
            saving.remove(tx, record)
    call.end(tx)
    return Reply(204)


def by_key(call: Call, table: Table, name: str, value: str) -> Reply:
    """Answer GET, PATCH and DELETE /sobjects/X/{external id field}/{value}."""
    field = key_field(table, name)
    if call.method == "PATCH":
        return _upsert(call, table, field, value)
    found = [record for record in matches(table, field, value) if record.shown is not None]
    if not found:
        raise not_found()
    if len(found) > 1:
        return _choices(call, found)
    if call.method == "GET":
        return _read(call, found[0])
    tx = call.begin()
    saving.remove(tx, found[0])
    call.end(tx)
    return Reply(204)


def _upsert(call: Call, table: Table, field: str, value: str) -> Reply:
    fields = _fields(call.body)
    if field != "Id" and len(found := matches(table, field, value)) > 1:
        return _choices(call, found)
    named = {name.lower() for name in fields}
    if "id" in named or field.lower() in named:
        message = f"The {field} field should not be specified in the sobject data."
        raise SalesforceError("INVALID_FIELD", message, fields=[field])
    only = call.query.get("updateOnly", "").lower() == "true"
    tx = call.begin()
    record, created = upsert(tx, table, field, value, fields, update_only=only)
    call.end(tx)
    return _upserted(call, record, created=created)


def _upserted(call: Call, record: Record, *, created: bool) -> Reply:
    body: dict[str, Any] = {"id": record.id, "success": True, "errors": []}
    new_form = float(call.version) >= _BODY_ON_UPDATE
    if new_form:
        body["created"] = created
    if created:
        location = f"{call.base}/sobjects/{record.table.name}/{record.id}"
        return Reply(201, body, {"location": location})
    return Reply(200, body) if new_form else Reply(204)


def _choices(call: Call, found: list[Record]) -> Reply:
    urls = [f"{call.base}/sobjects/{record.table.name}/{record.id}" for record in found]
    return Reply(300, urls)


def _record(call: Call, table: Table, record_id: str) -> Record:
    if full(record_id) is None:
        raise no_such_key(record_id)
    record = table.find(record_id)
    if record is None or (record.shown is None and call.method == "GET"):
        if call.method == "DELETE":
            code, message = "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
            raise SalesforceError(code, message, status=404)
        raise not_found()
    if record.deleted:
        raise deleted()
    return record


def _read(call: Call, record: Record) -> Reply:
    values = record.shown or record.values
    modified = read_instant(values["LastModifiedDate"]) or datetime.now(UTC)
    headers = {"last-modified": format_datetime(modified, usegmt=True)}
    since = http_date(call.headers.get("if-modified-since"))
    if since is not None and modified <= since:
        return Reply(304, None, headers)
    wanted = [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()]
    return Reply(200, shown_record(call, record, values, wanted), headers)


def shown_record(call: Call, record: Record, values: Values, wanted: list[str]) -> dict[str, Any]:
    """Return a record as the API shows it: all fields, or those *wanted*."""
    table = record.table
    url = f"{call.base}/sobjects/{table.name}/{record.id}"
    shown: dict[str, Any] = {"attributes": {"type": table.name, "url": url}}
    for name in wanted or table.spec.fields:
        known = table.names.get(name.lower())
        if known is None:
            raise unknown_column(name, table.name)
        spec = table.spec.fields[known]
        address = spec.type == "address"
        shown[known] = address_reader(spec)(values) if address else values.get(known)
    return shown


def _precondition(call: Call, record: Record) -> None:
    since = http_date(call.headers.get("if-unmodified-since"))
    modified = read_instant(record.values["LastModifiedDate"])
    if since is not None and modified is not None and modified > since:
        message = "The record has been modified since the given date"
        raise SalesforceError("PRECONDITION_FAILED", message, status=412)


def http_date(text: str | None) -> datetime | None:
    """Read a date header; None when it is absent or no date."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _fields(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        message = "The HTTP entity body is required, but this request has no entity body."
        raise SalesforceError("JSON_PARSER_ERROR", message)
    return body
