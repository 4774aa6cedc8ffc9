"""sObject Collections: up to 200 records a call, one result each, in order."""

from collections import Counter
from collections.abc import Callable
from itertools import groupby
from typing import Any

from sandbox.salesforce import saving
from sandbox.salesforce.call import Call, Reply
from sandbox.salesforce.errors import SalesforceError, unknown_column
from sandbox.salesforce.ids import full
from sandbox.salesforce.record import Record, Table
from sandbox.salesforce.sobjects import shown_record
from sandbox.salesforce.transaction import Transaction
from sandbox.salesforce.upsert import key_field, upsert

MOST_RECORDS = 200
MOST_CHUNKS = 10
MOST_READ = 2_000
_ROLLED_BACK = SalesforceError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone "
    "header",
)
_UNREADABLE = frozenset({"INVALID_FIELD", "JSON_PARSER_ERROR"})
_ALWAYS_TOLD = ("statusCode", "message", "fields")
Save = Callable[[Transaction, Any], dict[str, Any]]


def create_many(call: Call) -> Reply:
    """Answer POST /composite/sobjects."""

    def save(tx: Transaction, fields: dict[str, Any]) -> dict[str, Any]:
        record = saving.create(tx, _table(call, fields), fields)
        return {"id": record.id, "success": True, "errors": []}

    return _each(call, _records(call), save, all_or_none=_all_or_none(call))


def update_many(call: Call) -> Reply:
    """Answer PATCH /composite/sobjects: each record names its own id."""

    def save(tx: Transaction, fields: dict[str, Any]) -> dict[str, Any]:
        record = _named(call, fields)
        _check_type(call, record, fields)
        saving.update(tx, record, {k: v for k, v in fields.items() if k.lower() != "id"})
        return {"id": record.id, "success": True, "errors": []}

    return _each(call, _records(call), save, all_or_none=_all_or_none(call))


def upsert_many(call: Call, sobject: str, name: str) -> Reply:
    """Answer PATCH /composite/sobjects/X/{external id field}."""
    table = call.org.table(sobject)
    field = key_field(table, name)
    records = _records(call)
    if any(kind.lower() != table.name.lower() for kind in set(map(_type, records))):
        raise SalesforceError("INVALID_TYPE", f"all records must be of type {table.name}")
    keyed = [_keyed(fields, field) for fields in records]
    repeated = _repeated([value for value, _ in keyed])
    only = call.query.get("updateOnly", "").lower() == "true"

    def save(tx: Transaction, pair: tuple[Any, dict[str, Any]]) -> dict[str, Any]:
        value, fields = pair
        _check_key(call, field, value, repeated)
        record, created = upsert(tx, table, field, value, fields, update_only=only)
        return {"id": record.id, "success": True, "errors": [], "created": created}

    return _each(call, keyed, save, all_or_none=_all_or_none(call))


def delete_many(call: Call) -> Reply:
    """Answer DELETE /composite/sobjects: the ids are in the query."""
    ids = [item.strip() for item in call.query.get("ids", "").split(",") if item.strip()]
    _check_size(len(ids))

    def save(tx: Transaction, record_id: str) -> dict[str, Any]:
        record = _named(call, {"id": record_id})
        saving.remove(tx, record)
        return {"id": record.id, "success": True, "errors": []}

    all_or_none = call.query.get("allOrNone", "").lower() == "true"
    return _each(call, ids, save, all_or_none=all_or_none)


def read_many(call: Call, sobject: str) -> Reply:
    """Answer GET and POST /composite/sobjects/X: rows in order, null where there is none."""
    table = call.org.table(sobject)
    ids, names = _wanted(call, "ids"), _wanted(call, "fields")
    if len(ids) > MOST_READ:
        raise _too_many(MOST_READ)
    for name in names:
        if name.lower() not in table.names:
            raise unknown_column(name, table.name)
    rows: list[dict[str, Any] | None] = []
    for record_id in ids:
        record = table.find(record_id)
        shown = record.shown if record and not record.deleted else None
        rows.append(shown_record(call, record, shown, names) if record and shown else None)
    return Reply(200, rows)


def _wanted(call: Call, name: str) -> list[str]:
    """Return a list that a read needs, from the body or the query."""
    sent = call.body.get(name) if isinstance(call.body, dict) else None
    listed = sent or [each.strip() for each in call.query.get(name, "").split(",") if each.strip()]
    if not listed or not isinstance(listed, list) or not all(isinstance(e, str) for e in listed):
        raise SalesforceError("JSON_PARSER_ERROR", f"The request needs a list of {name}")
    return listed


