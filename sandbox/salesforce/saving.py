"""Create, update, delete and undelete one record, with every rule of the org on the way."""

from collections.abc import Mapping
from typing import Any

from sandbox.journal import Operation
from sandbox.salesforce.cleaning import Cleaner
from sandbox.salesforce.derived import derive
from sandbox.salesforce.duplicates import check_duplicates
from sandbox.salesforce.errors import SalesforceError, deleted, unknown_column
from sandbox.salesforce.record import Record, Table, Values
from sandbox.salesforce.rules import (
    assigned_owner,
    check_lock,
    check_member,
    check_not_converted,
    check_references,
    check_unique,
    check_validation,
)
from sandbox.salesforce.transaction import Transaction

_NOT_WRITABLE = (
    "Unable to create/update fields: {}. Please check the security settings of this field and "
    "verify that it is read/write for your profile or permission set."
)


def create(tx: Transaction, table: Table, fields: Mapping[str, Any]) -> Record:
    """Insert a record or raise the first reason not to."""
    if not table.spec.createable and not tx.author.bypass:
        raise SalesforceError("INVALID_TYPE_FOR_OPERATION", f"{table.name} is not createable")
    sent = clean(tx, table, fields, table.creatable)
    record = Record("", table, {})
    values = derive(table.name, _new_values(tx, table, sent), sent)
    if not tx.author.bypass:
        _check_required(table, values)
        _check_rules(tx, table, None, values, sent)
        _assign(tx, table, values)
    record.id = values["Id"] = table.ids.next()
    record.values = values
    tx.create(record, {name: values.get(name) for name in sent})
    return record


def update(tx: Transaction, record: Record, fields: Mapping[str, Any]) -> None:
    """Change a record or raise the first reason not to."""
    table = record.table
    sent = clean(tx, table, fields, table.changeable)
    if record.deleted:
        raise deleted()
    stamped = {
        "LastModifiedDate": tx.stamp,
        "LastModifiedById": tx.author.user_id,
        "SystemModstamp": tx.stamp,
    }
    values = derive(table.name, {**record.values, **stamped, **sent}, sent)
    if not tx.author.bypass:
        _check_nulls(table, sent)
        _check_rules(tx, table, record, values, sent)
        _assign(tx, table, values)
    tx.change(record, values, {name: values.get(name) for name in sent})


def remove(
    tx: Transaction,
    record: Record,
    *,
    master_id: str | None = None,
    operation: Operation = "delete",
) -> None:
    """Put a record into the recycle bin."""
    if record.deleted:
        raise deleted()
    if not tx.author.bypass:
        check_lock(tx, record.values, record.id)
    values = record.values | {"IsDeleted": True, "SystemModstamp": tx.stamp}
    values |= {"LastModifiedDate": tx.stamp, "LastModifiedById": tx.author.user_id}
    if master_id:
        values["MasterRecordId"] = master_id
    tx.change(record, values, {"IsDeleted": True}, operation=operation)


def restore(tx: Transaction, record: Record) -> None:
    """Take a record out of the recycle bin."""
    if not record.deleted:
        message = "Entity is not in the recycle bin"
        raise SalesforceError("UNDELETE_FAILED", message)
    values = record.values | {"IsDeleted": False, "SystemModstamp": tx.stamp}
    values |= {"LastModifiedDate": tx.stamp, "MasterRecordId": None}
    check_unique(tx.org.options, record.table, record, values, values)
    tx.change(record, values, {"IsDeleted": False}, operation="undelete")


def clean(
    tx: Transaction, table: Table, fields: Mapping[str, Any], writable: Mapping[str, Cleaner]
) -> Values:
    """Return the sent fields under their own names, as they will be stored."""
    if tx.author.bypass:
        return _raw(table, fields)
    for name in fields:
        if name not in writable and name != "attributes":
            fields = _plainly_named(tx, table, fields, writable)
            break
    return {
        name: None if value is None else writable[name](value)
        for name, value in fields.items()
        if name != "attributes"
    }


