"""A mapping held against both CRMs' live schemas: one clear line for every problem."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain
from typing import Any, NamedTuple

from guestlist.domain.converter import BadValue, Converter, Ends, ends_of
from guestlist.domain.converters import CONVERTERS, chosen, resolve
from guestlist.domain.hold import WRITES_HUBSPOT, WRITES_SALESFORCE, Hold, hold_of, unfilled
from guestlist.domain.mapping import fills_blank, required_fields
from guestlist.domain.owners import NO_OWNERS, Owners
from guestlist.domain.reason import Reason
from schemas.mapping import FieldMapping, ObjectMapping, SyncRule
from schemas.records import FieldDescription, ObjectDescription

SHOWN = 5
"""Options that are named before the rest is only counted."""


class Severity(StrEnum):
    """Whether a person has to act."""

    ERROR = "error"
    """The field, or all of the object, does not sync until it is repaired."""
    WARNING = "warning"
    """Some records will be refused."""


class MappingProblem(NamedTuple):
    """One line for the person who keeps the mapping."""

    severity: Severity
    field: str
    """As the mapping names it: ``property -> Type.Field``, or ``Type.Field`` alone."""
    message: str
    fix: str
    holds: Reason | None = None
    """Why the field alone is held, or creations where it is a required one; ``None`` with an
    error: nothing syncs until it is repaired."""


def stopping(problems: Iterable[MappingProblem]) -> list[MappingProblem]:
    """Return the problems with which nothing of the object may sync."""
    return [each for each in problems if each.severity is Severity.ERROR and each.holds is None]


def misfits(
    problems: Iterable[MappingProblem], before: Iterable[MappingProblem]
) -> list[MappingProblem]:
    """Return the errors with which a changed mapping is not taken: *before*, those it had already.

    A field that is held already is no reason to refuse a change of another.
    """
    known = {(each.field, each.holds) for each in before if each.holds}
    errors = (each for each in problems if each.severity is Severity.ERROR)
    return [each for each in errors if (each.field, each.holds) not in known]


Salesforce = Mapping[str, ObjectDescription]


def check_mapping(
    mapping: ObjectMapping,
    hubspot: ObjectDescription,
    salesforce: Salesforce,
    owners: Owners = NO_OWNERS,
) -> list[MappingProblem]:
    """Return every problem: what stops everything, what holds a field, warnings."""
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
    return sorted(problems, key=lambda problem: (problem.severity, problem.holds is not None))


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
    for kind in row.salesforce:
        if kind not in mapping.salesforce_types:
            fix = f"name one of: {', '.join(mapping.salesforce_types)}"
            yield _error(f"{row.hubspot} -> {kind}", "is an object that is not mapped", fix)
        elif kind in salesforce:
            hold = hold_of(row, kind, hubspot, salesforce[kind], owners)
            if hold:
                yield _held(mapping, hold)
            else:
                yield from _pair(row, kind, hubspot, salesforce[kind], owners)


def _held(mapping: ObjectMapping, hold: Hold) -> MappingProblem:
    """Without the fields that tell who is whose twin nothing of the object may sync."""
    property_name, fields = mapping.match_on or (None, {})
    decides_identity = hold.hubspot == property_name or hold.salesforce in {
        mapping.external_id,
        fields.get(hold.type),
    }
    holds = None if decides_identity else hold.reason
    return MappingProblem(Severity.ERROR, hold.name, hold.message, hold.fix, holds)


def _pair(
    row: FieldMapping,
    kind: str,
    hubspot: ObjectDescription,
    salesforce: ObjectDescription,
    owners: Owners,
) -> Iterator[MappingProblem]:
    name = f"{row.hubspot} -> {kind}.{row.salesforce[kind]}"
    ends = ends_of(row, kind, hubspot, salesforce, owners)
    converter = resolve(row.converter, ends) if ends else None
    if ends is None or converter is None:
        known = ", ".join(CONVERTERS)
        yield _error(name, f"there is no converter {row.converter!r}", f"use one of: {known}")
        return
    if chosen(row.converter, ends) == "owner":
        yield from _owner(name, row, ends)
    if row.rule in WRITES_SALESFORCE and not ends.salesforce.updateable:
        message = "Salesforce's field can be filled at creation, and never changed"
        yield _warning(name, message, "use always_salesforce if that is not enough")
    if row.when_blank is not None and not fills_blank(row.rule):
        message = f"when_blank never applies with {row.rule}"
        yield _warning(name, message, "take it out, or choose another rule")
    yield from _options(name, row, ends, converter)
    yield from _values(name, ends)


def _owner(name: str, row: FieldMapping, ends: Ends) -> Iterator[MappingProblem]:
    if ends.salesforce.name != "OwnerId":
        message = "only the owner of a record can be matched"
        yield _error(name, message, "map it to OwnerId, or name another converter")
    if row.rule is SyncRule.ALWAYS_HUBSPOT:
        message = "an owner that Salesforce does not take goes back to Salesforce's"
        yield _error(name, message, "use two_way, or dont_sync")


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


def _values(name: str, ends: Ends) -> Iterator[MappingProblem]:
    """Name what ``values`` translates from or to and the CRM that it is meant for does not have."""
    sides = (
        ("HubSpot", ends.hubspot, ends.values),
        ("Salesforce", ends.salesforce, ends.values.values()),
    )
    for crm, field, named in sides:
        known = {option.lower() for option in field.options}
        strange = [option for option in dict.fromkeys(named) if option.lower() not in known]
        if strange and field.restricted:
            message = f"{crm} has no {_first(strange)}, which values names"
            yield _warning(name, message, "correct it, or take it out")


def _refused(field: FieldDescription, write: Callable[[str], Any]) -> str:
    """Name the first options of *field* that *write* refuses, and count the rest."""
    refused = []
    for option in sorted(field.options):
        try:
            write(option)
        except BadValue:
            refused.append(option)
    return _first(refused)


def _first(options: Sequence[str]) -> str:
    more = len(options) - SHOWN
    return ", ".join(options[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _required(mapping: ObjectMapping, salesforce: Salesforce) -> Iterator[MappingProblem]:
    kind = mapping.create_as
    for field in required_fields(mapping, salesforce[kind]) if kind in salesforce else ():
        name = f"{kind}.{field}"
        rows = [row for row in mapping.fields if row.salesforce.get(kind) == field]
        filling = [row for row in rows if fills_blank(row.rule)]
        if not filling:
            yield _held(mapping, unfilled(kind, field))
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
