"""What an administrator demands of records: in force from version 2026-09 on."""

from typing import Any

import pytest

from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.conftest import Caller

NEW, OLD = "/crm/objects/2026-09/contacts", "/crm/objects/2026-03/contacts"


@pytest.fixture
def portal(portal: Portal) -> Portal:
    when = {"country": "United States"}
    portal.options.update(
        {
            "conditional_rules": [{"object": "contacts", "requires": "state", "when": when}],
            "required_at_create": {"contacts": ["firstname"], "companies": ["domain"]},
        }
    )
    return portal


def codes(body: Any) -> list[tuple[str, str, list[str]]]:
    return [
        (error["code"], error["message"], error["context"]["propertyName"])
        for error in body["errors"]
    ]


CONDITIONAL = (
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
    "state is required because of a conditional property rule based on [country]",
    ["state"],
)
AT_CREATE = ("MISSING_REQUIRED_PROPERTY", "A value for firstname must be provided", ["firstname"])


def test_a_create_needs_what_the_rules_require(api: Caller, portal: Portal) -> None:
    sent = {"properties": {"email": "a@example.com", "country": "United States"}}
    status, body = api("POST", NEW, sent)
    assert (status, body["category"]) == (400, "VALIDATION_ERROR")
    assert codes(body) == [CONDITIONAL, AT_CREATE]
    assert api("POST", OLD, sent)[0] == 201


def test_an_update_is_held_to_what_it_touches(api: Caller, portal: Portal) -> None:
    id = portal.create("contacts", {"email": "a@example.com", "country": "United States"})
    assert api("PATCH", f"{NEW}/{id}", {"properties": {"city": "Austin"}})[0] == 200
    status, body = api("PATCH", f"{NEW}/{id}", {"properties": {"state": ""}})
    assert (status, codes(body)) == (400, [CONDITIONAL])
    assert api("PATCH", f"{NEW}/{id}", {"properties": {"state": "Texas"}})[0] == 200
    assert api("PATCH", f"{NEW}/{id}", {"properties": {"country": "Chile", "state": ""}})[0] == 200


def test_one_of_a_batch_fails_alone_with_trace_ids(api: Caller, portal: Portal) -> None:
    inputs = [
        {"properties": {"email": f"{n}@example.com", **more}, "objectWriteTraceId": n}
        for n, more in (("1", {"firstname": "A"}), ("2", {}))
    ]
    status, body = api("POST", f"{NEW}/batch/create", {"inputs": inputs})
    assert (status, [item["properties"]["firstname"] for item in body["results"]]) == (207, ["A"])
    assert "A value for firstname must be provided" in body["errors"][0]["message"]


@pytest.mark.parametrize(
    "given",
    [
        {"conditional_rules": ["x"]},
        {"conditional_rules": [{"object": 5, "requires": "state", "when": {}}]},
        {"conditional_rules": [{"object": "contacts", "requires": "state"}]},
        {"required_at_create": {"contacts": 5}},
        {"required_at_create": {"contacts": [5]}},
    ],
)
def test_what_is_no_rule_is_refused(portal: Portal, given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not"):
        portal.options.update(given)


def test_the_rules_survive_a_snapshot(portal: Portal) -> None:
    portal.load(portal.dump())
    assert portal.options.conditional_rules[0].requires == "state"