def _plainly_named(
    tx: Transaction, table: Table, fields: Mapping[str, Any], writable: Mapping[str, Cleaner]
) -> Values:
    """Return the fields under their own names; refuse unknown and read-only ones."""
    sent = (item for item in fields.items() if item[0] != "attributes")
    named = dict(_named_field(tx, table, name, value) for name, value in sent)
    refused = [name for name in named if name not in writable]
    if refused:
        message = _NOT_WRITABLE.format(", ".join(refused))
        raise SalesforceError("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=refused)
    return named


def _raw(table: Table, fields: Mapping[str, Any]) -> Values:
    """Return the fields unchecked; text is still stored the way Salesforce stores it."""
    cleaned: Values = {}
    for name, value in fields.items():
        known = table.names.get(name.lower())
        if known is None:
            raise unknown_column(name, table.name)
        cleaned[known] = _stored(table, known, value) if isinstance(value, str) else value
    return cleaned


def _stored(table: Table, name: str, value: str) -> str | None:
    options = table.options
    text = value.strip() if options.trim_text else value
    email = options.lowercase_email and table.spec.fields[name].type == "email"
    return (text.lower() if email else text) or None


def _named_field(tx: Transaction, table: Table, name: str, value: Any) -> tuple[str, Any]:
    """Resolve another spelling, or a parent given by external id; else refuse."""
    if known := table.names.get(name.lower()):
        return known, value
    for reference in table.references.values():
        if reference.relationship and reference.relationship.lower() == name.lower():
            return reference.name, _parent(tx, reference.reference_to, value)
    raise unknown_column(name, table.name)


def _parent(tx: Transaction, objects: tuple[str, ...], value: Any) -> str | None:
    if value is None:
        return None
    keys = {k: v for k, v in value.items() if k != "attributes"} if isinstance(value, dict) else {}
    for name, key in keys.items():
        for table in (tx.org.tables[o] for o in objects if o in tx.org.tables):
            field = table.names.get(name.lower())
            if field in table.lookups and (held := table.holding(field, key)):
                return held[0].id
        where = f"field {name} in entity {objects[0]}"
        message = f"Foreign key external ID: {key} not found for {where}"
        raise SalesforceError("INVALID_FIELD", message)
    raise SalesforceError("INVALID_FIELD", f"{objects[0]} reference needs one external id field")


def _new_values(tx: Transaction, table: Table, sent: Values) -> Values:
    user = tx.author.user_id
    values = {
        **table.defaults,
        "CreatedDate": tx.stamp,
        "CreatedById": user,
        "LastModifiedDate": tx.stamp,
        "LastModifiedById": user,
        "SystemModstamp": tx.stamp,
        **sent,
    }
    if values.get("OwnerId") is None and "OwnerId" in table.references:
        values["OwnerId"] = user
    if None in sent.values():
        blank = (name for name in table.defaults if values[name] is None)
        values |= {name: table.defaults[name] for name in blank}
    return values


def _check_required(table: Table, values: Values) -> None:
    missing = [name for name in table.required if values.get(name) is None]
    if missing:
        _refuse_missing(missing)


def _check_nulls(table: Table, sent: Values) -> None:
    missing = [name for name in sent if sent[name] is None and name in table.never_null]
    if missing:
        _refuse_missing(missing)


def _refuse_missing(missing: list[str]) -> None:
    message = f"Required fields are missing: [{', '.join(missing)}]"
    raise SalesforceError("REQUIRED_FIELD_MISSING", message, fields=missing)


def _check_rules(
    tx: Transaction, table: Table, record: Record | None, values: Values, sent: Values
) -> None:
    """Run the rules in Salesforce's order of execution: validation, duplicates, save."""
    options = tx.org.options
    check_references(tx, table, sent)
    if record is not None:
        check_not_converted(options, record)
    if options.validation_rules:
        check_validation(options, table.name, values)
    if options.duplicate_rules:
        check_duplicates(tx, table, record, values)
    check_unique(options, table, record, values, sent)
    check_lock(tx, values, record.id if record else None)
    if table.name == "CampaignMember":
        check_member(tx, record, values)


def _assign(tx: Transaction, table: Table, values: Values) -> None:
    if tx.author.auto_assign and tx.org.options.assignment_rules:
        owner = assigned_owner(tx.org, table.name)
        if owner:
            values["OwnerId"] = owner
