"""Converters: how one HubSpot property and one Salesforce field are read, compared and written.

Reading is total and gives canonical values; writing raises ``BadValue`` for what the other CRM
is known to refuse, before it costs a call.  Picklists are compared in Salesforce's vocabulary.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from guestlist.domain import canonical
from guestlist.domain.converter import BadValue, Converter, Ends
from guestlist.domain.reason import Reason
from guestlist.domain.stages import forward_only
from guestlist.domain.type_pairs import automatic
from schemas.records import FieldDescription

HUBSPOT_LENGTH = 65_536
"""HubSpot: a string property holds 65,536 characters."""
SALESFORCE_YEARS = range(1700, 4001)
"""Salesforce: dates from 1700 to 4000."""


Writer = Callable[[str], Any]


def _symmetric(
    read: Callable[[Any], str | None], to_salesforce: Writer, to_hubspot: Callable[[str], str]
) -> Converter:
    return Converter(
        read_hubspot=read,
        read_salesforce=read,
        to_salesforce=lambda value: None if value is None else to_salesforce(value),
        to_hubspot=lambda value: "" if value is None else to_hubspot(value),
    )


def _text(ends: Ends) -> Converter:
    return _symmetric(canonical.text, _fitting(ends.salesforce), _hubspot_text)


def _email(ends: Ends) -> Converter:
    fitting = _fitting(ends.salesforce)

    def to_salesforce(value: str) -> str:
        if not canonical.is_email(value):
            raise BadValue(Reason.BAD_EMAIL, "not an e-mail address")
        return fitting(value)

    return _symmetric(canonical.email, to_salesforce, _hubspot_text)


def _number(ends: Ends) -> Converter:
    whole = ends.salesforce.type in {"int", "long"}

    def to_salesforce(value: str) -> int | float:
        parsed = _parsed(value)
        if whole and not isinstance(parsed, int):
            raise BadValue(Reason.BAD_FORMAT, "not a whole number")
        return parsed

    def to_hubspot(value: str) -> str:
        _parsed(value)
        return value

    return _symmetric(canonical.number, to_salesforce, to_hubspot)


def _parsed(value: str) -> int | float:
    if "_" in value:  # to Python a number all the same
        raise BadValue(Reason.BAD_FORMAT, "not a number")
    try:
        parsed = int(value) if value.lstrip("-").isdigit() else float(value)
    except ValueError as error:
        raise BadValue(Reason.BAD_FORMAT, "not a number") from error
    if not -canonical.EXACT_INTEGER <= parsed <= canonical.EXACT_INTEGER:
        raise BadValue(Reason.BAD_FORMAT, "more digits than Salesforce keeps exactly")
    return parsed


def _boolean(_: Ends) -> Converter:
    def to_salesforce(value: str) -> bool:
        return _true_or_false(value) == "true"

    converter = _symmetric(canonical.boolean, to_salesforce, _true_or_false)
    return replace(converter, to_salesforce=_never_null(to_salesforce), blank="false")


def _never_null(write: Writer) -> Callable[[str | None], Any]:
    """Salesforce refuses null for a checkbox."""
    return lambda value: value is not None and write(value)


def _true_or_false(value: str) -> str:
    if value not in {"true", "false"}:
        raise BadValue(Reason.BAD_FORMAT, "neither true nor false")
    return value


def _date(ends: Ends) -> Converter:
    to_salesforce = _midnight if ends.salesforce.type == "datetime" else _day
    to_hubspot = _midnight if ends.hubspot.type == "datetime" else _day
    return _symmetric(canonical.date, to_salesforce, to_hubspot)


def _midnight(value: str) -> str:
    return f"{_day(value)}T00:00:00.000Z"


def _day(value: str) -> str:
    _checked_year(value if len(value) == len("2026-01-31") else "")
    return value


def _moment(_: Ends) -> Converter:
    def write(value: str) -> str:
        _checked_year(value)
        return f"{value.removesuffix('Z')}.000Z"

    return _symmetric(canonical.moment, write, write)


def _checked_year(value: str) -> None:
    parsed = canonical.instant(value)
    if parsed is None:
        raise BadValue(Reason.BAD_FORMAT, "not a date")
    if parsed.year not in SALESFORCE_YEARS:
        raise BadValue(Reason.BAD_FORMAT, "not between the years 1700 and 4000")


def _picklist(ends: Ends) -> Converter:
    vocabulary = Vocabulary.of(ends)
    fitting = _fitting(ends.salesforce)
    return Converter(
        read_hubspot=lambda value: vocabulary.from_hubspot(canonical.text(value)),
        read_salesforce=canonical.text,
        to_salesforce=lambda value: (
            None if value is None else fitting(vocabulary.for_salesforce(value))
        ),
        to_hubspot=lambda value: "" if value is None else vocabulary.for_hubspot(value),
    )


def _stage(ends: Ends) -> Converter:
    hubspot_options = Vocabulary.of(ends).to_hubspot

    def option_of(value: str) -> str:
        return hubspot_options.get(value.lower(), value)

    return replace(_picklist(ends), within=forward_only(option_of))


def _owner(ends: Ends) -> Converter:
    owners = ends.owners

    def id_of(who: str | None, ids: Mapping[str, str], message: str) -> str:
        try:
            return ids[who or ""]
        except KeyError:
            raise BadValue(Reason.BAD_FORMAT, message) from None

    return Converter(
        read_hubspot=owners.in_hubspot,
        read_salesforce=owners.in_salesforce,
        to_salesforce=lambda who: id_of(who, owners.user_ids, "no active user of Salesforce"),
        to_hubspot=lambda who: id_of(who, owners.hubspot_ids, "no active owner in HubSpot"),
        within=owners.within,
    )


def _multi(ends: Ends) -> Converter:
    vocabulary = Vocabulary.of(ends)

    def each(value: str | None, translate: Callable[[str], str]) -> str | None:
        return value and canonical.choices(";".join(map(translate, value.split(";"))))

    def known(part: str) -> str:
        return vocabulary.from_hubspot(part) or part

    return Converter(
        read_hubspot=lambda value: each(canonical.choices(value), known),
        read_salesforce=canonical.choices,
        to_salesforce=lambda value: each(value, vocabulary.for_salesforce),
        to_hubspot=lambda value: each(value, vocabulary.for_hubspot) or "",
    )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The options of both fields: those named in the mapping, the rest by equal spelling.

    Upper and lower case do not tell options apart: HubSpot's ``OPEN`` is Salesforce's ``Open``.
    """

    to_salesforce: Mapping[str, str]
    """HubSpot option in lower case -> Salesforce value."""
    to_hubspot: Mapping[str, str]
    """Salesforce value in lower case -> HubSpot option."""
    salesforce_options: frozenset[str]
    """Empty: any value is accepted."""
    hubspot_options: frozenset[str]
    """As above."""

    @classmethod
    def of(cls, ends: Ends) -> "Vocabulary":
        named = {hubspot.lower(): value for hubspot, value in ends.values.items()}
        # Several HubSpot options may share a Salesforce value; the first named is written back.
        back = {value.lower(): hubspot for hubspot, value in reversed(list(ends.values.items()))}
        return cls(
            to_salesforce={option.lower(): option for option in ends.salesforce.options} | named,
            to_hubspot={option.lower(): option for option in ends.hubspot.options} | back,
            salesforce_options=(
                ends.salesforce.options if ends.salesforce.restricted else frozenset()
            ),
            hubspot_options=ends.hubspot.options if ends.hubspot.restricted else frozenset(),
        )

    def from_hubspot(self, value: str | None) -> str | None:
        return value and self.to_salesforce.get(value.lower(), value)

    def for_salesforce(self, value: str) -> str:
        if self.salesforce_options and value not in self.salesforce_options:
            raise BadValue(Reason.PICKLIST_VALUE, "not an option in Salesforce")
        return value

    def for_hubspot(self, value: str) -> str:
        option = self.to_hubspot.get(value.lower(), value)
        if self.hubspot_options and option not in self.hubspot_options:
            raise BadValue(Reason.PICKLIST_VALUE, "not an option in HubSpot")
        return option


