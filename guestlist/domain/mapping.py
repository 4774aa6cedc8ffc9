"""A mapping made ready for work: per Salesforce type, the field pairs with their converters."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from guestlist.domain import canonical
from guestlist.domain.converter import Converter, Ends, Within, ends_of, hubspot_writable
from guestlist.domain.converters import chosen, resolve
from guestlist.domain.hold import Hold, hold_of, no_property, unfilled
from guestlist.domain.merge import merge
from guestlist.domain.owners import NO_OWNERS, Owners
from guestlist.domain.write import Sides
from schemas.mapping import FieldMapping, ObjectMapping, SyncRule
from schemas.records import HubSpotRecord, ObjectDescription, SalesforceRecord

CONVERTED = {"Lead": ("IsConverted", "ConvertedContactId")}
"""Fields that tell a converted lead, which is no twin any more, and where it went."""


@dataclass(frozen=True, slots=True)
class FieldPair:
    """One property, its field in one Salesforce type, and everything a plan asks about them."""

    hubspot: str
    salesforce: str
    rule: SyncRule
    read_hubspot: Callable[[Any], str | None]
    read_salesforce: Callable[[Any], str | None]
    to_salesforce: Callable[[str | None], Any]
    to_hubspot: Callable[[str | None], str]
    blank: str | None
    """What a blank in HubSpot equals, where the Salesforce field is never blank."""
    when_blank: str | None
    """What Salesforce holds for a value that HubSpot never had."""
    required: bool
    """Salesforce refuses a blank."""
    fills_creation: bool
    """The rule gives HubSpot's value to a new Salesforce record, and the field takes it."""
    updateable: bool
    hubspot_writable: bool
    within: Within | None = None
    """What the rule wants, brought within what both sides can hold; ``None``: they can."""
    hubspot_since: datetime | None = None
    """When the property came back, or changed its type, as far as was seen."""
    salesforce_since: datetime | None = None
    """The same of the field."""


@dataclass(frozen=True, slots=True)
class CompiledType:
    """One Salesforce type of a mapping."""

    type: str
    pairs: tuple[FieldPair, ...]
    """Those that may sync: rule ``dont_sync`` is left out, and so is what is held."""
    required: tuple[str, ...]
    """Fields without which Salesforce creates nothing."""
    fields: tuple[str, ...]
    """All that has to be read."""
    match_field: str | None
    held: Mapping[str, Hold]
    """HubSpot property -> why its field does not sync for now."""

    blocked: Hold | None
    """Why Salesforce would create nothing for now: a field that it requires is held, or new."""
    returned: tuple[FieldPair, ...]
    """Those of which a blank may tell nothing: their field was gone."""

    def without(self, properties: Collection[str]) -> "CompiledType":
        """Return the type with the pairs of these properties held: HubSpot has them no more."""
        gone = {
            pair.hubspot: no_property(pair.hubspot, self.type, pair.salesforce)
            for pair in self.pairs
            if pair.hubspot in properties
        }
        pairs = tuple(pair for pair in self.pairs if pair.hubspot not in gone)
        held = {**self.held, **gone}
        blocked = _blocked(self.type, self.required, pairs, held)
        returned = tuple(pair for pair in self.returned if pair.hubspot not in gone)
        return replace(self, pairs=pairs, held=held, blocked=blocked, returned=returned)


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """An object mapping checked against both live schemas; built once per process."""

    object: ObjectMapping
    types: Mapping[str, CompiledType]
    hubspot_properties: tuple[str, ...]
    """All that has to be read, sorted."""
    mapped: frozenset[str]
    """Those of them that sync."""
    email_property: str | None
    """The property without which nobody passes; ``None``: this object has no e-mail."""

    @property
    def match_property(self) -> str | None:
        return self.object.match_on[0] if self.object.match_on else None

    @property
    def created_type(self) -> CompiledType:
        return self.types[self.object.create_as]

    @property
    def held(self) -> tuple[Hold, ...]:
        """Every field that does not sync for now."""
        return tuple(hold for each in self.types.values() for hold in each.held.values())

    @property
    def back_at(self) -> datetime | None:
        """When the last of its fields came, came back, or changed its type, as far as was seen."""
        times = (
            at
            for each in self.types.values()
            for pair in each.returned
            for at in (pair.hubspot_since, pair.salesforce_since)
        )
        return max(filter(None, times), default=None)

    def without(self, properties: Collection[str]) -> "CompiledMapping":
        """Return the mapping with all fields of these properties held."""
        types = {name: each.without(properties) for name, each in self.types.items()}
        return replace(self, types=types, mapped=self.mapped - frozenset(properties))

    def match_value(self, record: HubSpotRecord) -> str | None:
        """What an existing twin would hold, in the spelling ``found_by`` compares."""
        name = self.match_property
        return canonical.email(record.properties.get(name)) if name else None

    def match_values(self, record: HubSpotRecord) -> tuple[str, ...]:
        """All that an existing twin may hold, the preferred first.

        HubSpot: a contact's additional addresses, joined by semicolons, are its too.
        """
        first = self.match_value(record)
        if first is None or self.match_property != "email":
            return () if first is None else (first,)
        others = (record.properties.get("hs_additional_emails") or "").lower().split(";")
        return tuple(dict.fromkeys([first, *filter(None, map(str.strip, others))]))

    def found_by(self, twin: SalesforceRecord) -> str | None:
        """The twin's own match value, comparable with ``match_value``."""
        name = self.types[twin.type].match_field
        return canonical.email(twin.fields.get(name)) if name else None


