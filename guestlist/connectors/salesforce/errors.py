"""Salesforce's refusals, read: of a whole call, of one collection in it, of one record."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from guestlist.connectors.http import Answer, list_in, mapping_in
from guestlist.domain.errors import (
    Misconfigured,
    Missing,
    RetryLater,
    Split,
    SyncError,
    Unauthorized,
    Unusable,
    Waiting,
)
from guestlist.domain.reason import Reason
from guestlist.domain.reference import long_id
from guestlist.domain.write import Refused

DAY_HOLD_S = 45.0
"""A used-up allowance is looked at again this often: the 24 hours roll."""
CONCURRENT_HOLD_S = 30.0

Entry = Mapping[str, Any]

_RETRY = frozenset(
    {
        "API_CURRENTLY_DISABLED",
        "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        "INVALID_QUERY_LOCATOR",
        "ORG_IN_MAINTENANCE",
        "QUERY_TIMEOUT",
        "REQUEST_RUNNING_TOO_LONG",
        "SERVER_UNAVAILABLE",
        "TXN_SECURITY_METERING_ERROR",
        "UNABLE_TO_LOCK_ROW",
        "UNKNOWN_EXCEPTION",
    }
)
_MISCONFIGURED = frozenset(
    {
        "INVALID_FIELD",
        "INVALID_TYPE",
        "MALFORMED_QUERY",
        "QUERY_TOO_COMPLICATED",
        "UNSUPPORTED_API_VERSION",
    }
)
_NO_RIGHT = frozenset(
    {
        "FORBIDDEN",
        "FUNCTIONALITY_NOT_ENABLED",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
    }
)
"""Of a 403: the credential is good, and its user may not ask for this."""
_DUPLICATE_OF = re.compile(r"record with id: (\w{15}(?:\w{3})?)")
_NO_SUCH_FIELD = re.compile(r"No such column '(\w+)'")


def refusal_of(answer: Answer) -> SyncError:
    """Return what a call's status other than 2xx means."""
    return refusal(answer.status, entries_of(answer), correlation=answer.request_id)


def refusal(status: int, entries: Sequence[Entry], *, correlation: str = "") -> SyncError:
    """Return what a status and the error array with it mean; also for a subrequest."""
    refused = refused_of(entries, correlation=correlation)
    words = f"Salesforce answered {status}: {refused.code} {refused.message}".rstrip()
    error: SyncError
    match status, refused.code:
        case _, "REQUEST_LIMIT_EXCEEDED":
            error = _spent_allowance(refused, words)
        case _, code if code in _RETRY:
            error = RetryLater(words, correlation)
        case 429, _:
            error = Waiting(CONCURRENT_HOLD_S, Reason.RATE_LIMITED, words)
        case 400, _ if not entries:  # a page's words: too many calls at once, and no record's fault
            error = RetryLater(words, correlation)
        case 401 | 403, code if code not in _NO_RIGHT:
            error = Unauthorized(words)
        case 404, _:
            error = Missing(words)
        case 400 | 413 | 414 | 431, _:
            error = Split(refused)
        case _ if status >= 500 or status == 408:
            error = RetryLater(words, correlation)
        case _ if 300 <= status < 400:
            error = Unusable(f"{words}: it may not send us elsewhere")
        case _:
            error = Misconfigured(words)
    return error


def of_query(error: SyncError) -> SyncError:
    """Return what a refused *query* means: no record is to blame for it."""
    if isinstance(error, Split) and error.refused.code in _MISCONFIGURED:
        return Misconfigured(f"Salesforce refused the query: {error.refused.code} {error}")
    return error


def entries_of(answer: Answer) -> Sequence[Entry]:
    """Return the error array; a proxy's page, or nothing, is no reason to fail in another way."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return ()
    return entries_in(body)


def entries_in(body: Any) -> Sequence[Entry]:
    return [each for each in body if isinstance(each, dict)] if isinstance(body, list) else ()


def refused_of(entries: Sequence[Entry], *, correlation: str = "") -> Refused:
    """Return one refusal; the key is ``statusCode`` in a collection, ``errorCode`` elsewhere."""
    if not entries:
        return Refused("", "no reason given", correlation_id=correlation)
    first = entries[0]
    messages = [str(each.get("message") or "") for each in entries]
    fields = [
        str(name)
        for each in entries
        for name in list_in(each.get("fields")) or _missing_field(each)
    ]
    return Refused(
        code=str(first.get("statusCode") or first.get("errorCode") or ""),
        message="; ".join(dict.fromkeys(messages)),
        fields=tuple(dict.fromkeys(fields)),
        correlation_id=correlation,
        existing_ids=tuple(dict.fromkeys(_existing(entries))),
    )


def _missing_field(entry: Entry) -> list[str]:
    return _NO_SUCH_FIELD.findall(str(entry.get("message") or ""))


def _existing(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the records in the way: a duplicate rule's matches, or the holder of a value.

    The key is misspelt ``duplicateResut`` in older versions of the API.
    """
    for entry in entries:
        result = mapping_in(entry.get("duplicateResult") or entry.get("duplicateResut"))
        for match in map(mapping_in, list_in(result.get("matchResults"))):
            for found in map(mapping_in, list_in(match.get("matchRecords"))):
                if record_id := mapping_in(found.get("record")).get("Id"):
                    yield long_id(str(record_id))
        for record_id in _DUPLICATE_OF.findall(str(entry.get("message") or "")):
            yield long_id(record_id)


def _spent_allowance(refused: Refused, words: str) -> Waiting:
    if "Concurrent" in refused.message:
        return Waiting(CONCURRENT_HOLD_S, Reason.RATE_LIMITED, words)
    return Waiting(DAY_HOLD_S, Reason.BUDGET_HELD, words)
