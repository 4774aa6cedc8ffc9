"""A form about one row of a mapping, or its settings, as the mapping somebody wants."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from guestlist.domain.check import MappingProblem, misfits
from guestlist.domain.edit import SETTINGS, Edit, edits
from guestlist.engine.services import Services
from schemas.mapping import FieldMapping, ObjectMapping
from schemas.mapping_text import table_of
from worker.mappings import mapping_of

Given = Callable[[str], str]
"""Returns what a form says under a name; an empty text where it says nothing."""
_SWITCHES = {"create_in_salesforce", "create_in_hubspot"}


class Review(NamedTuple):
    """What somebody is about to save."""

    mapping: ObjectMapping
    edits: Sequence[Edit]
    problems: Sequence[MappingProblem]
    fits: bool
    """May it be saved?  A field that is held already is no reason against another's change."""


def review(services: Services, name: str, mapping: ObjectMapping) -> Review:
    """Hold a mapping against the one in force, and against both live schemas."""
    current = services.settings.objects[name]
    found = services.schemas.check(mapping)
    fits = not misfits(found, services.schemas.check(current))
    return Review(mapping, edits(current, mapping), found, fits)


def with_row(
    current: ObjectMapping, written: ObjectMapping, was: str, row: Mapping[str, Any] | None
) -> ObjectMapping:
    """Return the mapping with another *row* in the place of *was*; ``None``: without it.

    Raises ``SettingsError`` with everything that is wrong with it.
    """
    table = table_of(current)
    rows: list[Any] = table["fields"]
    at = next((n for n, each in enumerate(rows) if each["hubspot"] == was), len(rows))
    rows[at : at + 1] = [row] if row else []
    return mapping_of(written, table)


def with_settings(current: ObjectMapping, written: ObjectMapping, given: Given) -> ObjectMapping:
    """Return the mapping with what a form says about creating, deleting and duplicates."""
    table = table_of(current)
    for name in SETTINGS:
        text = given(name)
        table[name] = bool(text) if name in _SWITCHES else text
    return mapping_of(written, table)


def row_of(given: Given, types: Sequence[str]) -> dict[str, Any]:
    """Return a row as it would stand in the settings file."""
    named = {kind: given(f"field-{kind}") for kind in types}
    row: dict[str, Any] = {
        "hubspot": given("property"),
        "salesforce": {kind: field for kind, field in named.items() if field},
        "rule": given("rule"),
        "converter": given("converter"),
    }
    if values := _values(given("values")):
        row["values"] = values
    if blank := given("when_blank"):
        row["when_blank"] = blank
    return row


def form_of(row: FieldMapping | None, types: Sequence[str]) -> dict[str, str]:
    """Return what the form says of a row that is there; of a new one what is usual."""
    row = row or FieldMapping("", {})
    return {
        "property": row.hubspot,
        **{f"field-{kind}": row.salesforce.get(kind, "") for kind in types},
        "rule": row.rule.value,
        "converter": row.converter,
        "values": "\n".join(f"{ours} = {theirs}" for ours, theirs in row.values.items()),
        "when_blank": row.when_blank or "",
    }


def _values(text: str) -> dict[str, str]:
    """Read ``option = value`` lines; a line without ``=`` maps an option to itself."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {ours.strip(): (theirs if equals else ours).strip() for ours, equals, theirs in pairs}
