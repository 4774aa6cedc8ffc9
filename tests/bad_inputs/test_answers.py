"""What a CRM, or something in front of it, answers instead of what it promised.

Whatever it is: an error that is named by what to do about it, never a guess, never a crash, and no
credential in its words.
"""

from collections.abc import Mapping

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guestlist.domain.errors import SyncError
from guestlist.domain.write import Refused, Unknown
from tests.bad_inputs.answers import CALLS, JSON, SECRET, TOKEN, Call, Said

PAGE = b"<!DOCTYPE html><html><body>Please wait.</body></html>"
HTML = {"content-type": "text/html"}
DEEP = b"[" * 100_000 + b"]" * 100_000
ELSEWHERE = {**JSON, "location": "https://evil.example/"}

ANSWERS: dict[str, tuple[int, Mapping[str, str], bytes]] = {
    "truncated JSON": (200, JSON, b'{"results": [{"id": "1", "prop'),
    "HTML with 200": (200, HTML, PAGE),
    "HTML that says it is JSON": (200, JSON, PAGE),
    "204 with a body": (204, JSON, b'{"results": []}'),
    "no body": (200, JSON, b""),
    "no type": (200, {}, b"{}"),
    "a redirect to another host": (302, ELSEWHERE, b""),
    "a permanent redirect": (308, ELSEWHERE, b"{}"),
    "success: false with 200": (200, JSON, b'[{"success": false, "errors": []}]'),
    "an error with 200": (200, JSON, b'{"status": "error", "message": "no"}'),
    "a byte order mark": (200, JSON, b"\xef\xbb\xbf{}"),
    "UTF-16": (200, JSON, "{}".encode("utf-16")),
    "bytes that are no text": (200, JSON, b'{"results": "\xff\xfe"}'),
    "a lone surrogate": (200, JSON, b'{"results": "\\ud800"}'),
    "twin keys": (200, JSON, b'{"results": [], "results": null, "records": 1, "records": []}'),
    "depth 100,000": (200, JSON, DEEP),
    "NaN": (200, JSON, b'{"results": NaN}'),
    "1e400": (200, JSON, b'{"results": [1e400], "total": 1e400, "size": 1e400}'),
    "a number past 2^53": (200, JSON, b'{"results": [9007199254740993], "hub_id": 1e30}'),
    "null": (200, JSON, b"null"),
    "a text": (200, JSON, b'"ok"'),
    "a list": (200, JSON, b"[]"),
    "a list of null": (200, JSON, b"[null, null]"),
    "an empty object": (200, JSON, b"{}"),
    "null where a list should be": (200, JSON, b'{"results": null, "records": null}'),
    "a list of lists": (200, JSON, b'{"results": [[]], "records": [[]]}'),
    "another shape": (200, JSON, b'{"results": {"id": 1}, "records": "x", "graphs": 7}'),
    "201 with nothing": (201, JSON, b""),
    "207 of nothing": (207, JSON, b"{}"),
    "400 in HTML": (400, HTML, PAGE),
    "401 in HTML": (401, HTML, PAGE),
    "400 with a list": (400, JSON, b"[]"),
    "400 with null": (400, JSON, b"null"),
    "400 with odd errors": (400, JSON, b'{"errors": [null, 1, {"context": 3}], "message": 7}'),
    "400 with odd contexts": (400, JSON, b'{"errors": "x", "context": [1], "category": {}}'),
    "409 with an odd id": (409, JSON, b'{"context": {"existingId": 3}, "message": "[{"}'),
    "429 without a word": (429, {}, b""),
    "429 with an odd wait": (429, {**JSON, "retry-after": "soon"}, b'{"policyName": 7}'),
    "429 with an endless wait": (429, {**JSON, "retry-after": "1e400"}, b"{}"),
    "429 with a wait before now": (429, {**JSON, "retry-after": "-5"}, b"{}"),
    "477 without a wait": (477, JSON, b"[]"),
    "500 in HTML": (500, HTML, PAGE),
    "503 without a word": (503, {}, b""),
    "a status nobody knows": (799, JSON, b"{}"),
    "1xx": (103, JSON, b""),
}


WRITES = {
    "hubspot.update",
    "hubspot.create",
    "hubspot.archive",
    "salesforce.create",
    "salesforce.update",
    "salesforce.delete",
}
"""Calls that answer record by record."""


def ask(call: Call, status: int, headers: Mapping[str, str], body: bytes) -> str:
    """Return the words of the error; empty: the answer was taken, as what it is."""
    try:
        result = call.make(Said(status, headers, body))
    except SyncError as error:
        told = str(error)
        assert TOKEN not in told
        assert SECRET not in told
        assert len(told) < 20_000
        return told or type(error).__name__
    if call.name in WRITES:
        return " ".join(each.message for each in result if isinstance(each, Refused | Unknown))
    return ""


@pytest.mark.parametrize("what", ANSWERS)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_an_answer_that_was_not_promised_is_an_error_with_a_name(call: Call, what: str) -> None:
    ask(call, *ANSWERS[what])


MUST_FAIL = ["truncated JSON", "HTML with 200", "HTML that says it is JSON", "no body", "no type"]
MUST_FAIL += ["a redirect to another host", "a byte order mark", "depth 100,000", "NaN", "null"]


@pytest.mark.parametrize("what", MUST_FAIL)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_no_such_answer_is_ever_taken_for_an_empty_one(call: Call, what: str) -> None:
    if call.name == "oauth.revoke" and ANSWERS[what][0] == 200:
        return  # whose answer is read by its status alone
    assert ask(call, *ANSWERS[what])


_NAMES = """
    results records id properties archivedAt updatedAt createdAt errors message category context
    existingId paging next after total size listId name filterBranch processingType status body
    graphs compositeResponse httpStatusCode httpHeaders referenceId success errorCode fields label
    type options value Id attributes done nextRecordsUrl access_token refresh_token expires_in
    hub_id scopes portalId timeZone accountType recordIdToAssociationListIds lists
    membershipTimestamp recordId objectWriteTraceId subCategory listVersion objectTypeId
    propertiesWithHistory archived
    Max Remaining DailyApiRequests latestDateCovered ids owners email active userId filterBranches
"""
KEYS = st.sampled_from(_NAMES.split())
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=12)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=14,
)
BODIES = st.one_of(
    st.dictionaries(KEYS, VALUES, max_size=8),
    st.builds(lambda rows: {"results": rows}, st.lists(VALUES, max_size=3)),
    st.builds(lambda rows: {"records": rows}, st.lists(VALUES, max_size=3)),
    VALUES,
)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=BODIES, status=st.sampled_from([200, 200, 200, 201, 207, 204, 400, 404, 409, 429, 500]))
@example(body={"results": [{"id": {}}]}, status=200)
def test_no_json_at_all_makes_a_parser_fail_in_another_way(
    call: Call, body: object, status: int
) -> None:
    ask(call, status, JSON, orjson.dumps(body))


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=200))
def test_no_bytes_at_all_make_a_parser_fail_in_another_way(call: Call, body: bytes) -> None:
    ask(call, 200, JSON, body)
