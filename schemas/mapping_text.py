"""A mapping as it stands in a settings file: the table, and its text."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.mapping import DeletePolicy, DuplicateMode, FieldMapping, ObjectMapping, SyncRule
from schemas.toml_text import pairs

_USUAL: dict[str, Any] = {
    "create_in_salesforce": True,
    "create_in_hubspot": False,
    "on_salesforce_delete": DeletePolicy.UNLINK,
    "on_hubspot_delete": DeletePolicy.UNLINK,
    "duplicates": DuplicateMode.PINNED,
}
"""What a mapping that says nothing has."""


def table_of(mapping: ObjectMapping) -> dict[str, Any]:
    """Return the whole of ``[objects.x]``, nothing built in under it; a pinned list is left out.

    Of the settings with a usual value all are said, so that the text reads as a form to fill in.
    """
    types = mapping.salesforce_types
    table: dict[str, Any] = {
        "defaults": False,
        "hubspot": mapping.hubspot_type,
        "hubspot_type_id": mapping.hubspot_type_id,
        "salesforce": list(types),
        "create_as": mapping.create_as,
        "external_id": mapping.external_id,
        **{name: _plain(getattr(mapping, name)) for name in _USUAL},
    }
    if mapping.match_on:
        prop, names = mapping.match_on
        table["match"] = {"hubspot": prop, "salesforce": _names(names, types)}
    table["fields"] = [_row(each, types) for each in mapping.fields]
    return table


def text_of(mapping: ObjectMapping) -> str:
    """Return the mapping as TOML that can stand in ``guestlist.toml``."""
    return "\n".join(_lines(mapping)) + "\n"


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, DeletePolicy | DuplicateMode) else value


def _names(names: Mapping[str, str], types: tuple[str, ...]) -> str | dict[str, str]:
    """Return one name, where all types have it."""
    if len(set(names.values())) == 1 and names.keys() == set(types):
        return next(iter(names.values()))
    return dict(names)


def _row(row: FieldMapping, types: tuple[str, ...]) -> dict[str, Any]:
    table: dict[str, Any] = {
        "hubspot": row.hubspot,
        "salesforce": _names(row.salesforce, types),
        "rule": SyncRule(row.rule).value,
        "converter": row.converter,
    }
    if row.values:
        table["values"] = dict(row.values)
    if row.when_blank is not None:
        table["when_blank"] = row.when_blank
    return table


def _lines(mapping: ObjectMapping) -> Iterator[str]:
    table = table_of(mapping)
    rows, match = table.pop("fields"), table.pop("match", None)
    yield f"[objects.{mapping.name}]"
    yield from pairs(table)
    if match:
        yield ""
        yield f"[objects.{mapping.name}.match]"
        yield from pairs(match)
    for row in rows:
        yield ""
        yield f"[[objects.{mapping.name}.fields]]"
        yield from pairs(row)
