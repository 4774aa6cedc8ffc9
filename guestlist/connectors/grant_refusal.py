"""What a refused token request means, to either CRM: OAuth's words, or none."""

from collections.abc import Collection

import orjson

from guestlist.connectors.http import Answer
from guestlist.domain.errors import Misconfigured, RetryLater, SyncError, Unauthorized, Unusable


def grant_refusal(
    answer: Answer, crm: str, *, later: Collection[int], better: str = ""
) -> SyncError:
    """Return the error for an answer that grants nothing.

    *later*: statuses below 500 that pass by themselves.  *better*: a key of *crm*'s own that says
    more than OAuth's ``error``.  The body is an object, not an array.
    """
    if answer.status in later or answer.status >= 500:
        return RetryLater(f"{crm}'s token endpoint answered {answer.status}")
    if 300 <= answer.status < 400:
        return Unusable(f"{crm}'s token endpoint answered {answer.status}: a redirect")
    try:
        told = orjson.loads(answer.body)
        code = (better and told.get(better)) or told["error"]
        words = f"{code}: {told.get('error_description', '')}"
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        if answer.status in {400, 401, 403}:
            return Unusable(f"{crm}'s token endpoint answered {answer.status} without a word")
        return Misconfigured(f"{crm}'s token endpoint answered {answer.status}")
    return Unauthorized(f"{crm} gives no token: {words}")
