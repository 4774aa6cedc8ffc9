"""A mapping held against both CRMs' live schemas: one clear line for every problem."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from itertools import chain
from typing import Any, NamedTuple

from guestlist.domain.converter import BadValue, Converter, Ends
from guestlist.domain.converters import CONVERTERS, chosen, resolve
from guestlist.domain.mapping import ends_of, fills_blank, hubspot_writable, required_fields
from guestlist.domain.owners import NO_OWNERS, Owners
from schemas.mapping import FieldMapping, ObjectMapping, SyncRule
from schemas.records import FieldDescription, ObjectDescription

SHOWN = 5
"""Options that are named before the rest is only counted."""

WRITES_HUBSPOT = frozenset(SyncRule) - {SyncRule.ALWAYS_HUBSPOT, SyncRule.DONT_SYNC}
WRITES_SALESFORCE = frozenset(SyncRule) - {SyncRule.ALWAYS_SALESFORCE, SyncRule.DONT_SYNC}


class Severity(StrEnum):
    """Whether anything can sync at all."""

    ERROR = "error"
    """Nothing syncs until it is repaired."""
    WARNING = "warning"
    """Some records will be refused."""


class MappingProblem(NamedTuple):
    """One line for the person who keeps the mapping."""

    severity: Severity
    field: str
    """As the mapping names it: ``property -> Type.Field``, or ``Type.Field`` alone."""
    message: str
    fix: str


Salesforce = Mapping[str, ObjectDescription]


def check_mapping(
    mapping: ObjectMapping,
    hubspot: ObjectDescription,
    salesforce: Salesforce,
    owners: Owners = NO_OWNERS,
) -> list[MappingProblem]:
    """Return every problem, errors first, otherwise in the mapping's order."""
    problems = chain(
        _types(mapping, salesforce),
        _external_ids(mapping, salesforce),
        _match(mapping, hubspot, salesforce),
        _twice(mapping),
        chain.from_iterable(
            _row(mapping, row, hubspot, salesforce, owners) for row in mapping.fields
        ),
        _required(mapping, salesforce),
    )
    return sorted(problems, key=lambda problem: problem.severity)


def _error(field: str, message: str, fix: str) -> MappingProblem:
    return MappingProblem(Severity.ERROR, field, message, fix)


def _warning(field: str, message: str, fix: str) -> MappingProblem:
    return MappingProblem(Severity.WARNING, field, message, fix)


def _types(mapping: ObjectMapping, salesforce: Salesforce) -> Iterator[MappingProblem]:
    for kind in mapping.salesforce_types:
        if kind not in salesforce:
            yield _error(
                kind,
                "Salesforce has no such object, or the integration user may not see it",
                "grant read, create and edit on the object",
            )
    if mapping.create_as not in mapping.salesforce_types:
        yield _error(
            mapping.create_as,
            "new records can not become an object that is not mapped",
            f"set create_as to one of: {', '.join(mapping.salesforce_types)}",
        )


def _external_ids(mapping: ObjectMapping, salesforce: Salesforce) -> Iterator[MappingProblem]:
    for kind, description in _described(mapping, salesforce):
        name = f"{kind}.{mapping.external_id}"
        field = description.fields.get(mapping.external_id)
        if field is None:
            fix = "create it: Text(20), External ID, Unique, and let the integration user edit it"
            yield _error(name, "the field that holds the HubSpot id is missing", fix)
            continue
        if not field.external_id:
            yield _error(name, "is not an External ID", "tick External ID in its definition")
        if not field.unique:
            fix = "tick Unique: without it a lost answer becomes a duplicate"
            yield _error(name, "is not unique", fix)
        if not (field.createable and field.updateable):
            yield _error(name, "can not be written", "grant the integration user edit access")


def _match(
    mapping: ObjectMapping, hubspot: ObjectDescription, salesforce: Salesforce
) -> Iterator[MappingProblem]:
    if mapping.match_on is None:
        return
    property_name, fields = mapping.match_on
    if property_name not in hubspot.fields:
        yield _missing_property(property_name)
    for kind, description in _described(mapping, salesforce):
        name = fields.get(kind)
        if name is None:
            message = f"no field finds existing {kind} records by {property_name}"
            yield _warning(kind, message, "name one under match, or accept duplicates")
        elif name not in description.fields:
            yield _missing_field(f"{kind}.{name}")


def _twice(mapping: ObjectMapping) -> Iterator[MappingProblem]:
    """One to one: a field with two sources would change with every look."""
    synced = [row for row in mapping.fields if row.rule is not SyncRule.DONT_SYNC]
    properties = Counter(row.hubspot for row in synced)
    fields = Counter(f"{kind}.{name}" for row in synced for kind, name in row.salesforce.items())
    for name, count in (properties + fields).items():
        if count > 1:
            yield _error(name, f"is mapped {count} times", "keep one of its rows")


def _row(
    mapping: ObjectMapping,
    row: FieldMapping,
    hubspot: ObjectDescription,
    salesforce: Salesforce,
    owners: Owners,
) -> Iterator[MappingProblem]:
    if row.rule is SyncRule.DONT_SYNC:
        return
    if row.hubspot not in hubspot.fields:
        yield _missing_property(row.hubspot)
        return
    for kind in row.salesforce:
        if kind not in mapping.salesforce_types:
            fix = f"name one of: {', '.join(mapping.salesforce_types)}"
            yield _error(f"{row.hubspot} -> {kind}", "is an object that is not mapped", fix)
        elif kind in salesforce:
            yield from _pair(row, kind, hubspot, salesforce[kind], owners)