def compile_mapping(
    mapping: ObjectMapping,
    hubspot: ObjectDescription,
    salesforce: Mapping[str, ObjectDescription],
    owners: Owners = NO_OWNERS,
) -> CompiledMapping:
    """Resolve converters and flags against the live schemas.

    A pair that can not sync (field gone, types that do not fit) is left out and held; whoever
    compiles checks first whether that stops the object.
    """
    types = {
        name: _compiled_type(mapping, name, hubspot, salesforce[name], owners)
        for name in mapping.salesforce_types
    }
    names = {pair.hubspot for compiled in types.values() for pair in compiled.pairs}
    match_property = {mapping.match_on[0]} if mapping.match_on else set()
    if "email" in match_property:
        match_property.add("hs_additional_emails")
    return CompiledMapping(
        object=mapping,
        types=types,
        hubspot_properties=tuple(sorted(names | match_property | {"hs_merged_object_ids"})),
        mapped=frozenset(names),
        email_property=_email_property(mapping, salesforce),
    )


def needs_owners(
    mapping: ObjectMapping,
    hubspot: ObjectDescription,
    salesforce: Mapping[str, ObjectDescription],
) -> bool:
    """Tell whether the mapping can only be compiled with the owners of both CRMs."""
    synced = [row for row in mapping.fields if row.rule is not SyncRule.DONT_SYNC]
    ends = (
        (row, ends_of(row, kind, hubspot, description))
        for row in synced
        for kind, description in salesforce.items()
    )
    return any(each and chosen(row.converter, each) == "owner" for row, each in ends)


def _compiled_type(
    mapping: ObjectMapping,
    type: str,
    hubspot: ObjectDescription,
    salesforce: ObjectDescription,
    owners: Owners,
) -> CompiledType:
    holds = (hold_of(row, type, hubspot, salesforce, owners) for row in mapping.fields)
    held = {hold.hubspot: hold for hold in holds if hold}
    rows = (row for row in mapping.fields if row.hubspot not in held)
    compiled = (_pair(row, type, hubspot, salesforce, owners) for row in rows)
    pairs = tuple(pair for pair in compiled if pair is not None)
    required = required_fields(mapping, salesforce)
    match_field = mapping.match_on[1].get(type) if mapping.match_on else None
    read = {"Id", "CreatedDate", "SystemModstamp", mapping.external_id, *CONVERTED.get(type, ())}
    read |= {pair.salesforce for pair in pairs} | ({match_field} if match_field else set())
    return CompiledType(
        type=type,
        pairs=pairs,
        required=required,
        fields=tuple(sorted(read)),
        match_field=match_field,
        held=held,
        blocked=_blocked(type, required, pairs, held),
        returned=tuple(each for each in pairs if each.hubspot_since or each.salesforce_since),
    )


def _blocked(
    type: str, required: Sequence[str], pairs: Sequence[FieldPair], held: Mapping[str, Hold]
) -> Hold | None:
    filled = {pair.salesforce for pair in pairs if pair.fills_creation}
    missing = next((name for name in required if name not in filled), None)
    if missing is None:
        return None
    about_it = (hold for hold in held.values() if hold.salesforce == missing)
    return next(about_it, unfilled(type, missing))


def required_fields(mapping: ObjectMapping, salesforce: ObjectDescription) -> tuple[str, ...]:
    """What a creation must bring besides the external id."""
    return tuple(
        name
        for name, field in salesforce.fields.items()
        if field.required and name != mapping.external_id
    )


def _pair(
    row: FieldMapping,
    type: str,
    hubspot: ObjectDescription,
    salesforce: ObjectDescription,
    owners: Owners,
) -> FieldPair | None:
    ends = ends_of(row, type, hubspot, salesforce, owners)
    if ends is None or row.rule is SyncRule.DONT_SYNC:
        return None
    converter = resolve(row.converter, ends)
    return _ready(row, ends, converter) if converter else None


def _ready(row: FieldMapping, ends: Ends, converter: Converter) -> FieldPair:
    return FieldPair(
        hubspot=row.hubspot,
        salesforce=ends.salesforce.name,
        rule=row.rule,
        read_hubspot=converter.read_hubspot,
        read_salesforce=converter.read_salesforce,
        to_salesforce=converter.to_salesforce,
        to_hubspot=converter.to_hubspot,
        blank=converter.blank,
        when_blank=converter.read_salesforce(row.when_blank),
        required=ends.salesforce.required,
        fills_creation=ends.salesforce.createable and fills_blank(row.rule),
        updateable=ends.salesforce.updateable and not ends.salesforce.calculated,
        hubspot_writable=hubspot_writable(ends.hubspot),
        within=converter.within,
        hubspot_since=ends.hubspot.since,
        salesforce_since=ends.salesforce.since,
    )


def fills_blank(rule: SyncRule) -> bool:
    """Tell whether HubSpot's value goes into a Salesforce field that was never filled."""
    return merge(rule, Sides("value", None), None, hubspot_newer=True).salesforce is not None


def _email_property(
    mapping: ObjectMapping, salesforce: Mapping[str, ObjectDescription]
) -> str | None:
    if mapping.match_on is None:
        return None
    property_name, fields = mapping.match_on
    types = {
        salesforce[kind].fields[name].type
        for kind, name in fields.items()
        if kind in salesforce and name in salesforce[kind].fields
    }
    return property_name if types == {"email"} else None
