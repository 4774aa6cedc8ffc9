from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from sandbox.clock import Clock
from sandbox.crm import CRM
from sandbox.delivery import PLAIN, Ending, Treatment
from sandbox.fault_bodies import Limit
from sandbox.faults import Faults, Kind, Rule, When
from sandbox.wire import Request, Response

UPSERT = Request("PATCH", "/services/data/v67.0/composite/sobjects/Contact/HubSpot_Contact_Id__c")
SEARCH = Request("POST", "/crm/v3/objects/contacts/search")
READ = Request("POST", "/crm/v3/objects/contacts/batch/read")


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    return clock


@pytest.fixture
def faults(clock: Clock) -> Faults:
    return Faults(clock, "seed")


def hits(faults: Faults, count: int, *, request: Request = READ) -> list[int]:
    """Say which of *count* requests suffered."""
    return [n for n in range(count) if faults.treat(CRM.HUBSPOT, request) != PLAIN]


def answer(rule: Rule) -> Response:
    faults = Faults(Clock(), "seed")
    faults.add(rule)
    instead = faults.treat(rule.crm, READ).instead
    assert instead is not None
    return instead


def body(rule: Rule) -> Any:
    return orjson.loads(answer(rule).body)


def test_without_rules_nothing_suffers(faults: Faults) -> None:
    assert hits(faults, 5) == []


def test_a_rule_hits_only_its_crm_and_its_route(faults: Faults) -> None:
    faults.add(Rule(CRM.HUBSPOT, Kind.STATUS, route="POST */search"))
    assert hits(faults, 1, request=SEARCH) == [0]
    assert hits(faults, 1, request=READ) == []
    assert faults.treat(CRM.SALESFORCE, SEARCH) == PLAIN


def test_the_method_is_part_of_the_route(faults: Faults) -> None:
    faults.add(Rule(CRM.HUBSPOT, Kind.STATUS, route="GET /crm/*"))
    assert hits(faults, 1) == []


def test_a_rule_skips_the_first_and_ends_after_its_times(faults: Faults) -> None:
    faults.add(Rule(CRM.HUBSPOT, Kind.STATUS, after=2, times=3))
    assert hits(faults, 10) == [2, 3, 4]


def test_a_rule_ends_at_an_instant_of_the_sandbox_clock(faults: Faults, clock: Clock) -> None:
    faults.add(Rule(CRM.HUBSPOT, Kind.STATUS, until=clock.timestamp() + 60))
    assert hits(faults, 1) == [0]
    clock.move(timedelta(seconds=60))
    assert hits(faults, 1) == []


def test_a_rate_hits_about_that_share_and_the_same_ones_for_the_same_seed(clock: Clock) -> None:
    def drawn(seed: str) -> list[int]:
        faults = Faults(clock, seed)
        faults.add(Rule(CRM.HUBSPOT, Kind.STATUS, rate=0.2))
        return hits(faults, 1000)

    assert 150 < len(drawn("a")) < 250
    assert drawn("a") == drawn("a") != drawn("b")


def test_the_first_rule_that_strikes_decides(faults: Faults) -> None:
    faults.add(Rule(CRM.HUBSPOT, Kind.DUPLICATE, times=1))
    faults.add(Rule(CRM.HUBSPOT, Kind.LOST_RESPONSE))
    assert faults.treat(CRM.HUBSPOT, READ) == Treatment(times=2)
    assert faults.treat(CRM.HUBSPOT, READ) == Treatment(ending=Ending.LOST)


def test_rules_show_what_they_saw_and_hit_until_they_are_removed(faults: Faults) -> None:
    number = faults.add(Rule(CRM.HUBSPOT, Kind.STATUS, after=1))
    hits(faults, 3)
    (shown,) = faults.shown()
    assert (shown["id"], shown["seen"], shown["hits"]) == (number, 3, 2)
    assert faults.remove(number)
    assert not faults.remove(number)
    assert hits(faults, 3) == []


def test_clearing_ends_every_rule(faults: Faults) -> None:
    for kind in Kind:
        faults.add(Rule(CRM.HUBSPOT, kind))
    faults.clear()
    assert hits(faults, 1) == []


