"""Match by an external id, then create or update: the same for one record and for many."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sandbox.salesforce import saving
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.ids import full
from sandbox.salesforce.record import Record, Table
from sandbox.salesforce.transaction import Transaction


class Upserted(NamedTuple):
    """Where the values went."""

    record: Record
    created: bool


def key_field(table: Table, name: str) -> str:
    """Return the field to match by: any idLookup field will do."""
    known = table.names.get(name.lower())
    if known is None or (known != "Id" and known not in table.lookups):
        raise no_such_key(name)
    return known


def no_such_key(name: str) -> SalesforceError:
    """Refuse a field that cannot be matched by."""
    return not_found(f"Provided external ID field does not exist or is not accessible: {name}")


def matches(table: Table, field: str, value: object) -> list[Record]:
    """Return the live records whose key is *value*."""
    if field != "Id":
        key = str(value)
        return table.holding(field, key.strip() if table.options.trim_text else key)
    record = table.find(str(value)) if full(str(value)) else None
    if record is None or record.deleted:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return [record]


def upsert(
    tx: Transaction,
    table: Table,
    field: str,
    value: object,
    fields: Mapping[str, Any],
    *,
    update_only: bool = False,
) -> Upserted:
    """Save *fields* (the key may be among them); raises ``DUPLICATE_EXTERNAL_ID`` for several."""
    found = [] if field == "Id" and value in (None, "") else matches(table, field, value)
    match found:
        case [record]:
            others = {name: each for name, each in fields.items() if name != field}
            saving.update(tx, record, others)
            return Upserted(record, created=False)
        case []:
            if update_only:
                raise not_found()
            is_whole = field == "Id" or field in fields
            keyed = fields if is_whole else {field: value, **fields}
            return Upserted(saving.create(tx, table, keyed), created=True)
        case _:
            raise several(field, found)


def several(field: str, found: list[Record]) -> SalesforceError:
    """Refuse a key that does not say which record is meant."""
    ids = ", ".join(record.id for record in found)
    message = f"{field}: more than one record found for external id field: [{ids}]"
    return SalesforceError("DUPLICATE_EXTERNAL_ID", message, fields=[field])
