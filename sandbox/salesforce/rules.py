"""The rules a save meets: references, uniqueness, validation, locks, converted leads, owners."""

from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import SalesforceError, deleted
from sandbox.salesforce.options import Options
from sandbox.salesforce.record import Record, Table, Values
from sandbox.salesforce.transaction import Transaction

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_PARENTS = ("AccountId", "CampaignId", "OpportunityId", "ParentId", "WhoId", "WhatId")


def check_references(tx: Transaction, table: Table, sent: Mapping[str, Any]) -> None:
    """Refuse an id that names no live record of an object the field may point to."""
    for name in table.references.keys() & sent.keys():
        value = sent[name]
        if value is None:
            continue
        spec = table.references[name]
        target = tx.org.table_of(value)
        if target is None or target.name not in spec.reference_to:
            message = f"{spec.label}: id value of incorrect type: {value}"
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, fields=[name])
        found = target.find(value)
        if found is None:
            message = "invalid cross reference id"
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", message, fields=[name])
        if found.deleted:
            raise deleted(status=400)
        if name == "OwnerId" and found.values.get("IsActive") is False:
            message = "operation performed with inactive user"
            raise SalesforceError("INACTIVE_OWNER_OR_USER", message, fields=[name])


def check_unique(
    options: Options, table: Table, record: Record | None, values: Values, sent: Mapping[str, Any]
) -> None:
    """Refuse a value of a unique field that another live record holds."""
    for spec in table.unique:
        value = values.get(spec.name) if spec.name in sent else None
        if value is None:
            continue
        for other in table.holding(spec.name, value):
            exact = not spec.case_sensitive or other.values.get(spec.name) == value
            if other is not record and exact:
                _refuse_taken(options, spec.name, other)


def _refuse_taken(options: Options, name: str, other: Record) -> None:
    if options.hide_duplicate_id:
        where = "<unknown> duplicates value on record with id: <unknown>"
    else:
        where = f"{name} duplicates value on record with id: {other.id[:15]}"
    message = f"duplicate value found: {where}"
    raise SalesforceError("DUPLICATE_VALUE", message)


def check_validation(options: Options, sobject: str, values: Values) -> None:
    """Refuse a record that breaks a validation rule, with the administrator's words."""
    for rule in options.validation_rules:
        if rule.object == sobject and rule.broken_by(values):
            fields = [rule.field] if rule.field else []
            raise SalesforceError(rule.code, rule.message, fields=fields)


def check_not_converted(options: Options, record: Record) -> None:
    """Refuse to update a converted lead, unless the org permits it."""
    if record.values.get("IsConverted") and not options.update_converted_leads:
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def check_lock(tx: Transaction, values: Values, record_id: str | None) -> None:
    """Refuse a write while the record or its parent is locked by another transaction."""
    org, options = tx.org, tx.org.options
    if not (org.locks or options.lock_rate or options.parent_lock_seconds):
        return
    parents = [values[name] for name in _PARENTS if values.get(name)]
    for held in (*parents, *([record_id] if record_id else [])):
        owner, until = org.locks.get(held[:15], (None, 0.0))
        if until > tx.at and owner is not tx:
            refuse_lock(held)
    if parents and options.lock_rate and org.rng.random() < options.lock_rate:
        refuse_lock(parents[0])
    if options.parent_lock_seconds:
        for parent in parents:
            org.locks[parent[:15]] = (tx, tx.at + options.parent_lock_seconds)


def refuse_lock(record_id: str) -> None:
    """Say which record could not be locked."""
    message = f"unable to obtain exclusive access to this record or 1 records: {record_id}"
    raise SalesforceError("UNABLE_TO_LOCK_ROW", message)


def check_member(tx: Transaction, record: Record | None, values: Values) -> None:
    """Refuse a campaign member without a person, or a second one of the same pair."""
    person = values.get("ContactId") or values.get("LeadId")
    if not person:
        message = "Required fields are missing: [LeadId, ContactId]"
        raise SalesforceError("REQUIRED_FIELD_MISSING", message, fields=["LeadId", "ContactId"])
    members = tx.org.tables["CampaignMember"].holding("CampaignId", values["CampaignId"])
    for other in members:
        held = other.values.get("ContactId") or other.values.get("LeadId")
        if other is not record and held == person:
            raise SalesforceError("DUPLICATE_VALUE", "Already a campaign member.")


def assigned_owner(org: "Org", sobject: str) -> str | None:
    """Return the next owner by the object's assignment rule; None when it has no rule."""
    owners = org.options.assignment_rules.get(sobject)
    if not owners:
        return None
    org.assigned[sobject] += 1
    return owners[org.assigned[sobject] % len(owners)]


def check_named(org: "Org", options: Options, given: Container[str]) -> None:
    """Refuse rules, of the *given* options, on objects, fields or owners that do not exist."""
    if "validation_rules" in given:
        for rule in options.validation_rules:
            names = (*rule.when, rule.requires, rule.field)
            _check_fields(org, rule.object, [name for name in names if name])
    if "duplicate_rules" in given:
        for twins in options.duplicate_rules:
            for sobject in (twins.object, *twins.against):
                _check_fields(org, sobject, twins.match_on)
    if "assignment_rules" in given:
        for sobject, owners in options.assignment_rules.items():
            _check_fields(org, sobject, ["OwnerId"])
            for owner in owners:
                if not owner.startswith(("005", "00G")) or org.find(owner) is None:
                    raise ValueError(f"{owner} is no user or queue")


def _check_fields(org: "Org", sobject: str, names: Iterable[str]) -> None:
    table = org.tables.get(sobject)
    if table is None:
        raise ValueError(f"there is no {sobject}")
    for name in names:
        if name not in table.spec.fields:
            raise ValueError(f"{sobject} has no {name}")