@pytest.mark.parametrize(
    ("rule", "treatment"),
    [
        (Rule(CRM.HUBSPOT, Kind.LOST_RESPONSE), Treatment(ending=Ending.LOST)),
        (Rule(CRM.HUBSPOT, Kind.DUPLICATE), Treatment(times=2)),
        (Rule(CRM.HUBSPOT, Kind.TRUNCATE), Treatment(ending=Ending.CUT)),
        (Rule(CRM.HUBSPOT, Kind.DELAY, seconds=3), Treatment(hold=3)),
        (Rule(CRM.HUBSPOT, Kind.DELAY, seconds=3, when=When.BEFORE), Treatment(wait=3)),
    ],
)
def test_each_fault_of_the_network_has_its_treatment(
    faults: Faults, rule: Rule, treatment: Treatment
) -> None:
    faults.add(rule)
    assert faults.treat(CRM.HUBSPOT, READ) == treatment


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (
            Limit.SEARCH,
            {"category": "RATE_LIMITS", "message": "You have reached your secondly limit."},
        ),
        (Limit.BURST, {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}),
        (Limit.DAILY, {"errorType": "RATE_LIMIT", "policyName": "DAILY"}),
    ],
)
def test_a_hubspot_429_names_its_limit_and_no_time(
    limit: Limit, expected: Mapping[str, str]
) -> None:
    rule = Rule(CRM.HUBSPOT, Kind.STATUS, status=429, limit=limit)
    assert expected.items() <= body(rule).items()
    assert "retry-after" not in answer(rule).headers


def test_only_a_hubspot_477_says_when_to_come_back() -> None:
    assert answer(Rule(CRM.HUBSPOT, Kind.STATUS, status=477)).headers["retry-after"] == "2"
    assert "retry-after" not in answer(Rule(CRM.HUBSPOT, Kind.STATUS, status=423)).headers


@pytest.mark.parametrize("status", [502, 504, 521])
def test_a_gateway_in_front_of_hubspot_answers_with_a_page(status: int) -> None:
    page = answer(Rule(CRM.HUBSPOT, Kind.STATUS, status=status))
    assert page.status == status
    assert page.headers["content-type"].startswith("text/html")


def test_html_200_looks_like_success_and_is_none() -> None:
    page = answer(Rule(CRM.SALESFORCE, Kind.HTML_200))
    assert page.status == 200
    assert page.body.startswith(b"<!DOCTYPE html>")


def test_salesforce_errors_are_arrays_with_a_code() -> None:
    def first(rule: Rule) -> tuple[int, str]:
        return answer(rule).status, body(rule)[0]["errorCode"]

    assert first(Rule(CRM.SALESFORCE, Kind.UNAUTHORIZED)) == (401, "INVALID_SESSION_ID")
    assert first(Rule(CRM.SALESFORCE, Kind.QUOTA_SPENT)) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert first(Rule(CRM.SALESFORCE, Kind.STATUS)) == (503, "SERVER_UNAVAILABLE")
    assert first(Rule(CRM.SALESFORCE, Kind.STATUS, status=500)) == (500, "UNKNOWN_EXCEPTION")


def test_hubspot_refuses_an_expired_token_and_a_spent_day_in_its_own_words() -> None:
    assert body(Rule(CRM.HUBSPOT, Kind.UNAUTHORIZED))["category"] == "EXPIRED_AUTHENTICATION"
    assert answer(Rule(CRM.HUBSPOT, Kind.UNAUTHORIZED)).status == 401
    assert body(Rule(CRM.HUBSPOT, Kind.QUOTA_SPENT))["policyName"] == "DAILY"
    assert answer(Rule(CRM.HUBSPOT, Kind.QUOTA_SPENT)).status == 429


def test_a_rule_reads_from_json() -> None:
    given = {"crm": "hubspot", "kind": "delay", "seconds": 3, "when": "before", "times": 1}
    read = Rule.from_mapping(given)
    assert read == Rule(CRM.HUBSPOT, Kind.DELAY, seconds=3.0, when=When.BEFORE, times=1)


@pytest.mark.parametrize(
    "given",
    [
        {"crm": "hubspot"},
        {"crm": "zoho", "kind": "status"},
        {"crm": "hubspot", "kind": "gremlin"},
        {"crm": "hubspot", "kind": "status", "rat": 1},
        {"crm": "hubspot", "kind": "status", "rate": 1.5},
        {"crm": "hubspot", "kind": "status", "status": 200},
        {"crm": "hubspot", "kind": "status", "times": 0},
        {"crm": "hubspot", "kind": "delay", "seconds": -1},
        {"crm": "hubspot", "kind": "status", "rate": "often"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(given: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError):
        Rule.from_mapping(given)
