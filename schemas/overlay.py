"""Lay a person's ``[objects]`` over the packaged mapping, property by property."""

from collections.abc import Mapping
from typing import Any

Problems = dict[str, str]


def overlay(
    given: Mapping[str, Any], packaged: Mapping[str, Any]
) -> tuple[dict[str, Any], Problems]:
    """The objects as the schema wants them (``fields`` keyed by property), and the problems.

    A row of the same HubSpot property overrides the packaged one key by key; ``defaults = false``
    sets the packaged mapping of that object aside.
    """
    merged: dict[str, Any] = {}
    problems: Problems = {}
    for name in (*packaged, *(name for name in given if name not in packaged)):
        own = given.get(name, {})
        merged[name] = _object(name, own, packaged, problems) if isinstance(own, Mapping) else own
    return merged, problems


def rows_by_property(rows: Any, path: str, problems: Problems) -> dict[str, Any]:
    """Key the ``[[objects.x.fields]]`` rows; a row that can not be keyed becomes a problem."""
    if not isinstance(rows, list):
        problems[path] = "Must be rows: [[...]] with double brackets."
        return {}
    keyed: dict[str, Any] = {}
    for number, row in enumerate(rows, start=1):
        prop = row.get("hubspot") if isinstance(row, Mapping) else None
        if not isinstance(prop, str) or not prop:
            problems[f"{path} row {number}"] = "Names no HubSpot property (hubspot = ...)."
        elif prop in keyed:
            problems[f"{path}.{prop}"] = "Is mapped twice; one property has one row."
        else:
            keyed[prop] = row
    return keyed


def _object(
    name: str, own: Mapping[str, Any], packaged: Mapping[str, Any], problems: Problems
) -> dict[str, Any]:
    path = f"objects.{name}"
    wanted = own.get("defaults", True)
    if not isinstance(wanted, bool):
        problems[f"{path}.defaults"] = "Must be true or false."
    base = packaged.get(name, {}) if wanted else {}
    if "salesforce" in own:
        base = _only(base, own["salesforce"])
    rows = rows_by_property(base.get("fields", []), path, {})
    for prop, row in rows_by_property(own.get("fields", []), f"{path}.fields", problems).items():
        rows[prop] = {**rows.get(prop, {}), **row}
    settings = {key: value for key, value in own.items() if key != "defaults"}
    return {**base, **settings, "name": name, "fields": rows}


def _only(base: Mapping[str, Any], types: Any) -> dict[str, Any]:
    """The packaged mapping without the Salesforce types this installation does not use."""
    wanted = [types] if isinstance(types, str) else types
    if not isinstance(wanted, list) or not base:
        return dict(base)
    kept = {**base, "match": _narrowed(base.get("match", {}), wanted)}
    kept["fields"] = [row for row in (_narrowed(r, wanted) for r in base["fields"]) if row]
    if not kept["match"]:
        del kept["match"]
    if base["create_as"] not in wanted:
        del kept["create_as"]
    return kept


def _narrowed(row: Mapping[str, Any], types: list[Any]) -> dict[str, Any]:
    """The row with its names of these types only; empty when none is left."""
    names = row.get("salesforce")
    if not isinstance(names, Mapping):
        return dict(row)
    left = {type_: field for type_, field in names.items() if type_ in types}
    return {**row, "salesforce": left} if left else {}
