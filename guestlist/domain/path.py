"""A record's path through its decision, question by question, for a person to read."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from guestlist.domain.brake import told
from guestlist.domain.decide import Facts
from guestlist.domain.gate import Inclusion
from guestlist.domain.reason import Reason
from guestlist.domain.write import Decision, Skip


class Verdict(StrEnum):
    """How one step of the path ended."""

    PASS = "Pass"  # noqa: S105
    STOP = "Stop"
    NOT_REACHED = "-"


class Step(NamedTuple):
    """One question on a record's path, and its answer."""

    question: str
    verdict: Verdict
    detail: str


class _Question(NamedTuple):
    text: str
    stops: frozenset[Reason]
    detail: Callable[[Facts, Inclusion | None, datetime], str]


def path(
    decision: Decision, facts: Facts, inclusion: Inclusion | None, now: datetime
) -> tuple[Step, ...]:
    """Return every question in order: passed ones, the one that stopped it, those not reached."""
    reason = decision.reason if isinstance(decision, Skip) else None
    stop = _stop_at(reason)
    return tuple(
        Step(question.text, _verdict(at, stop), question.detail(facts, inclusion, now))
        if stop is None or at <= stop
        else Step(question.text, Verdict.NOT_REACHED, "")
        for at, question in enumerate(_QUESTIONS)
    )


def _stop_at(reason: Reason | None) -> int | None:
    """Values are the last question: whatever reason no other question owns stops there."""
    if reason is None:
        return None
    owners = (at for at, question in enumerate(_QUESTIONS) if reason in question.stops)
    return next(owners, len(_QUESTIONS) - 1)


def _verdict(at: int, stop: int | None) -> Verdict:
    return Verdict.STOP if at == stop else Verdict.PASS


def _changed(facts: Facts, _inclusion: Inclusion | None, _now: datetime) -> str:
    if facts.record is None:
        return "no record under this id"
    return f"last changed {facts.record.modified_at:%Y-%m-%d %H:%M:%S} UTC"


def _list(_facts: Facts, inclusion: Inclusion | None, now: datetime) -> str:
    if inclusion is None:
        return "no list is set: everybody passes"
    if inclusion.definition is None:
        return "the chosen list is gone"
    age = (now - inclusion.read_at).total_seconds()
    return f"{inclusion.definition.name} ({inclusion.definition.list_id}), read {age:.0f} s ago"


def _brake(facts: Facts, inclusion: Inclusion | None, _now: datetime) -> str:
    if inclusion is None or inclusion.hold is None:
        return "the list changed no more than it may"
    held = inclusion.hold
    who = "linked before" if facts.twin else "new to the list"
    return f"{who}; held since {held.at:%Y-%m-%d %H:%M:%S} UTC: {told(held.cause)}"


def _member(facts: Facts, inclusion: Inclusion | None, now: datetime) -> str:
    if inclusion is None or facts.proof is None:
        return "not asked"
    age = (now - facts.proof.read_at).total_seconds()
    return f"{'yes' if facts.proof.member else 'no'}, read {age:.1f} s ago"


def _settled(_facts: Facts, inclusion: Inclusion | None, _now: datetime) -> str:
    if inclusion is None or inclusion.filter is None:
        return "no filter to check"
    if inclusion.filter.knowable:
        return "the list's filter was evaluated on the values just read"
    return "the list's filter can not be evaluated here: the record must have settled"


def _email(facts: Facts, _inclusion: Inclusion | None, _now: datetime) -> str:
    return "" if facts.record else "no record"


def _twin(facts: Facts, _inclusion: Inclusion | None, _now: datetime) -> str:
    if facts.twin:
        return f"linked to {facts.twin[0]} {facts.twin[1]}"
    return f"not linked yet; {len(facts.candidates)} candidate(s) by external id or e-mail"


def _values(_facts: Facts, _inclusion: Inclusion | None, _now: datetime) -> str:
    return "checked against Salesforce's live schema"


_QUESTIONS = (
    _Question(
        "HubSpot has the record", frozenset({Reason.DELETED_HS, Reason.MERGED_INTO}), _changed
    ),
    _Question(
        "the inclusion list can decide",
        frozenset({Reason.LIST_UNAVAILABLE, Reason.LIST_NOT_ACTIVE}),
        _list,
    ),
    _Question("the list may let it in", frozenset({Reason.LIST_HELD}), _brake),
    _Question("it is a member", frozenset({Reason.NOT_IN_LIST, Reason.LEFT_LIST}), _member),
    _Question("its membership has settled", frozenset({Reason.LIST_STALE}), _settled),
    _Question("its e-mail is usable", frozenset({Reason.NO_EMAIL, Reason.BAD_EMAIL}), _email),
    _Question(
        "its twin in Salesforce is certain",
        frozenset({Reason.DUP_MANY_MATCHES, Reason.EMAIL_IN_USE, Reason.DELETED_SF}),
        _twin,
    ),
    _Question("Salesforce can take its values", frozenset(), _values),
)
