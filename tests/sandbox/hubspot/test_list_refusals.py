"""Definitions of lists that are refused rather than guessed."""

from typing import Any

import pytest

from tests.sandbox.hubspot.conftest import Caller
from tests.sandbox.hubspot.filter_branches import any_of, nested, where

FISCAL = {"timeUnit": "YEAR", "useFiscalYear": True}


def point(reference: str, **offset: int) -> dict[str, Any]:
    return {
        "timeType": "INDEXED",
        "indexReference": {"referenceType": reference},
        "offset": offset,
    }


@pytest.mark.parametrize(
    "branch",
    [
        None,
        {},
        {"filterBranchType": "AND", "filters": [], "filterBranches": []},
        {"filterBranchType": "OR", "filters": [], "filterBranches": []},
        any_of([{"filterType": "PAGE_VIEW"}]),
        any_of([{"filterType": "IN_LIST", "listId": "99", "operator": "IN_LIST"}]),
        any_of([{"filterType": "IN_LIST", "listId": "1"}]),
        where("nope", "STRING", "IS_EQUAL_TO", value="x"),
        where("city", "STRING", "IS_ANY_OF", values=["x"]),
        where("city", "STRING", "IS_EQUAL_TO"),
        where("city", "TEXT", "IS_EQUAL_TO", value="x"),
        where("followercount", "NUMBER", "IS_EQUAL_TO", value="many"),
        where("closedate", "TIME_POINT", "IS_BEFORE"),
        where("closedate", "CALENDAR_DATE", "IN_LAST_TIME_UNIT", timeUnit="EON"),
        where("closedate", "CALENDAR_DATE", "IN_LAST_TIME_UNIT", **FISCAL),
        where("closedate", "TIME_POINT", "IS_AFTER", timePoint=point("FISCAL_QUARTER")),
        where("closedate", "TIME_POINT", "IS_AFTER", timePoint=point("NOW", years=9_000)),
        where("city", "ALL_PROPERTY", "IS_KNOWN", note=nested(100)),
    ],
)
def test_definitions_the_sandbox_can_not_evaluate_are_refused(api: Caller, branch: Any) -> None:
    sent = {
        "name": "L",
        "objectTypeId": "0-1",
        "processingType": "DYNAMIC",
        "filterBranch": branch,
    }
    status, body = api("POST", "/crm/v3/lists", sent)
    assert (status, body["category"]) == (400, "VALIDATION_ERROR")


def test_nested_association_branches_are_refused_with_their_name(api: Caller) -> None:
    branch = any_of([])
    branch["filterBranches"][0]["filterBranches"] = [{"filterBranchType": "ASSOCIATION"}]
    sent = {
        "name": "L",
        "objectTypeId": "0-1",
        "processingType": "DYNAMIC",
        "filterBranch": branch,
    }
    status, body = api("POST", "/crm/v3/lists", sent)
    assert status == 400
    assert "ASSOCIATION" in body["message"]


def test_an_unknown_property_is_named(api: Caller) -> None:
    sent = {
        "name": "L",
        "objectTypeId": "0-1",
        "processingType": "DYNAMIC",
        "filterBranch": where("nope", "STRING", "IS_EQUAL_TO", value="x"),
    }
    _, body = api("POST", "/crm/v3/lists", sent)
    assert body["message"] == "The following properties did not exist for the object: nope"
