"""Merge and lead conversion: the two writes that touch several records at once."""

from typing import Any

from sandbox.salesforce import saving
from sandbox.salesforce.dates import stamp
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.record import Record
from sandbox.salesforce.transaction import Transaction

_LEAD_TO_CONTACT = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Salutation": "Salutation",
    "Title": "Title",
    "Email": "Email",
    "Phone": "Phone",
    "MobilePhone": "MobilePhone",
    "Fax": "Fax",
    "LeadSource": "LeadSource",
    "Description": "Description",
    "Street": "MailingStreet",
    "City": "MailingCity",
    "State": "MailingState",
    "PostalCode": "MailingPostalCode",
    "Country": "MailingCountry",
}
_MOST_MERGED = 2


def merge(tx: Transaction, master: Record, losers: list[Record]) -> None:
    """Put the losers into the bin, pointing at the master, and give it their children.

    The master keeps its values; only Account, Contact and Lead can be merged, three at a time.
    """
    if not master.table.spec.mergeable or len(losers) > _MOST_MERGED:
        message = f"cannot merge {len(losers) + 1} records of {master.table.name}"
        raise SalesforceError("INVALID_TYPE_FOR_OPERATION", message)
    for loser in losers:
        if loser.table is not master.table or loser is master:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        _reparent(tx, loser, master)
        saving.remove(tx, loser, master_id=master.id, operation="merge")
    stamped = {"SystemModstamp": tx.stamp, "LastModifiedDate": tx.stamp}
    tx.change(master, master.values | stamped, {}, operation="merge")


def _reparent(tx: Transaction, loser: Record, master: Record) -> None:
    for table in tx.org.tables.values():
        fields = [
            spec.name
            for spec in table.references.values()
            if master.table.name in spec.reference_to and spec.name != "MasterRecordId"
        ]
        for child in list(table.rows.values()) if fields else []:
            moved = {name: master.id for name in fields if child.values.get(name) == loser.id}
            if moved:
                stamped = {"SystemModstamp": tx.stamp}
                tx.change(child, child.values | moved | stamped, moved)


def convert(tx: Transaction, lead: Record, account_id: str | None) -> tuple[str, str]:
    """Turn a lead into a contact of an account; the lead stays, converted and read-only."""
    if lead.table.name != "Lead":
        raise SalesforceError("INVALID_TYPE_FOR_OPERATION", "only leads can be converted")
    if lead.values.get("IsConverted"):
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    account = account_id or _new_account(tx, lead).id
    contact = _new_contact(tx, lead, account)
    sent: dict[str, Any] = {
        "IsConverted": True,
        "Status": "Closed - Converted",
        "ConvertedDate": stamp(tx.at)[:10],
        "ConvertedContactId": contact.id,
        "ConvertedAccountId": account,
    }
    stamped = {"SystemModstamp": tx.stamp, "LastModifiedDate": tx.stamp}
    tx.change(lead, lead.values | sent | stamped, sent, operation="convert")
    return contact.id, account


def _new_account(tx: Transaction, lead: Record) -> Record:
    fields = {"Name": lead.values.get("Company"), "OwnerId": _owner(tx, lead)}
    return saving.create(tx, tx.org.tables["Account"], fields)


def _new_contact(tx: Transaction, lead: Record, account: str) -> Record:
    table = tx.org.tables["Contact"]
    fields: dict[str, Any] = {
        there: lead.values[here]
        for here, there in _LEAD_TO_CONTACT.items()
        if lead.values.get(here) is not None
    }
    key = tx.org.options.contact_id_field
    held = lead.values.get(key)
    if key in table.lookups and held is not None and not table.holding(key, held):
        fields[key] = held
    fields |= {"AccountId": account, "OwnerId": _owner(tx, lead)}
    return saving.create(tx, table, fields)


def _owner(tx: Transaction, lead: Record) -> str:
    owner = str(lead.values.get("OwnerId", ""))
    return owner if owner.startswith("005") else tx.author.user_id
