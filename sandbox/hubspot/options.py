"""The switches of the sandbox's HubSpot: lags, limits, and answers where reality is not known."""

from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, Literal, Self
from zoneinfo import available_timezones

from sandbox.switches import fitted


@dataclass(frozen=True, slots=True)
class ConditionalRule:
    """An administrator's rule: what has all the values of *when* must have *requires* too."""

    object: str
    """Object type by name, plural or id."""
    requires: str
    when: Mapping[str, str]

    @property
    def words(self) -> str:
        """What HubSpot says of a record that breaks it."""
        because = f"a conditional property rule based on [{', '.join(self.when)}]"
        return f"{self.requires} is required because of {because}"

    def broken_by(self, values: Mapping[str, str]) -> bool:
        """Say whether a record with these values lacks what the rule requires."""
        return not values.get(self.requires) and self.when.items() <= values.items()


@dataclass(slots=True)
class Options:
    """Mutable at any time; lags are seconds by the sandbox clock."""

    index_lag: float = 0.0
    """Search matches on values this old; records are returned fresh."""
    list_lag: float = 0.0
    """From a change to the membership change it causes, and from new filters to COMPLETE."""
    size_lag: float = 0.0
    """What a list's size and total say may be this old."""
    property_lag: float = 0.0
    """From a property's creation until reads and writes see it."""
    limits_enabled: bool = True
    burst_per_10s: int = 190
    oauth_burst_per_10s: int = 110
    search_per_second: int = 5
    daily: int = 625_000
    time_zone: str = "US/Eastern"
    shuffle_batches: bool = True
    """Batch results come in another order than the inputs (recorded)."""
    echo_trace_ids: bool = False
    """Results of a batch repeat their trace id, as the specification has it; recorded ones do not.

    Errors always do.
    """
    object_id_sorts_as_text: bool = False
    """Search compares and sorts ``hs_object_id`` as text (suspected by others)."""
    short_pages: bool = False
    """Search pages may be shorter than ``limit`` and still have a next cursor."""
    refuse_upsert_by_email: bool = False
    """Refuse every contact upsert with ``idProperty: email`` ("partial upserts" undefined)."""
    noop_moves_lastmodified: bool = True
    """A write of equal values still moves the last-modified stamp."""
    blocklist_refuses_create: bool = True
    """A GDPR-deleted e-mail can not be created again."""
    rotate_refresh_tokens: bool = False
    """Each use of a refresh token brings another one and makes it worthless (HubSpot: not yet)."""
    consent: bool = True
    """The administrator who is asked to approve an app says yes."""
    tells_scopes: bool = True
    """Whoever shows a static token is told its scopes; off: it is a service key (open)."""
    check_owners: bool = True
    """``hubspot_owner_id`` must be an existing owner's id."""
    membership_total: bool = True
    """Membership pages carry ``total``."""
    converted_processing_type: Literal["MANUAL", "SNAPSHOT"] = "MANUAL"
    """What a converted DYNAMIC list becomes: MANUAL or SNAPSHOT."""
    conditional_rules: list[ConditionalRule] = field(default_factory=list)
    """In force for writes by a 2026-09 path, as is the next."""
    required_at_create: dict[str, list[str]] = field(default_factory=dict)
    """Object type -> what its form for new records demands."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Build from plain values; unknown names raise ``KeyError``."""
        options = cls()
        options.update(values)
        return options

    def update(self, values: Mapping[str, Any]) -> None:
        """Change some switches; unknown names raise ``KeyError``, wrong values ``ValueError``."""
        known = {each.name: each for each in fields(self)}
        fit = {name: _fitted(known[name], value) for name, value in values.items()}
        if "time_zone" in fit and fit["time_zone"] not in available_timezones():
            raise ValueError(f"there is no time zone {fit['time_zone']}")
        for name, value in fit.items():
            setattr(self, name, value)

    def to_mapping(self) -> dict[str, Any]:
        """Return all switches as plain values."""
        return asdict(self)


def _fitted(spec: "Field[Any]", value: Any) -> Any:
    match spec.name:
        case "conditional_rules":
            return [_rule(each) for each in value]
        case "required_at_create":
            return {type: _names(value[type]) for type in value}
        case _:
            return fitted(spec, value)


def _rule(given: Any) -> ConditionalRule:
    match given:
        case ConditionalRule():
            return given
        case {"object": str(type), "requires": str(name), "when": Mapping() as when}:
            return ConditionalRule(type, name, {key: str(value) for key, value in when.items()})
        case _:
            raise ValueError(f"a rule has object, requires and when, not {given!r}")


def _names(given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise ValueError(f"names of properties are a list, not {given!r}")
    return list(given)