def _each(call: Call, records: list[Any], save: Save, *, all_or_none: bool) -> Reply:
    """Save every record on its own, or with *all_or_none* all or nothing."""
    tx = call.begin()
    mark = len(tx.changes)
    try:
        results = [_result(call, tx, save, record) for record in records]
    except SalesforceError:
        tx.roll_back(mark)
        raise
    failed = sum(not result["success"] for result in results)
    if failed and all_or_none:
        tx.roll_back(mark)
        results = [_rolled_back(result) for result in results]
    else:
        _count_triggers(call, results, attempts=2 if failed else 1)
    call.end(tx)
    return Reply(200, results)


def _result(call: Call, tx: Transaction, save: Save, record: Any) -> dict[str, Any]:
    try:
        return save(tx, record)
    except SalesforceError as error:
        if error.code in _UNREADABLE and call.org.options.unreadable_record_fails_all:
            raise
        told = error.element()
        if not call.org.options.duplicate_result_in_collections:
            told = {name: told[name] for name in _ALWAYS_TOLD}
        result: dict[str, Any] = {"success": False, "errors": [told]}
        sent = record.get("Id", record.get("id")) if isinstance(record, dict) else None
        if sent and call.org.options.failed_element_has_id:
            result["id"] = sent
        return result


def _rolled_back(result: dict[str, Any]) -> dict[str, Any]:
    if not result["success"]:
        return result
    return {"success": False, "errors": [_ROLLED_BACK.element()]}


def _count_triggers(call: Call, results: list[dict[str, Any]], *, attempts: int) -> None:
    """Fire triggers: after a partial failure the survivors are saved, and fire, once more."""
    fired = attempts if call.org.options.trigger_refire else 1
    runs = call.org.trigger_runs
    for result in results:
        if result["success"]:
            runs[result["id"]] = runs.get(result["id"], 0) + fired


def _records(call: Call) -> list[dict[str, Any]]:
    records = call.body.get("records") if isinstance(call.body, dict) else None
    if not isinstance(records, list) or not all(isinstance(item, dict) for item in records):
        raise SalesforceError("JSON_PARSER_ERROR", "The request needs a list of records")
    _check_size(len(records))
    kinds = [_type(fields) for fields in records]
    if len(set(kinds)) > 1 and sum(1 for _ in groupby(kinds)) > MOST_CHUNKS:
        message = f"the records of one call may form at most {MOST_CHUNKS} chunks of one type"
        raise SalesforceError("INVALID_BATCH_SIZE", message)
    return records


def _check_size(count: int) -> None:
    if count > MOST_RECORDS:
        raise _too_many(MOST_RECORDS)


def _too_many(most: int) -> SalesforceError:
    message = f"record limit reached. cannot submit more than {most} records into this call"
    return SalesforceError("EXCEEDED_ID_LIMIT", message)


def _all_or_none(call: Call) -> bool:
    return bool(call.body.get("allOrNone"))


def _type(fields: dict[str, Any]) -> str:
    attributes = fields.get("attributes")
    return str(attributes.get("type", "")) if isinstance(attributes, dict) else ""


def _table(call: Call, fields: dict[str, Any]) -> Table:
    name = _type(fields)
    table = call.org.table_named(name)
    if table is None:
        message = f"sObject type '{name}' is not supported." if name else "type not specified"
        raise SalesforceError("INVALID_TYPE", message)
    return table


def _check_type(call: Call, record: Record, fields: dict[str, Any]) -> None:
    """Refuse an id of another object than the record says it is of."""
    table = _table(call, fields)
    if record.table is not table:
        message = f"{table.spec.fields['Id'].label}: id value of incorrect type: {record.id}"
        raise SalesforceError("MALFORMED_ID", message, fields=["Id"])


def _named(call: Call, fields: dict[str, Any]) -> Record:
    record_id = fields.get("Id", fields.get("id"))
    if not isinstance(record_id, str) or not record_id:
        raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call")
    if full(record_id) is None:
        message = f"malformed id {record_id}"
        raise SalesforceError("MALFORMED_ID", message, fields=["Id"])
    record = call.org.find(record_id)
    if record is None:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return record


def _keyed(fields: dict[str, Any], field: str) -> tuple[Any, dict[str, Any]]:
    """Return a record's key and its fields: with the key where it has its own name."""
    if field in fields and field != "Id":
        return fields[field], fields
    rest = {name: value for name, value in fields.items() if name.lower() != field.lower()}
    sent = [value for name, value in fields.items() if name.lower() == field.lower()]
    return (sent[0] if sent else None), rest


def _repeated(values: list[Any]) -> frozenset[str]:
    counts = Counter(str(value).lower() for value in values if value not in (None, ""))
    return frozenset(value for value, count in counts.items() if count > 1)


def _check_key(call: Call, field: str, value: Any, repeated: frozenset[str]) -> None:
    if value in (None, ""):
        if field != "Id":
            raise SalesforceError("MISSING_ARGUMENT", f"{field} not specified", fields=[])
    elif repeated and str(value).lower() in repeated:
        message = f"Duplicate external id specified: {value}"
        raise SalesforceError(call.org.options.repeated_external_id_code, message, fields=[field])
