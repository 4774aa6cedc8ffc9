"""Which HubSpot type goes with which Salesforce type, and through which converter."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.records import FieldDescription

_TEXTS = ("string", "textarea", "phone", "url", "encryptedstring", "id", "reference", "combobox")
_NUMBERS = ("double", "currency", "percent", "int", "long")
_STRING = (
    dict.fromkeys(_TEXTS, "text")
    | dict.fromkeys(_NUMBERS, "number")
    | {"email": "email", "picklist": "picklist", "multipicklist": "multi"}
)
_OPTIONS = ("picklist", "combobox", "reference", "string", "textarea")

BY_TYPES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "string": _STRING,
        "phone_number": _STRING,
        "enumeration": dict.fromkeys(_OPTIONS, "picklist") | {"boolean": "boolean"},
        "checkboxes": {"multipicklist": "multi", "string": "multi", "textarea": "multi"},
        "bool": {"boolean": "boolean"},
        "number": dict.fromkeys(_NUMBERS, "number") | {"string": "number"},
        "date": {"date": "date", "datetime": "date"},
        "datetime": {"datetime": "datetime", "date": "date"},
    }
)
"""HubSpot type -> Salesforce type -> converter; a pair that is not here does not fit."""

BY_PROPERTY: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "hubspot_owner_id": {"reference": "owner"},
        "lifecyclestage": dict.fromkeys(_OPTIONS, "stage"),
    }
)
"""HubSpot property -> Salesforce type -> converter, where its type does not tell all."""


def automatic(hubspot: FieldDescription, salesforce: FieldDescription) -> str | None:
    """Name of the converter for two live types; ``None``: they do not fit."""
    kind = "checkboxes" if hubspot.multiple else hubspot.type
    by_property = BY_PROPERTY.get(hubspot.name, {})
    return by_property.get(salesforce.type) or BY_TYPES.get(kind, {}).get(salesforce.type)
