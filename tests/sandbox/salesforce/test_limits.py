"""Versions, the daily allowance, and the sizes of a request."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.salesforce.org import Org
from sandbox.wire import Request
from tests.sandbox.salesforce.caller import Caller


def usage(caller: Caller) -> str:
    return caller.call("GET", "sobjects/Contact").headers["sforce-limit-info"]


@pytest.mark.parametrize("version", range(41, 69))
def test_every_supported_version_answers(caller: Caller, version: int) -> None:
    caller.version = f"{version}.0"
    row = caller.query("SELECT Id FROM User LIMIT 1").body["records"][0]
    assert row["attributes"]["url"].startswith(f"/services/data/v{version}.0/")


@pytest.mark.parametrize(
    ("version", "status"), [("30.0", 410), ("21.0", 410), ("69.0", 404), ("67.5", 404)]
)
def test_a_retired_version_is_gone_and_a_future_one_unknown(
    caller: Caller, version: str, status: int
) -> None:
    caller.version = version
    assert caller.call("GET", "limits").status == status


def test_versions_are_listed_without_a_session_and_count_no_call(caller: Caller, org: Org) -> None:
    answer = caller.send(Request("GET", "//services/data"))
    listed = {each["version"]: each for each in answer.body}
    assert listed["67.0"] == {
        "label": "Summer '26",
        "url": "/services/data/v67.0",
        "version": "67.0",
    }
    assert {f"{version}.0" for version in range(41, 69)} <= listed.keys()
    assert org.usage.used(org.clock.timestamp()) == 0


def test_the_usage_in_answers_lags_behind(caller: Caller, org: Org) -> None:
    org.clock.freeze()
    assert [usage(caller) for _ in range(3)] == ["api-usage=1/100000"] * 3
    org.clock.move(timedelta(seconds=6))
    assert usage(caller) == "api-usage=4/100000"


def test_the_usage_of_answers_has_three_forms(caller: Caller, org: Org) -> None:
    org.set_options({"usage_lag": 0.0, "bursts_in_usage": True})
    assert usage(caller) == "api-usage=1/100000; api-bursts=1/750"
    org.set_options({"bursts_in_usage": False, "per_app_usage": True, "spent": 10})
    assert usage(caller) == ("api-usage=12/100000; per-app-api-usage=2/100000(appName=guestlist)")


def test_a_spent_day_refuses_every_call_until_24_hours_have_rolled_by(
    caller: Caller, org: Org
) -> None:
    org.set_options({"daily_limit": 3, "session_ttl": 10.0**6})
    caller.log_in()
    assert [caller.call("GET", "sobjects/Contact").status for _ in range(4)] == [200, 200, 200, 403]
    refused = caller.call("GET", "sobjects/Contact")
    assert refused.body == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]
    assert refused.headers["sforce-limit-info"].endswith("/3")
    org.clock.move(timedelta(hours=25))
    assert caller.call("GET", "sobjects/Contact").status == 200


def test_limits_tell_what_is_left_and_nest_the_apps(caller: Caller, org: Org) -> None:
    org.set_options({"spent": 100})
    caller.call("GET", "sobjects/Contact")
    daily: dict[str, Any] = caller.call("GET", "limits").body["DailyApiRequests"]
    assert (daily["Max"], daily["Remaining"]) == (100_000, 99_898)
    assert daily["guestlist"] == {"Max": 0, "Remaining": 0}


def test_not_every_user_may_see_the_limits(caller: Caller, org: Org) -> None:
    org.set_options({"view_setup": False})
    answer = caller.call("GET", "limits")
    assert (answer.status, answer.body[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")
    assert caller.call("GET", "sobjects/Contact").status == 200


def test_record_counts_are_estimates_that_leave_out_what_seems_empty(
    caller: Caller, org: Org
) -> None:
    for number in range(123):
        org.insert("Contact", {"LastName": f"N{number}"})
    org.insert("Lead", {"LastName": "L", "Company": "C"})
    asked = {"sObjects": "Contact,Lead"}
    answer = caller.call("GET", "limits/recordCount", query=asked)
    assert answer.body == {"sObjects": [{"count": 120, "name": "Contact"}]}
    org.options.stale_record_counts = False
    answer = caller.call("GET", "limits/recordCount", query=asked)
    assert [each["count"] for each in answer.body["sObjects"]] == [123, 1]


def test_an_address_or_head_over_16384_bytes_is_refused(caller: Caller) -> None:
    soql = "SELECT Id FROM Contact WHERE LastName IN (" + ",".join(["'Müller'"] * 1_000) + ")"
    assert caller.query(soql).status == 414
    assert caller.call("GET", "limits", headers={"x-padding": "x" * 16_384}).status == 431


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "sobjects/Contact"), ("DELETE", "query"), ("POST", "sobjects/Contact/describe")],
)
def test_a_wrong_method_is_a_405(caller: Caller, method: str, path: str) -> None:
    answer = caller.call(method, path)
    assert (answer.status, answer.body[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")


def test_bad_json_and_other_kinds_of_body_are_refused(caller: Caller) -> None:
    path = "/services/data/v67.0/sobjects/Contact"
    bad = caller.send(Request("POST", path, headers=caller.headers, body=b"{"))
    assert (bad.status, bad.body[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
    headers = {**caller.headers, "content-type": "text/xml"}
    assert caller.send(Request("POST", path, headers=headers, body=b"<a/>")).status == 415
