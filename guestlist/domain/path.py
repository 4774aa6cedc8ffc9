"""A record's path through its decision, question by question, for a person to read."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from guestlist.domain.brake import told
from guestlist.domain.facts import Facts
from guestlist.domain.gate import Inclusion
from guestlist.domain.membership import OUT
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
    only_salesforce = facts.record is None and facts.origin is not None
    questions = _ENTRY_QUESTIONS if only_salesforce else _QUESTIONS
    stop = _stop_at(reason, questions)
    return tuple(
        Step(question.text, _verdict(at, stop), question.detail(facts, inclusion, now))
        if stop is None or at <= stop
        else Step(question.text, Verdict.NOT_REACHED, "")
        for at, question in enumerate(questions)
    )


def _stop_at(reason: Reason | None, questions: Sequence[_Question]) -> int | None:
    """Values are the last question: whatever reason no other question owns stops there."""
    if reason is None:
        return None
    owners = (at for at, question in enumerate(questions) if reason in question.stops)
    return next(owners, len(questions) - 1)


def _verdict(at: int, stop: int | None) -> Verdict:
    return Verdict.STOP if at == stop else Verdict.PASS


def _changed(facts: Facts, _inclusion: Inclusion | None, now: datetime) -> str:
    if facts.record is None:
        return f"no record under this id at {now:%Y-%m-%d %H:%M:%S} UTC"
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
    return "" if facts.record or facts.origin else "no record"


def _twin(facts: Facts, _inclusion: Inclusion | None, _now: datetime) -> str:
    if facts.twin:
        return f"linked to {facts.twin[0]} {facts.twin[1]}"
    found = len(facts.candidates)
    several = "candidate" if found == 1 else "candidates"
    return f"not linked yet; {found or 'no'} {several} by external id or e-mail"


def _values(_facts: Facts, _inclusion: Inclusion | None, _now: datetime) -> str:
    return "checked against both live schemas"


def _origin(facts: Facts, _inclusion: Inclusion | None, _now: datetime) -> str:
    if facts.origin is None:
        return "no record under this id"
    changed = f"last changed {facts.origin.modified_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"a {facts.origin.type}, {changed}"


def _creation(_facts: Facts, _inclusion: Inclusion | None, _now: datetime) -> str:
    return "create_in_hubspot and create_in_salesforce of the object decide"


def _values_of_hubspot(_facts: Facts, _inclusion: Inclusion | None, _now: datetime) -> str:
    return "checked against HubSpot's live schema"


_OUTSIDE = OUT | {Reason.SF_CREATED_OUTSIDE_LIST, Reason.EMAIL_ONLY}

_QUESTIONS = (
    _Question(
        "HubSpot has the record",
        frozenset({Reason.DELETED_HS, Reason.ERASED}),
        _changed,
    ),
    _Question(
        "the inclusion list can decide",
        frozenset({Reason.LIST_UNAVAILABLE, Reason.LIST_NOT_ACTIVE}),
        _list,
    ),
    _Question("the list may let it in", frozenset({Reason.LIST_HELD}), _brake),
    _Question("its membership has settled", frozenset({Reason.LIST_STALE}), _settled),
    _Question("it is a member", _OUTSIDE, _member),
    _Question("its e-mail is usable", frozenset({Reason.NO_EMAIL, Reason.BAD_EMAIL}), _email),
    _Question(
        "its twin in Salesforce is certain",
        frozenset(
            {
                Reason.DUP_MANY_MATCHES,
                Reason.EMAIL_IN_USE,
                Reason.DELETED_SF,
                Reason.MERGED_INTO,
            }
        ),
        _twin,
    ),
    _Question("the settings let it have a twin", frozenset({Reason.RULE_EXCLUDED}), _creation),
    _Question("both CRMs can take its values", frozenset(), _values),
)

_ENTRY_QUESTIONS = (
    _Question(
        "Salesforce has the record, and no contact is known for it",
        frozenset({Reason.DELETED_HS, Reason.MERGED_INTO, Reason.ERASED}),
        _origin,
    ),
    _Question(
        "the inclusion list can decide",
        frozenset({Reason.LIST_UNAVAILABLE, Reason.LIST_NOT_ACTIVE}),
        _list,
    ),
    _Question(
        "the settings let it enter HubSpot",
        frozenset({Reason.RULE_EXCLUDED, Reason.NOT_IN_LIST}),
        _creation,
    ),
    _Question("its e-mail is usable", frozenset({Reason.NO_EMAIL, Reason.BAD_EMAIL}), _email),
    _Question("HubSpot can take its values", frozenset(), _values_of_hubspot),
)