def _fitting(field: FieldDescription) -> Callable[[str], str]:
    """A writer of text that Salesforce takes: no NUL, no half characters, not too long."""
    longest = field.length

    def write(value: str) -> str:
        if longest and len(value) > longest:
            raise BadValue(Reason.TOO_LONG, f"{len(value)} characters, {longest} fit")
        return _storable(value)

    return write


def _hubspot_text(value: str) -> str:
    if len(value) > HUBSPOT_LENGTH:
        raise BadValue(Reason.TOO_LONG, f"{len(value)} characters, {HUBSPOT_LENGTH} fit")
    return _storable(value)


def _storable(value: str) -> str:
    if value.isprintable():
        return value
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise BadValue(Reason.BAD_FORMAT, "contains characters that are not text")
    return value


CONVERTERS: Mapping[str, Callable[[Ends], Converter]] = MappingProxyType(
    {
        "text": _text,
        "phone": _text,
        "email": _email,
        "boolean": _boolean,
        "number": _number,
        "date": _date,
        "datetime": _moment,
        "picklist": _picklist,
        "multi": _multi,
        "stage": _stage,
        "owner": _owner,
    }
)
"""By the name a mapping may ask for; ``auto`` is resolved by the two live types."""


def resolve(name: str, ends: Ends) -> Converter | None:
    """The converter called *name* (or ``auto``) for these ends; ``None``: there is none."""
    build = CONVERTERS.get(chosen(name, ends) or "")
    return build(ends) if build else None


def chosen(name: str, ends: Ends) -> str | None:
    """What *name* stands for: itself, or with ``auto`` what the two live fields ask for."""
    return automatic(ends.hubspot, ends.salesforce) if name == "auto" else name
