"""Read the compact tables: one line a field, columns ``name|label|type|flags|extras``.

Flags: n nillable, c createable, u updateable, d defaulted on create, q unique, x external id,
i id lookup, r restricted picklist, k calculated, a auto number, s case sensitive.
Extras: ``of=`` compound field, ``rel=`` relationship name, ``values=`` picklist (``;`` between
values, ``@Name`` for a shared one), ``default=``, ``bytes=``. ``@address`` and ``@audit`` stand
for the blocks every object repeats.
"""

from collections.abc import Iterator
from typing import Any

from sandbox.salesforce.schema.field import FieldSpec
from sandbox.salesforce.schema.picklists import SHARED

_AUDIT = """
CreatedDate|Created Date|datetime|d
CreatedById|Created By ID|reference User|d
LastModifiedDate|Last Modified Date|datetime|d
LastModifiedById|Last Modified By ID|reference User|d
SystemModstamp|System Modstamp|datetime|d
"""
_ADDRESS = """
{p}Street|{l}Street|textarea 255|ncu|of={p}Address
{p}City|{l}City|string 40|ncu|of={p}Address
{p}State|{l}State/Province|string 80|ncu|of={p}Address
{p}PostalCode|{l}Zip/Postal Code|string 20|ncu|of={p}Address
{p}Country|{l}Country|string 80|ncu|of={p}Address
{p}Latitude|{l}Latitude|double 18,15|ncu|of={p}Address
{p}Longitude|{l}Longitude|double 18,15|ncu|of={p}Address
{p}GeocodeAccuracy|{l}Geocode Accuracy|picklist 40|ncur|of={p}Address|values=@Geocode
{p}Address|{l}Address|address|n
"""
_FLAGS = {
    "n": "nillable",
    "c": "createable",
    "u": "updateable",
    "d": "defaulted",
    "q": "unique",
    "x": "external_id",
    "i": "id_lookup",
    "r": "restricted",
    "k": "calculated",
    "a": "auto_number",
    "s": "case_sensitive",
}


def read_table(text: str) -> dict[str, FieldSpec]:
    """Return the fields of a table, in order."""
    return {spec.name: spec for spec in map(read_line, _lines(text))}


def read_line(line: str) -> FieldSpec:
    """Return the field one line describes."""
    name, label, kind, flags, *extras = line.split("|")
    attributes: dict[str, Any] = {attribute: flag in flags for flag, attribute in _FLAGS.items()}
    attributes |= _type(name, kind)
    for extra in extras:
        attributes |= _extra(extra)
    return FieldSpec(name=name, label=label, **attributes)


def _lines(text: str) -> Iterator[str]:
    for line in text.strip().splitlines():
        if line == "@audit":
            yield from _AUDIT.strip().splitlines()
        elif line.startswith("@address"):
            prefix = line.removeprefix("@address").strip()
            label = f"{prefix} " if prefix else ""
            yield from _ADDRESS.format(p=prefix, l=label).strip().splitlines()
        else:
            yield line


def _type(name: str, kind: str) -> dict[str, Any]:
    word, _, size = kind.partition(" ")
    match word:
        case "id":
            return {"type": "id", "length": 18}
        case "reference":
            relationship = name.removesuffix("Id") if name.endswith("Id") else None
            return {
                "type": "reference",
                "length": 18,
                "reference_to": tuple(size.split(",")),
                "relationship": relationship,
            }
        case "double" | "currency" | "percent":
            precision, scale = size.split(",")
            return {"type": word, "precision": int(precision), "scale": int(scale)}
        case "int":
            return {"type": "int", "digits": int(size)}
        case _:
            return {"type": word, "length": int(size or 0)}


def _extra(extra: str) -> dict[str, Any]:
    key, _, value = extra.partition("=")
    match key:
        case "of":
            return {"compound": value}
        case "rel":
            return {"relationship": value or None}
        case "values" if value.startswith("@"):
            return {"values": SHARED[value[1:]]}
        case "values":
            return {"values": tuple(value.split(";"))}
        case "default":
            return {"default": {"true": True, "false": False}.get(value, value)}
        case "bytes":
            return {"bytes": int(value)}
        case _:
            raise ValueError(f"unknown extra {extra!r}")
