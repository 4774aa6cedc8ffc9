"""What a schema says about one field and one object."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

TEXT_TYPES = frozenset(
    {"string", "textarea", "phone", "url", "email", "picklist", "multipicklist", "combobox"}
)
NUMBER_TYPES = frozenset({"double", "currency", "percent", "int"})
_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
LONG_TEXT = 255
"""A text area longer than this can be neither filtered nor sorted."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field. ``length`` counts characters; ``values`` are the active picklist values."""

    name: str
    label: str
    type: str = "string"
    length: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    unique: bool = False
    external_id: bool = False
    id_lookup: bool = False
    restricted: bool = False
    calculated: bool = False
    auto_number: bool = False
    case_sensitive: bool = False
    precision: int = 0
    scale: int = 0
    digits: int = 0
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    compound: str | None = None
    values: tuple[str, ...] = ()
    default: Any = None
    bytes: int | None = None

    @property
    def custom(self) -> bool:
        """Tell whether an administrator added the field."""
        return self.name.endswith("__c")

    @property
    def soap_type(self) -> str:
        """Return the XML schema type a describe names."""
        return _SOAP_TYPES.get(self.type, "xsd:string")

    @property
    def byte_length(self) -> int:
        """Return three bytes a character, one for ids."""
        if self.bytes is not None:
            return self.bytes
        return self.length if self.soap_type == "tns:ID" else 3 * self.length

    @property
    def filterable(self) -> bool:
        """Tell whether a WHERE may name the field: long text areas may not be filtered."""
        return not (self.type == "textarea" and self.length > LONG_TEXT)

    @property
    def sortable(self) -> bool:
        """Tell whether an ORDER BY may name the field."""
        return self.filterable and self.type != "address"

    @property
    def required(self) -> bool:
        """Tell whether a create must carry a value."""
        return self.createable and not self.nillable and not self.defaulted

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Read a field from JSON."""
        values = dict(mapping)
        for name in ("reference_to", "values"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One sObject: its name, key prefix, fields in describe order."""

    name: str
    prefix: str
    label: str
    plural: str
    fields: Mapping[str, FieldSpec]
    mergeable: bool = False
    replicateable: bool = True
    createable: bool = True
    undeletable: bool = True

    def with_field(self, spec: FieldSpec) -> Self:
        """Return the object with *spec* added or replaced."""
        return replace(self, fields={**self.fields, spec.name: spec})
