import pickle

import orjson
import pytest

from guestlist.connectors.http import Answer
from guestlist.connectors.salesforce.errors import of_query, refusal_of, refused_of
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


def answer(status: int, code: str = "", message: str = "words") -> Answer:
    body = orjson.dumps([{"errorCode": code, "message": message}] if code else [])
    return Answer(status, {"content-type": "application/json"}, body, "our-id")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "UNABLE_TO_LOCK_ROW", RetryLater),
        (400, "QUERY_TIMEOUT", RetryLater),
        (403, "API_CURRENTLY_DISABLED", RetryLater),
        (503, "SERVER_UNAVAILABLE", RetryLater),
        (500, "", RetryLater),
        (502, "", RetryLater),
        (401, "INVALID_SESSION_ID", Unauthorized),
        (403, "API_DISABLED_FOR_ORG", Unauthorized),
        (403, "INSUFFICIENT_ACCESS", Misconfigured),
        (404, "NOT_FOUND", Missing),
        (400, "JSON_PARSER_ERROR", Split),
        (413, "", Split),
        (414, "", Split),
        (431, "", Split),
        (302, "", Unusable),
        (405, "METHOD_NOT_ALLOWED", Misconfigured),
        (410, "UNSUPPORTED_API_VERSION", Misconfigured),
    ],
)
def test_a_refused_call_is_named_by_its_recovery(
    status: int, code: str, kind: type[SyncError]
) -> None:
    error = refusal_of(answer(status, code))

    assert type(error) is kind
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


def test_the_day_and_the_moment_are_told_apart() -> None:
    day = refusal_of(answer(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    moment = refusal_of(answer(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn"))

    assert isinstance(day, Waiting)
    assert isinstance(moment, Waiting)
    assert (day.reason, day.seconds) == (Reason.BUDGET_HELD, 45)
    assert (moment.reason, moment.seconds) == (Reason.RATE_LIMITED, 30)


def test_too_many_requests_is_a_wait_and_no_wrong_setting() -> None:
    error = refusal_of(Answer(429, {}, b""))

    assert isinstance(error, Waiting)
    assert (error.reason, error.seconds) == (Reason.RATE_LIMITED, 30)


def test_a_bad_request_without_an_error_array_is_no_fault_of_what_was_sent() -> None:
    """Reported under a burst of calls: the words Access Declined, and nothing else."""
    assert isinstance(refusal_of(Answer(400, {}, b"Access Declined")), RetryLater)


def test_a_page_from_a_proxy_is_an_outage_and_no_crash() -> None:
    assert isinstance(refusal_of(Answer(502, {}, b"<html>Bad gateway</html>")), RetryLater)


def test_a_query_of_an_unknown_field_is_a_wrong_setting_but_a_bad_value_is_not() -> None:
    wrong = of_query(refusal_of(answer(400, "INVALID_FIELD")))
    value = of_query(refusal_of(answer(400, "MALFORMED_ID")))

    assert isinstance(wrong, Misconfigured)
    assert isinstance(value, Split)


@pytest.mark.parametrize("key", ["duplicateResult", "duplicateResut"])
def test_the_records_in_the_way_are_named_in_either_spelling(key: str) -> None:
    record = {"attributes": {"type": "Contact"}, "Id": "003AB00000Xq1ZaYAJ"}
    matches = [{"matchRecords": [{"record": record}, {}]}]
    refused = refused_of(
        [{"statusCode": "DUPLICATES_DETECTED", "message": "Dup", key: {"matchResults": matches}}]
    )

    assert refused.code == "DUPLICATES_DETECTED"
    assert refused.existing_ids == ("003AB00000Xq1ZaYAJ",)


def test_the_holder_of_a_unique_value_is_read_from_the_words() -> None:
    message = "duplicate value found: F__c duplicates value on record with id: 003AB00000Xq1Za"
    refused = refused_of([{"statusCode": "DUPLICATE_VALUE", "message": message}])
    nobody = refused_of([{"statusCode": "DUPLICATE_VALUE", "message": "on record <unknown>"}])

    assert refused.existing_ids == ("003AB00000Xq1ZaYAJ",)
    assert nobody.existing_ids == ()


def test_fields_are_listed_or_read_from_the_words() -> None:
    listed = refused_of(
        [
            {"statusCode": "REQUIRED_FIELD_MISSING", "message": "a", "fields": ["LastName"]},
            {"statusCode": "STRING_TOO_LONG", "message": "b", "fields": ["Title", "LastName"]},
        ]
    )
    told = refused_of(
        [{"errorCode": "INVALID_FIELD", "message": "No such column 'foo__c' on sobject of type X"}]
    )

    assert (listed.code, listed.message) == ("REQUIRED_FIELD_MISSING", "a; b")
    assert listed.fields == ("LastName", "Title")
    assert told.fields == ("foo__c",)


def test_a_refusal_without_a_reason_is_still_one() -> None:
    assert refused_of([]).message == "no reason given"
