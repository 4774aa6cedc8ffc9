"""HubSpot's refusals, read: from a whole call's status and body, and from one entry of a 207."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from guestlist.connectors.http import Answer, list_in, mapping_in
from guestlist.domain.errors import (
    Misconfigured,
    Missing,
    MissingScope,
    RetryLater,
    Split,
    SyncError,
    Unauthorized,
    Unusable,
    Waiting,
)
from guestlist.domain.reason import Reason
from guestlist.domain.write import Refused

BURST_HOLD_S = 10.0
"""HubSpot sends no Retry-After with a 429; its window is ten seconds long, sliding or not."""
SECOND_HOLD_S = 1.0
DAY_HOLD_S = 45.0
"""A used-up day is looked at again this often: it ends at midnight of the account's own clock."""

LONGEST_HOLD_S = 86_400.0
"""No wait that HubSpot names is longer."""

MISSING_SCOPES = "MISSING_SCOPES"

_EXISTING = re.compile(r"Existing ID: (\d+)|(\d+) already has that value")


class Policy(StrEnum):
    """HubSpot's names of its allowances."""

    DAILY = "DAILY"
    TEN_SECONDLY = "TEN_SECONDLY_ROLLING"
    SECONDLY = "SECONDLY"
    UNNAMED = ""


class SpentAllowance(Waiting):
    """HubSpot's own word that an allowance is used up, and which."""

    def __init__(self, seconds: float, reason: str, message: str, policy: Policy) -> None:
        super().__init__(seconds, reason, message)
        self.args = (seconds, reason, message, policy)
        self.policy = policy


class _Problem(NamedTuple):
    """One entry of ``errors`` or of the list inside a message: all of it is optional."""

    code: str
    message: str
    property: str


def refusal_of(answer: Answer) -> SyncError:
    """Return what a status other than 2xx means."""
    body = _body(answer)
    refused = refused_of(body, correlation=correlation_of(answer))
    words = f"HubSpot answered {answer.status}: {refused.message or refused.code or 'no message'}"
    error: SyncError
    match answer.status:
        case 429:
            error = _spent_allowance(answer, body, words)
        case 403 if body.get("category") == MISSING_SCOPES:
            error = MissingScope(_with_scopes(words, body))
        case 401 | 403:
            error = Unauthorized(words)
        case 404:
            error = Missing(words)
        case 400 | 409 | 413 | 414:
            error = _bad_request(refused, words)
        case 477:
            error = Waiting(_retry_after(answer, 60.0), Reason.RETRY_AT, words)
        case status if status >= 500 or status in {408, 423}:
            error = RetryLater(words, refused.correlation_id)
        case status if 300 <= status < 400:
            error = Unusable(f"{words}: it may not send us elsewhere")
        case _:
            error = Misconfigured(words)
    return error


def correlation_of(answer: Answer) -> str:
    """Return HubSpot's own name for the request, which its support asks for."""
    return answer.headers.get("x-hubspot-correlation-id", "")


def refused_of(body: Mapping[str, Any], *, correlation: str = "") -> Refused:
    """Return one refusal in HubSpot's own words; every part of the body is optional."""
    message = str(body.get("message") or "")
    context = mapping_in(body.get("context"))
    problems = [*_listed(body.get("errors")), *_inside(message)]
    first = problems[0] if problems else None
    return Refused(
        code=(first.code if first and first.code else "") or str(body.get("category") or ""),
        message=(first.message if first and first.message else "") or message,
        fields=tuple(dict.fromkeys(each.property for each in problems if each.property)),
        correlation_id=str(body.get("correlationId") or correlation),
        existing_ids=_existing(context, message),
    )


def _body(answer: Answer) -> Mapping[str, Any]:
    """Return the error's body; a proxy's page, or nothing, is no reason to fail in another way."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return mapping_in(body)


def _bad_request(refused: Refused, words: str) -> SyncError:
    # This 400 has neither category nor code: only its words tell it from a bad record.
    if refused.message.startswith("Unable to infer object type"):
        return Misconfigured(words)
    return Split(refused)


def _spent_allowance(answer: Answer, body: Mapping[str, Any], words: str) -> SpentAllowance:
    policy = _policy(body)
    if policy is Policy.DAILY:
        return SpentAllowance(DAY_HOLD_S, Reason.BUDGET_HELD, words, policy)
    usual = SECOND_HOLD_S if policy is Policy.SECONDLY else BURST_HOLD_S
    return SpentAllowance(_retry_after(answer, usual), Reason.RATE_LIMITED, words, policy)


def _policy(body: Mapping[str, Any]) -> Policy:
    """A search's 429 has a category and no policy; the day's and the burst's have a policy."""
    told = f"{body.get('policyName', '')} {body.get('message', '')}".upper()
    named = (each for each in Policy if each and each.value.removesuffix("_ROLLING") in told)
    return next(named, Policy.UNNAMED)


def _retry_after(answer: Answer, otherwise: float) -> float:
    """Return HubSpot's own wait, as far as it is one: neither before now nor beyond a day."""
    try:
        told = float(answer.headers.get("retry-after", otherwise))
    except ValueError:
        return otherwise
    return min(told, LONGEST_HOLD_S) if told >= 0 else otherwise


def _with_scopes(words: str, body: Mapping[str, Any]) -> str:
    contexts = (mapping_in(mapping_in(each).get("context")) for each in list_in(body.get("errors")))
    scopes = {
        str(scope) for each in contexts for scope in list_in(each.get("requiredGranularScopes"))
    }
    return f"{words} (scopes: {', '.join(sorted(scopes))})" if scopes else words


def _listed(errors: Any) -> list[_Problem]:
    """Read an error's ``errors``: ``context.propertyName`` is a list of names."""
    found = []
    for each in map(mapping_in, list_in(errors)):
        names = list_in(mapping_in(each.get("context")).get("propertyName")) or [""]
        code, message = str(each.get("code") or ""), str(each.get("message") or "")
        found += [_Problem(code, message, str(name)) for name in names]
    return found


def _inside(message: str) -> list[_Problem]:
    """Read the JSON list that *Property values were not valid* carries inside its message."""
    start = message.find("[{")
    if start < 0:
        return []
    try:
        entries = orjson.loads(message[start:])
    except orjson.JSONDecodeError:
        return []
    return [
        _Problem(*(str(each.get(name) or "") for name in ("error", "message", "name")))
        for each in map(mapping_in, list_in(entries))
    ]


def _existing(context: Mapping[str, Any], message: str) -> tuple[str, ...]:
    if named := list_in(context.get("existingId")):
        return tuple(str(each) for each in named)
    found = _EXISTING.search(message)
    return (found.group(1) or found.group(2),) if found else ()
