"""The gate: who is on the list passes, and nobody passes without a fresh proof of it.

Whatever can not be known keeps the gate shut.  HubSpot re-evaluates a list some time after a
contact changed; until then the membership it reports may be that of the contact as it was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from guestlist.domain import canonical
from guestlist.domain.brake import COMPLETE, Cause, Hold
from guestlist.domain.listfilter import ListFilter, parse
from guestlist.domain.reason import Reason
from guestlist.domain.write import Skip
from schemas.records import HubSpotRecord, ListDefinition
from schemas.settings import GuardSettings


class Proof(NamedTuple):
    """A membership as HubSpot reported it, and when."""

    member: bool
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The inclusion list as last read, or why it can not be used."""

    definition: ListDefinition | None
    filter: ListFilter | None
    read_at: datetime
    problem: Reason | None = None
    time_zone: ZoneInfo | None = None
    """The portal's; ``None``: unknown, and date filters near a day's end are too."""
    hold: Hold | None = None
    """The brake is set: nobody new comes in."""


class _Link(NamedTuple):
    there: bool
    outside: bool


def inclusion(
    definition: ListDefinition | None,
    *,
    object_type_id: str,
    read_at: datetime,
    time_zone: ZoneInfo | None = None,
) -> Inclusion:
    """Judge a list that was chosen: it must be there, be active and hold the right objects."""
    if definition is None:
        return Inclusion(None, None, read_at, Reason.LIST_UNAVAILABLE)
    problem = None
    if definition.object_type_id != object_type_id:
        problem = Reason.LIST_UNAVAILABLE
    elif not definition.active:
        problem = Reason.LIST_NOT_ACTIVE
    return Inclusion(definition, parse(definition.filter_branch), read_at, problem, time_zone)


def confirms(inclusion: Inclusion, proved_at: datetime) -> bool:
    """Say whether this definition may speak for a membership read at *proved_at*.

    Filters that are evaluated here speak for themselves; others only if they were the same then.
    """
    known = inclusion.filter is not None and inclusion.filter.knowable
    return known or inclusion.problem is not None or inclusion.read_at >= proved_at


def admit(
    record: HubSpotRecord,
    proof: Proof | None,
    inclusion: Inclusion | None,
    *,
    now: datetime,
    guards: GuardSettings,
    email_property: str | None,
    linked: bool = False,
    outside: bool = False,
) -> Skip | None:
    """Return ``None`` to let *record* pass, or why not and when to look again.

    No *inclusion*: no list is set, and everybody with an e-mail passes.  *outside*: its link
    dates from when it was in no list, or it left since; to the brake it is new.
    """
    if inclusion is not None:
        link = _Link(linked, outside)
        held = _by_list(record, proof, inclusion, link, now=now, guards=guards)
        if held is not None:
            return held
    if record.archived:
        return Skip(record.id, Reason.DELETED_HS)
    return _without_email(record, email_property)


def _by_list(
    record: HubSpotRecord,
    proof: Proof | None,
    inclusion: Inclusion,
    link: _Link,
    *,
    now: datetime,
    guards: GuardSettings,
) -> Skip | None:
    if inclusion.problem is not None:
        return _held(record, inclusion.problem, inclusion, proof)
    if proof is None or _too_old(proof, now=now, guards=guards):
        return _held(record, Reason.LIST_UNAVAILABLE, inclusion, proof, retry_at=now)
    if record.archived:
        return None
    if _braked(proof, inclusion.hold, link):
        return _held(record, Reason.LIST_HELD, inclusion, proof)
    stale = _stale(record, proof, inclusion, now=now, guards=guards)
    if stale is not None or proof.member:
        return stale
    return _held(record, Reason.LEFT_LIST if link.there else Reason.NOT_IN_LIST, inclusion, proof)


def _braked(proof: Proof, hold: Hold | None, link: _Link) -> bool:
    """While the brake is set nobody new comes in; of an emptied list nobody has left, either."""
    if hold is None:
        return False
    if proof.member:
        return link.outside or not link.there
    return link.there and hold.cause is Cause.EMPTIED


def _too_old(proof: Proof, *, now: datetime, guards: GuardSettings) -> bool:
    """A proof from the future is none either: some clock is wrong, and so may its age be."""
    return abs(now - proof.read_at) > timedelta(seconds=guards.proof_age_s)


def _stale(
    record: HubSpotRecord,
    proof: Proof,
    inclusion: Inclusion,
    *,
    now: datetime,
    guards: GuardSettings,
) -> Skip | None:
    """Hold a record whose membership may be older than its values or the list's filters.

    Where the filters tell the answer, both have to agree.  Where they do not, a membership
    counts once HubSpot had time to settle since the last change.
    """
    settle = timedelta(seconds=guards.settle_s)
    believed = _believed(record, inclusion, now=now)
    settled_at = _changed_at(record, inclusion) + settle
    match believed:
        case None if not proof.member:
            return None
        case None:
            settled = proof.read_at >= settled_at and _complete(inclusion)
        case _:
            settled = believed == proof.member
    if settled:
        return None
    retry_at = settled_at if settled_at > now else now + settle
    return _held(record, Reason.LIST_STALE, inclusion, proof, retry_at=retry_at)


def _believed(record: HubSpotRecord, inclusion: Inclusion, *, now: datetime) -> bool | None:
    if inclusion.filter is None:
        return None
    return inclusion.filter.evaluate(record.properties, now, inclusion.time_zone)


def _changed_at(record: HubSpotRecord, inclusion: Inclusion) -> datetime:
    edited_at = inclusion.definition and inclusion.definition.filters_updated_at
    return max(record.modified_at, edited_at) if edited_at else record.modified_at


def _complete(inclusion: Inclusion) -> bool:
    return inclusion.definition is not None and inclusion.definition.processing_status == COMPLETE


def _without_email(record: HubSpotRecord, email_property: str | None) -> Skip | None:
    if email_property is None:
        return None
    email = canonical.email(record.properties.get(email_property))
    if email is None:
        return Skip(record.id, Reason.NO_EMAIL, {"property": email_property})
    if not canonical.is_email(email):
        return Skip(record.id, Reason.BAD_EMAIL, {"property": email_property, "value": email})
    return None


def _held(
    record: HubSpotRecord,
    reason: Reason,
    inclusion: Inclusion,
    proof: Proof | None,
    *,
    retry_at: datetime | None = None,
) -> Skip:
    facts = {"modified_at": record.modified_at.isoformat()}
    if inclusion.definition is not None:
        facts["list"] = inclusion.definition.list_id
        facts["list_name"] = inclusion.definition.name
    if reason is Reason.LIST_HELD and inclusion.hold is not None:
        facts["held_for"] = inclusion.hold.cause.value
        facts["held_since"] = inclusion.hold.at.isoformat()
    if proof is not None:
        facts["member"] = "yes" if proof.member else "no"
        facts["membership_read_at"] = proof.read_at.isoformat()
    return Skip(record.id, reason, facts, retry_at)
