import pickle
from typing import Any

import orjson
import pytest

from guestlist.connectors.http import Answer
from guestlist.connectors.hubspot.errors import (
    Policy,
    SpentAllowance,
    refusal_of,
    refused_of,
)
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


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, b"" if body is None else orjson.dumps(body))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Split),
        (409, Split),
        (413, Split),
        (414, Split),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, Missing),
        (405, Misconfigured),
        (301, Unusable),
        (408, RetryLater),
        (423, RetryLater),
        (500, RetryLater),
        (502, RetryLater),
        (524, RetryLater),
        (477, Waiting),
        (429, Waiting),
    ],
)
@pytest.mark.parametrize("body", [None, {}, {"message": "words", "category": "X"}, ["odd"]])
def test_a_refused_call_is_named_by_its_recovery(
    status: int, kind: type[SyncError], body: Any
) -> None:
    error = refusal_of(answer(status, body))

    assert isinstance(error, kind)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


SEARCH_429 = {"message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}
BURST_429 = {
    "message": "You have reached your ten_secondly_rolling limit.",
    "errorType": "RATE_LIMIT",
    "policyName": "TEN_SECONDLY_ROLLING",
}
DAILY_429 = {
    "message": "You have reached your daily limit.",
    "errorType": "RATE_LIMIT",
    "policyName": "DAILY",
}


@pytest.mark.parametrize(
    ("body", "seconds", "reason", "policy"),
    [
        (SEARCH_429, 1, Reason.RATE_LIMITED, Policy.SECONDLY),
        (BURST_429, 10, Reason.RATE_LIMITED, Policy.TEN_SECONDLY),
        ({}, 10, Reason.RATE_LIMITED, Policy.UNNAMED),
        (DAILY_429, 45, Reason.BUDGET_HELD, Policy.DAILY),
    ],
)
def test_the_three_limits_are_told_apart_without_retry_after(
    body: Any, seconds: float, reason: Reason, policy: Policy
) -> None:
    error = refusal_of(answer(429, body))

    assert isinstance(error, SpentAllowance)
    assert (error.seconds, error.reason, error.policy) == (seconds, reason, policy)
    assert pickle.loads(pickle.dumps(error)).policy == policy  # noqa: S301


def test_retry_after_is_obeyed_where_it_is_sent() -> None:
    migrating = refusal_of(answer(477, {}, retry_after="120"))
    odd = refusal_of(answer(477, {}, retry_after="soon"))

    assert isinstance(migrating, Waiting)
    assert isinstance(odd, Waiting)
    assert (migrating.seconds, odd.seconds) == (120, 60)


def test_an_unknown_object_type_is_a_wrong_setting() -> None:
    body = {"message": "Unable to infer object type from: gizmos"}

    assert isinstance(refusal_of(answer(400, body)), Misconfigured)


def test_missing_scopes_are_named() -> None:
    body = {
        "message": "This app hasn't been granted all required scopes",
        "category": "MISSING_SCOPES",
        "errors": [{"context": {"requiredGranularScopes": ["crm.lists.read"]}}],
    }

    assert "crm.lists.read" in str(refusal_of(answer(403, body)))


DETAIL = (
    'Property values were not valid: [{"isValid":false,"message":"Property \\"missing\\" does not '
    'exist","error":"PROPERTY_DOESNT_EXIST","name":"missing","portalId":1}]'
)


def test_a_property_is_read_from_the_errors_of_a_batch() -> None:
    body = {
        "category": "VALIDATION_ERROR",
        "message": DETAIL,
        "correlationId": "abc",
        "errors": [
            {
                "code": "PROPERTY_DOESNT_EXIST",
                "message": "m",
                "context": {"propertyName": ["missing"]},
            }
        ],
    }
    error = refusal_of(answer(400, body))

    assert isinstance(error, Split)
    assert (error.refused.code, error.refused.fields) == ("PROPERTY_DOESNT_EXIST", ("missing",))
    assert error.refused.correlation_id == "abc"


def test_a_property_is_read_from_the_list_inside_the_message() -> None:
    refused = refused_of({"category": "VALIDATION_ERROR", "message": DETAIL})

    assert refused.code == "PROPERTY_DOESNT_EXIST"
    assert refused.fields == ("missing",)
    assert refused.message == 'Property "missing" does not exist'


def test_a_message_that_only_looks_like_a_list_is_left_alone() -> None:
    assert refused_of({"message": "bad [{ thing"}).message == "bad [{ thing"


@pytest.mark.parametrize(
    "body",
    [
        {"message": "x", "context": {"existingId": ["101"]}},
        {"message": "Contact already exists. Existing ID: 101"},
        {"message": "Cannot set ... on 102. 101 already has that value."},
    ],
)
def test_the_record_in_the_way_is_named(body: dict[str, Any]) -> None:
    assert refused_of(body).existing_ids == ("101",)


def test_the_category_is_the_code_where_nothing_is_more_exact() -> None:
    refused = refused_of({"category": "CONFLICT", "message": "Contact already exists"})

    assert (refused.code, refused.message) == ("CONFLICT", "Contact already exists")
    assert refused.existing_ids == ()
