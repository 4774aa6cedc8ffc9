"""The switches of the org: its limits, its rules, and how it misbehaves."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from sandbox.switches import AT_LEAST_0, Bounds, fitted

_BOUNDS: Mapping[str, Bounds] = {"page_size": (1, 2_000), "lock_rate": (0, 1)}


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """A record matching *when* must have *requires*, or is refused with *message*.

    With another *code* it stands for what is not built: a trigger, a flow, a missing right.
    """

    object: str
    message: str
    when: Mapping[str, Any] = field(default_factory=dict)
    requires: str | None = None
    field: str | None = None
    code: str = "FIELD_CUSTOM_VALIDATION_EXCEPTION"

    def broken_by(self, values: Mapping[str, Any]) -> bool:
        """Tell whether *values* must be refused."""
        for name, value in self.when.items():
            if values.get(name) != value:
                return False
        return self.requires is None or values.get(self.requires) is None


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """Records alike in all of *match_on* are duplicates; Alert can be overruled, Block cannot."""

    object: str
    name: str
    match_on: tuple[str, ...] = ("Email",)
    against: tuple[str, ...] = ()
    """Other objects to look in, for instance Contact for a rule on Lead."""
    action: Literal["Alert", "Block"] = "Alert"
    on_update: bool = False
    message: str = "Use one of these records?"

    def __post_init__(self) -> None:
        if self.action not in ("Alert", "Block") or not self.match_on:
            raise ValueError("a duplicate rule is an Alert or a Block, and matches on a field")


@dataclass(slots=True)
class Options:
    """Every switch, with the default of a stock org. Times are in seconds."""

    commit_delay: float = 0.0
    """How long a row stays invisible after its SystemModstamp was set."""
    late_commits: Literal["all", "inside"] = "all"
    """Whose writes commit late: everybody's, or only those made through control."""
    daily_limit: int = 100_000
    spent: int = 0
    """Requests other apps have used of the daily limit."""
    usage_lag: float = 5.0
    view_setup: bool = True
    """The integration user has *View Setup and Configuration*, which ``/limits`` wants."""
    page_size: int = 2000
    shrink_pages: bool = False
    cursor_ttl: float = 2 * 24 * 3600.0
    session_ttl: float = 7200.0
    session_variant: bool = False
    """Answer a bad session with the message that no refresh cures."""
    check_audience: bool = True
    update_converted_leads: bool = False
    duplicate_rules: list[DuplicateRule] = field(default_factory=list)
    validation_rules: list[ValidationRule] = field(default_factory=list)
    corrected_spelling_from: float = 60.0
    """First version that says duplicateResult instead of duplicateResut."""
    lock_rate: float = 0.0
    """Share of writes to records with a parent that meet a locked row."""
    parent_lock_seconds: float = 0.0
    """How long a request keeps the parents it touched locked for other requests."""
    trigger_refire: bool = True
    """Count triggers of survivors again for each further attempt of a partial save."""
    assignment_rules: dict[str, list[str]] = field(default_factory=dict)
    """Object -> owners that its assignment rule hands records to, in turn."""
    lowercase_email: bool = True
    trim_text: bool = True
    number_in_text: Literal["refuse", "accept"] = "refuse"
    failed_element_has_id: bool = False
    duplicate_result_in_collections: bool = True
    """The error of one record of many names the matches of a duplicate rule."""
    unreadable_record_fails_all: bool = False
    """An unknown field, or a value of the wrong type, is the refusal of a whole collection."""
    repeated_external_id_code: str = "DUPLICATE_VALUE"
    hide_duplicate_id: bool = False
    """Say ``<unknown>`` instead of the id in DUPLICATE_VALUE."""
    stale_record_counts: bool = True
    delete_log_purged_at: float = 0.0
    """Deletions before this instant are gone from getDeleted."""
    bursts_in_usage: bool = False
    per_app_usage: bool = False
    """Add the caller's own share to the usage header, as older orgs do."""
    contact_id_field: str = "HubSpot_Contact_Id__c"
    """Field whose value names the HubSpot contact in the journal."""

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Read switches from JSON; unknown names raise ``TypeError``."""
        options = cls()
        options.change(mapping)
        return options

    def change(self, mapping: Mapping[str, Any]) -> None:
        """Set the named switches, leave the others."""
        known = {spec.name: spec for spec in dataclasses.fields(self)}
        if unknown := sorted(set(mapping) - known.keys()):
            raise TypeError(f"unknown Salesforce options: {', '.join(unknown)}")
        for name, value in {n: _typed(known[n], v) for n, v in mapping.items()}.items():
            setattr(self, name, value)

    def to_mapping(self) -> dict[str, Any]:
        """Return all switches as JSON values."""
        return dataclasses.asdict(self)


_RULES: Mapping[str, type[Any]] = {
    "validation_rules": ValidationRule,
    "duplicate_rules": DuplicateRule,
}


def _typed(spec: "dataclasses.Field[Any]", value: Any) -> Any:
    if spec.name in _RULES:
        return [_rule(_RULES[spec.name], rule) for rule in value]
    return fitted(spec, value, bounds=_BOUNDS.get(spec.name, AT_LEAST_0))


def _rule(kind: type[Any], rule: Any) -> Any:
    if isinstance(rule, kind):
        return rule
    values = dict(rule)
    for name in ("match_on", "against"):
        if name in values:
            values[name] = tuple(values[name])
    return kind(**values)
