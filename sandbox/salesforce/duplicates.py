"""Duplicate rules: what counts as the same person, and who may save anyway."""

from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.options import DuplicateRule
from sandbox.salesforce.record import Record, Table, Values
from sandbox.salesforce.transaction import Transaction


def check_duplicates(tx: Transaction, table: Table, record: Record | None, values: Values) -> None:
    """Refuse a record that a rule finds again, unless it only alerts and the caller insists.

    Records of one save are not compared with each other.
    """
    for rule in tx.org.options.duplicate_rules:
        if rule.object != table.name or (record is not None and not rule.on_update):
            continue
        if rule.action == "Alert" and tx.author.allow_save:
            continue
        found = _matches(tx, rule, record, values)
        if found:
            raise _detected(tx, rule, found)


def _matches(
    tx: Transaction, rule: DuplicateRule, record: Record | None, values: Values
) -> list[Record]:
    if None in map(values.get, rule.match_on):
        return []
    wanted = {name: _fold(values[name]) for name in rule.match_on}
    if not all(wanted.values()):
        return []
    found: list[Record] = []
    for name in rule.against or (rule.object,):
        found += _alike(tx.org.tables[name], wanted)
    if not found:
        return []
    together = {id(change.record) for change in tx.changes[tx.saved_before :]}
    return [other for other in found if other is not record and id(other) not in together]


def _alike(table: Table, wanted: dict[str, str]) -> list[Record]:
    indexed = next((name for name in wanted if name in table.lookups), None)
    candidates = table.holding(indexed, wanted[indexed]) if indexed else table.rows.values()
    return [
        record
        for record in candidates
        if not record.deleted
        and not record.values.get("IsConverted")
        and all(_fold(record.values.get(name)) == value for name, value in wanted.items())
    ]


def _fold(value: Any) -> str:
    return "" if value is None else str(value).strip().lower()


def _detected(tx: Transaction, rule: DuplicateRule, found: list[Record]) -> SalesforceError:
    options, version = tx.org.options, tx.author.version
    key = "duplicateResult" if version >= options.corrected_spelling_from else "duplicateResut"
    result = {
        "allowSave": rule.action == "Alert",
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": rule.object,
        "errorMessage": rule.message,
        "matchResults": _match_results(tx, rule, found),
    }
    return SalesforceError("DUPLICATES_DETECTED", rule.message, extra={key: result})


def _match_results(
    tx: Transaction, rule: DuplicateRule, found: list[Record]
) -> list[dict[str, Any]]:
    results = []
    for name in rule.against or (rule.object,):
        same_object = [record for record in found if record.table.name == name]
        if same_object:
            results.append(
                {
                    "entityType": name,
                    "errors": [],
                    "matchEngine": "ExactMatchEngine",
                    "matchRecords": [_match_record(tx, record) for record in same_object],
                    "rule": f"{rule.name}_Match",
                    "size": len(same_object),
                    "success": True,
                }
            )
    return results


def _match_record(tx: Transaction, record: Record) -> dict[str, Any]:
    url = f"/services/data/v{tx.author.version:.1f}/sobjects/{record.table.name}/{record.id}"
    shown: dict[str, Any] = {
        "attributes": {"type": record.table.name, "url": url},
        "Id": record.id,
    }
    if tx.author.record_details:
        shown |= {
            name: value
            for name in ("Name", "Email", "OwnerId")
            if (value := record.values.get(name)) is not None
        }
    return {
        "additionalInformation": [],
        "fieldDiffs": [],
        "matchConfidence": 100.0,
        "record": shown,
    }