def _pair(
    row: FieldMapping,
    kind: str,
    hubspot: ObjectDescription,
    salesforce: ObjectDescription,
    owners: Owners,
) -> Iterator[MappingProblem]:
    name = f"{row.hubspot} -> {kind}.{row.salesforce[kind]}"
    ends = ends_of(row, kind, hubspot, salesforce, owners)
    if ends is None:
        yield _missing_field(name)
        return
    converter = resolve(row.converter, ends)
    if converter is None:
        yield _unfit(name, row, ends)
        return
    if chosen(row.converter, ends) == "owner":
        yield from _owner(name, row, ends)
    yield from _access(name, row, ends)
    yield from _blank(name, row, converter)
    yield from _options(name, row, ends, converter)


def _unfit(name: str, row: FieldMapping, ends: Ends) -> MappingProblem:
    if row.converter != "auto":
        known = ", ".join(CONVERTERS)
        return _error(name, f"there is no converter {row.converter!r}", f"use one of: {known}")
    types = f"{ends.hubspot.type} in HubSpot, {ends.salesforce.type} in Salesforce"
    return _error(name, f"the types do not fit: {types}", "map another field, or name a converter")


def _owner(name: str, row: FieldMapping, ends: Ends) -> Iterator[MappingProblem]:
    if ends.salesforce.name != "OwnerId":
        message = "only the owner of a record can be matched"
        yield _error(name, message, "map it to OwnerId, or name another converter")
    if row.rule is SyncRule.ALWAYS_HUBSPOT:
        message = "an owner that Salesforce does not take goes back to Salesforce's"
        yield _error(name, message, "use two_way, or dont_sync")


def _access(name: str, row: FieldMapping, ends: Ends) -> Iterator[MappingProblem]:
    field = ends.salesforce
    if row.rule in WRITES_HUBSPOT and not hubspot_writable(ends.hubspot):
        kind = _read_only(ends.hubspot)
        yield _error(name, f"HubSpot's property is {kind}", "use always_hubspot or dont_sync")
    if row.rule in WRITES_SALESFORCE and not field.updateable:
        if field.createable:
            message = "Salesforce's field can be filled at creation, and never changed"
            yield _warning(name, message, "use always_salesforce if that is not enough")
        else:
            fix = "use always_salesforce or dont_sync, or grant edit access"
            yield _error(name, f"Salesforce's field is {_read_only(field)}", fix)


def _read_only(field: FieldDescription) -> str:
    return "calculated" if field.calculated else "read-only"


def _blank(name: str, row: FieldMapping, converter: Converter) -> Iterator[MappingProblem]:
    if row.when_blank is None:
        return
    if not fills_blank(row.rule):
        message = f"when_blank never applies with {row.rule}"
        yield _warning(name, message, "take it out, or choose another rule")
    try:
        converter.to_salesforce(converter.read_salesforce(row.when_blank))
    except BadValue as bad:
        yield _error(name, f"Salesforce refuses its when_blank: {bad}", "choose another value")


def _options(
    name: str, row: FieldMapping, ends: Ends, converter: Converter
) -> Iterator[MappingProblem]:
    """Name the options that would be refused where they are written."""
    if row.rule in WRITES_SALESFORCE:
        refused = _refused(
            ends.hubspot,
            lambda option: converter.to_salesforce(converter.read_hubspot(option)),
        )
        if refused:
            yield _warning(name, f"Salesforce refuses HubSpot's {refused}", "name them in values")
    if row.rule in WRITES_HUBSPOT:
        refused = _refused(ends.salesforce, converter.to_hubspot)
        if refused:
            yield _warning(name, f"HubSpot refuses Salesforce's {refused}", "name them in values")


def _refused(field: FieldDescription, write: Callable[[str], Any]) -> str:
    """Name the first options of *field* that *write* refuses, and count the rest."""
    refused = []
    for option in sorted(field.options):
        try:
            write(option)
        except BadValue:
            refused.append(option)
    more = len(refused) - SHOWN
    return ", ".join(refused[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _required(mapping: ObjectMapping, salesforce: Salesforce) -> Iterator[MappingProblem]:
    kind = mapping.create_as
    for field in required_fields(mapping, salesforce[kind]) if kind in salesforce else ():
        name = f"{kind}.{field}"
        rows = [row for row in mapping.fields if row.salesforce.get(kind) == field]
        filling = [row for row in rows if fills_blank(row.rule)]
        if not filling:
            message = "Salesforce requires it, and no row fills it"
            yield _error(name, message, "map a property to it, with when_blank")
        elif filling[0].when_blank is None:
            message = f"Salesforce requires it: records without {filling[0].hubspot} are refused"
            yield _warning(name, message, "set when_blank, or let those records wait")


def _described(
    mapping: ObjectMapping, salesforce: Salesforce
) -> Iterator[tuple[str, ObjectDescription]]:
    return ((kind, salesforce[kind]) for kind in mapping.salesforce_types if kind in salesforce)


def _missing_property(name: str) -> MappingProblem:
    return _error(name, "HubSpot has no such property", "correct its name, or take the row out")


def _missing_field(name: str) -> MappingProblem:
    message = "Salesforce has no such field, or hides it from the integration user"
    return _error(name, message, "correct its name, or grant access to it")
