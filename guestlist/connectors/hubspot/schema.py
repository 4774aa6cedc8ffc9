"""The live schema of a HubSpot object type."""

from collections.abc import Mapping
from typing import Any

from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.portal import Portal
from schemas.records import Crm, FieldDescription, ObjectDescription

_TEXT_LIMIT = 65_536
"""HubSpot: characters of a string property."""


def describe(portal: Portal, type: str) -> ObjectDescription:
    """Return the properties that are not archived.

    Which of them a creation needs is not told here: HubSpot keeps that with the object's schema.
    """
    answer = portal.get(f"{portal.paths.properties(type)}?archived=false")
    with shaped("HubSpot's properties"):
        fields = {row["name"]: _field(row) for row in answer["results"]}
    return ObjectDescription(Crm.HUBSPOT, type, fields)


def _field(row: Mapping[str, Any]) -> FieldDescription:
    options = frozenset(option["value"] for option in row.get("options") or [])
    read_only = (row.get("modificationMetadata") or {}).get("readOnlyValue", False)
    calculated = bool(row.get("calculated"))
    writable = not (read_only or calculated)
    return FieldDescription(
        name=row["name"],
        label=row.get("label") or row["name"],
        type=row["type"],
        length=_TEXT_LIMIT if row["type"] == "string" else None,
        options=options,
        restricted=row["type"] == "enumeration" and not row.get("externalOptions"),
        createable=writable,
        updateable=writable,
        calculated=calculated,
        unique=bool(row.get("hasUniqueValue")),
        multiple=row.get("fieldType") == "checkbox",
    )
