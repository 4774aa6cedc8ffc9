"""What differs between two mappings of one object, place by place, and what may not differ."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from schemas.mapping import FieldMapping, ObjectMapping

SETTINGS = (
    "create_as",
    "create_in_salesforce",
    "create_in_hubspot",
    "on_salesforce_delete",
    "on_hubspot_delete",
    "duplicates",
)
"""What may be changed while everything runs, beside the rows."""
FIXED = ("hubspot_type", "hubspot_type_id", "salesforce_types", "external_id", "match_on")
"""What decides which records are one: links rest on it, so it is changed in the files only."""


class Edit(NamedTuple):
    """One place that differs; ``None``: there is no such place."""

    place: str
    """``create_as``, ``email``, ``email.rule`` ..."""
    before: str | None
    after: str | None


def edits(before: ObjectMapping, after: ObjectMapping) -> list[Edit]:
    """Return what has to be changed in *before* to have *after*; an empty list: nothing."""
    return [*_settings(before, after), *_rows(before.fields, after.fields)]


def fixed(before: ObjectMapping, after: ObjectMapping) -> list[str]:
    """Return the names of the settings that differ and may not."""
    return [name for name in FIXED if _told(before, name) != _told(after, name)]


def _settings(before: ObjectMapping, after: ObjectMapping) -> Iterator[Edit]:
    for name in SETTINGS:
        old, new = _text(getattr(before, name)), _text(getattr(after, name))
        if old != new:
            yield Edit(name, old, new)


def _rows(before: tuple[FieldMapping, ...], after: tuple[FieldMapping, ...]) -> Iterator[Edit]:
    old, new = ({row.hubspot: row for row in rows} for rows in (before, after))
    for name in [*old, *(name for name in new if name not in old)]:
        was, now = old.get(name), new.get(name)
        if was and now:
            yield from _row_edits(was, now)
        else:
            yield Edit(name, _row(was) if was else None, _row(now) if now else None)


def _row(row: FieldMapping) -> str:
    more = "".join(
        f", {name} {text}"
        for name, text in _parts(row).items()
        if text is not None and name in {"values", "when_blank"}
    )
    return f"{_joined(row.salesforce)}, {row.rule}, {row.converter}{more}"


def _row_edits(was: FieldMapping, now: FieldMapping) -> Iterator[Edit]:
    old, new = _parts(was), _parts(now)
    for name in [*old, *(name for name in new if name not in old)]:
        if old.get(name) != new.get(name):
            yield Edit(f"{was.hubspot}.{name}", old.get(name), new.get(name))


def _parts(row: FieldMapping) -> dict[str, str | None]:
    return {
        **row.salesforce,
        "rule": str(row.rule),
        "converter": row.converter,
        "values": _joined(row.values) or None,
        "when_blank": row.when_blank,
    }


def _joined(names: Mapping[str, str]) -> str:
    return "; ".join(f"{name} = {value}" for name, value in names.items())


def _told(mapping: ObjectMapping, name: str) -> Any:
    value = getattr(mapping, name)
    return (value[0], dict(value[1])) if name == "match_on" and value else value


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
