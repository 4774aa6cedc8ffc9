"""One record's plan in the making: field by field what to write, what clashes, what is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from guestlist.domain.converter import BadValue
from guestlist.domain.mapping import FieldPair
from guestlist.domain.reason import Reason
from guestlist.domain.write import (
    Change,
    Conflict,
    HubSpotWrite,
    Plan,
    SalesforceWrite,
    Sides,
    Skip,
    Straggler,
)
from schemas.records import Crm

SHOWN = 80
"""Characters of a refused value that the person who has to repair it gets to see."""


class Refusal(NamedTuple):
    """One value that the CRM it is meant for would not take."""

    reason: Reason
    crm: Crm
    field: str
    value: str | None
    message: str


@dataclass(slots=True)
class Draft:
    """What the fields gone through so far amount to."""

    key: str
    agreed: dict[str, Sides] = field(default_factory=dict)
    salesforce: dict[str, Any] = field(default_factory=dict)
    hubspot: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    sent: list[Straggler] = field(default_factory=list)
    arrived: list[Straggler] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def write_salesforce(
        self, pair: FieldPair, *, before: str | None, after: str | None
    ) -> str | None:
        """Draft Salesforce's new value; return what it will hold."""
        if after is None and pair.required:
            after = pair.when_blank
            if after is None:
                self.refuse_missing(pair.salesforce)
                return before
        if after == before:
            return before
        try:
            self.salesforce[pair.salesforce] = pair.to_salesforce(after)
        except BadValue as bad:
            self._refuse(bad, Crm.SALESFORCE, pair.salesforce, after)
        self.changes.append(Change(Crm.SALESFORCE, pair.salesforce, before, after))
        self.sent.append(Straggler(self.key, Crm.SALESFORCE, pair.hubspot, after))
        return after

    def write_hubspot(
        self, pair: FieldPair, *, before: str | None, after: str | None
    ) -> str | None:
        """Draft HubSpot's new value; return what it will hold."""
        try:
            self.hubspot[pair.hubspot] = pair.to_hubspot(after)
        except BadValue as bad:
            self._refuse(bad, Crm.HUBSPOT, pair.hubspot, after)
        self.changes.append(Change(Crm.HUBSPOT, pair.hubspot, before, after))
        self.sent.append(Straggler(self.key, Crm.HUBSPOT, pair.hubspot, after))
        return after

    def refuse_missing(self, name: str) -> None:
        """Refuse the plan: Salesforce requires *name*."""
        message = "Salesforce requires it, and HubSpot has no value"
        self.refusals.append(Refusal(Reason.REQUIRED_MISSING, Crm.SALESFORCE, name, None, message))

    def _refuse(self, bad: BadValue, crm: Crm, name: str, value: str | None) -> None:
        self.refusals.append(Refusal(bad.reason, crm, name, value, bad.message))

    def finish(
        self,
        *,
        salesforce: SalesforceWrite | None,
        hubspot: HubSpotWrite | None,
        twin: tuple[str, str] | None,
    ) -> Plan | Skip:
        """Return the plan, or the skip when one of its values was refused."""
        if self.refusals:
            return _skipped(self.key, self.refusals)
        return Plan(
            key=self.key,
            salesforce=salesforce,
            hubspot=hubspot,
            agreed=self.agreed,
            changes=tuple(self.changes),
            twin=twin,
            because=Reason.CONFLICT_LOST if self.conflicts else Reason.SYNCED,
            conflicts=tuple(self.conflicts),
            restored=tuple(self.restored),
            sent=tuple(self.sent),
            arrived=tuple(self.arrived),
        )


def _skipped(key: str, refusals: Sequence[Refusal]) -> Skip:
    """The first refusal is the reason; the others are named, so that one visit repairs all."""
    first, *others = refusals
    facts = {"crm": first.crm.value, "field": first.field, "message": first.message}
    if first.value is not None:
        facts["value"] = first.value[:SHOWN]
    if others:
        facts["also"] = "; ".join(f"{other.field}: {other.message}" for other in others)
    return Skip(key, first.reason, facts)
