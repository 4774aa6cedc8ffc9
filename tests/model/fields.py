"""The mapping that the model runs under: a field for each rule, on both Salesforce types."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from schemas.mapping import SyncRule

EXTERNAL_ID = "HubSpot_Contact_Id__c"
OBJECT = "contacts"
Values = Mapping[str, str | None]
"""By HubSpot property, whichever CRM they are from; ``None`` is blank."""

RULES: Mapping[str, SyncRule] = MappingProxyType(
    {
        "email": SyncRule.TWO_WAY,
        "firstname": SyncRule.TWO_WAY,
        "lastname": SyncRule.PREFER_SALESFORCE,
        "jobtitle": SyncRule.ALWAYS_HUBSPOT,
        "fax": SyncRule.ALWAYS_SALESFORCE,
        "city": SyncRule.PREFER_HUBSPOT,
    }
)
_ALIKE = {
    "email": "Email",
    "firstname": "FirstName",
    "lastname": "LastName",
    "jobtitle": "Title",
    "fax": "Fax",
}
NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"Contact": {**_ALIKE, "city": "MailingCity"}, "Lead": {**_ALIKE, "city": "City"}}
)
"""Salesforce type -> HubSpot property -> Salesforce field."""


def in_hubspot(properties: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the mapped values of a HubSpot record."""
    return {name: _plain(name, properties.get(name)) for name in RULES}


def in_salesforce(type: str, fields: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the mapped values of a Salesforce record, under HubSpot's names."""
    return {name: _plain(name, fields.get(field)) for name, field in NAMES[type].items()}


def agree(name: str, hubspot: str | None, salesforce: str | None) -> bool:
    """Tell whether a pair's two values may stay as they are under the field's rule."""
    match RULES[name]:
        case SyncRule.ALWAYS_SALESFORCE if salesforce is None:
            return True
        case SyncRule.ALWAYS_HUBSPOT if hubspot is None:
            return True
        case SyncRule.DONT_SYNC:
            return True
        case _:
            return hubspot == salesforce


def settings() -> str:
    """Return the settings file that says all this."""
    lines = [
        "[objects.contacts]",
        "defaults = false",
        'hubspot = "contacts"',
        'hubspot_type_id = "0-1"',
        'salesforce = ["Contact", "Lead"]',
        'create_as = "Contact"',
        f'external_id = "{EXTERNAL_ID}"',
        "[objects.contacts.match]",
        'hubspot = "email"',
        'salesforce = "Email"',
    ]
    for name, rule in RULES.items():
        fields = ", ".join(f'{type} = "{names[name]}"' for type, names in NAMES.items())
        lines += [
            "[[objects.contacts.fields]]",
            f'hubspot = "{name}"',
            f"salesforce = {{ {fields} }}",
            f'rule = "{rule.value}"',
        ]
    lines += [
        "[[objects.contacts.fields]]",
        'hubspot = "company"',
        'salesforce = { Lead = "Company" }',
        'when_blank = "[not provided]"',
    ]
    return "\n".join(lines) + "\n"


def _plain(name: str, value: Any) -> str | None:
    text = str(value).strip() if value is not None else ""
    return (text.lower() if name == "email" else text) or None
