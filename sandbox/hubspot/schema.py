"""What a property is, and the compact notation our stock tables are written in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.digits import decimal
from sandbox.hubspot.instants import canonical_date, canonical_datetime, iso

FIELD_TYPES = {
    "string": "text",
    "number": "number",
    "date": "date",
    "datetime": "date",
    "bool": "booleancheckbox",
    "enumeration": "select",
    "phone_number": "phonenumber",
    "object_coordinates": "text",
    "json": "text",
}
"""Types the API knows, each with its usual field type."""

Problem = tuple[str, str]
"""Error code and message of a refused value."""

STRING_LIMIT = 65_536


@dataclass(slots=True)
class Property:
    """One property's definition; mutable, as a PATCH changes it in place."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    options: list[dict[str, Any]] = field(default_factory=list)
    read_only: bool = False
    calculated: bool = False
    unique: bool = False
    external_options: bool = False
    hubspot_defined: bool = False
    description: str = ""
    archived: bool = False
    created: int = 0
    updated: int = 0
    visible: int = 0
    """Milliseconds from which reads and writes see the definition."""
    check: Callable[[str], str | Problem] | None = None
    """Canonical value of a text, or the problem with it; None takes any text."""

    def refresh(self) -> None:
        """Choose the check for the type and options as they are now."""
        self.check = _check_of(self)

    def to_json(self) -> dict[str, Any]:
        """Return the wire form of the properties API."""
        body: dict[str, Any] = {
            "updatedAt": iso(self.updated),
            "createdAt": iso(self.created),
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": self.options,
            "displayOrder": -1,
            "calculated": self.calculated,
            "externalOptions": self.external_options,
            "archived": self.archived,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": self.hubspot_defined,
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyOptions": self.hubspot_defined and not self.options,
                "readOnlyValue": self.read_only,
            },
            "formField": not self.read_only,
            "dataSensitivity": "non_sensitive",
        }
        if not self.hubspot_defined:
            del body["hubspotDefined"]
        return body


def option(value: str, order: int) -> dict[str, Any]:
    """Return a stock option; its label is the value in words."""
    label = value if " " in value else value.replace("_", " ").title()
    return {"label": label, "value": value, "displayOrder": order, "hidden": False}


def _check_of(definition: Property) -> Callable[[str], str | Problem] | None:
    match definition.type:
        case "number":
            return _check_number
        case "date":
            return _check_date
        case "datetime":
            return _check_datetime
        case "bool":
            return lambda text: _check_options(text, ("true", "false"))
        case "enumeration" if definition.options:
            allowed = tuple(str(item["value"]) for item in definition.options)
            if definition.field_type == "checkbox":
                return lambda text: _check_several(text, allowed)
            return lambda text: _check_options(text, allowed)
    return _check_length


def _check_number(text: str) -> str | Problem:
    if decimal(text) is None:
        return "INVALID_LONG", f"{text} was not a valid long."
    if "e" in text.lower():
        return "INVALID_INTEGER", f"{text} was not a valid number."
    return text.strip()


def _check_date(text: str) -> str | Problem:
    return canonical_date(text) or ("INVALID_DATE", f"{text} was not a valid date.")


def _check_datetime(text: str) -> str | Problem:
    return canonical_datetime(text) or ("INVALID_DATE", f"{text} was not a valid date.")


def _check_length(text: str) -> str | Problem:
    if len(text) <= STRING_LIMIT:
        return text
    return "PROPERTY_VALUE_TOO_LONG", f"The value is longer than {STRING_LIMIT} characters."


def _check_options(text: str, allowed: tuple[str, ...]) -> str | Problem:
    if text in allowed:
        return text
    return "INVALID_OPTION", f"{text} was not one of the allowed options: [{', '.join(allowed)}]"


def _check_several(text: str, allowed: tuple[str, ...]) -> str | Problem:
    for value in text.removeprefix(";").split(";"):
        if value and value not in allowed:
            return _check_options(value, allowed)
    return text


def read_table(table: str) -> Iterator[Property]:
    """Yield the stock properties of a table.

    ``[group]`` opens a group; a row is ``name | type[/fieldType] | flags | label``; a line that
    begins with ``=`` holds options of the row above. Flags: r read-only value, c calculated,
    u unique value, x options kept elsewhere.
    """
    group, current = "", None
    for line in filter(None, map(str.strip, table.splitlines())):
        if line.startswith("["):
            group = line[1:-1]
        elif line.startswith("="):
            if current is None:
                raise ValueError("options before the first row")
            values = [value.strip() for value in line[1:].split(";")]
            start = len(current.options)
            current.options += [option(value, start + n) for n, value in enumerate(values)]
        else:
            if current:
                yield current
            current = _row(line, group)
    if current:
        yield current


def _row(line: str, group: str) -> Property:
    name, kind, flags, label = (part.strip() for part in line.split("|", 3))
    type_, _, field_type = kind.partition("/")
    options = [option(value, n) for n, value in enumerate(("true", "false"))]
    return Property(
        name=name,
        label=label,
        type=type_,
        field_type=field_type or FIELD_TYPES[type_],
        group=group,
        options=options if type_ == "bool" else [],
        read_only="r" in flags,
        calculated="c" in flags,
        unique="u" in flags,
        external_options="x" in flags,
        hubspot_defined=True,
    )


def stock(table: str) -> dict[str, Property]:
    """Return a table's properties by name, ready to check values."""
    properties = {definition.name: definition for definition in read_table(table)}
    for definition in properties.values():
        definition.refresh()
    return properties


GROUP_LABELS: Mapping[str, str] = {
    "contactinformation": "Contact information",
    "contact_activity": "Contact activity",
    "emailinformation": "Email information",
    "analyticsinformation": "Web analytics history",
    "socialmediainformation": "Social media information",
    "conversioninformation": "Conversion information",
    "facebook_ads_properties": "Facebook Ads properties",
    "deal_information": "Deal information",
    "sales_properties": "Sales properties",
    "companyinformation": "Company information",
    "dealinformation": "Deal information",
    "ticketinformation": "Ticket information",
    "engagement": "Engagement information",
}
