"""Two readings of one object's schema: what came, what went, what changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from schemas.records import FieldDescription, ObjectDescription


class Difference(StrEnum):
    """How a field differs from what it was."""

    ADDED = "added"
    GONE = "gone"
    TYPE = "type"
    LENGTH = "length"
    OPTIONS = "options"
    ACCESS = "access"
    REQUIRED = "required"


class FieldChange(NamedTuple):
    """One thing that changed about one field."""

    field: str
    difference: Difference
    before: str
    after: str


def continued(
    before: ObjectDescription | None, now: ObjectDescription, *, at: datetime
) -> ObjectDescription:
    """Return *now*, with the time since when each field is what it is.

    A field that the last reading lacked, or knew with another type, is so since *at*.
    """
    if before is None:
        return now
    return replace(
        now,
        fields={
            name: _since(before.fields.get(name), each, at) for name, each in now.fields.items()
        },
    )


def _since(
    before: FieldDescription | None, now: FieldDescription, at: datetime
) -> FieldDescription:
    same = before is not None and before.type == now.type
    return replace(now, since=before.since if before and same else at)


def differences(before: ObjectDescription, now: ObjectDescription) -> tuple[FieldChange, ...]:
    """Return what changed, by the fields' names."""
    found: list[FieldChange] = []
    for name in sorted(before.fields.keys() | now.fields.keys()):
        was, field = before.fields.get(name), now.fields.get(name)
        if was is None and field is not None:
            found.append(FieldChange(name, Difference.ADDED, "", _kind(field)))
        elif was is not None and field is None:
            found.append(FieldChange(name, Difference.GONE, _kind(was), ""))
        elif was is not None and field is not None:
            found += _changed(was, field)
    return tuple(found)


def _changed(was: FieldDescription, now: FieldDescription) -> Iterator[FieldChange]:
    if _kind(was) != _kind(now):
        yield FieldChange(now.name, Difference.TYPE, _kind(was), _kind(now))
    if was.length != now.length:
        yield FieldChange(now.name, Difference.LENGTH, _number(was.length), _number(now.length))
    if was.options != now.options:
        gone, new = was.options - now.options, now.options - was.options
        yield FieldChange(now.name, Difference.OPTIONS, _several(gone), _several(new))
    if _access(was) != _access(now):
        yield FieldChange(now.name, Difference.ACCESS, _access(was), _access(now))
    if was.required != now.required:
        words = {True: "required", False: "optional"}
        before, after = words[was.required], words[now.required]
        yield FieldChange(now.name, Difference.REQUIRED, before, after)


def _kind(field: FieldDescription) -> str:
    return f"{field.type}, several" if field.multiple else field.type


def _number(length: int | None) -> str:
    return "" if length is None else str(length)


def _several(options: frozenset[str]) -> str:
    return ", ".join(sorted(options))


def _access(field: FieldDescription) -> str:
    allowed = (("create", field.createable), ("update", field.updateable))
    return ", ".join(word for word, may in allowed if may) or "read only"
