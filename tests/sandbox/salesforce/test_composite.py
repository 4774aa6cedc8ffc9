from typing import Any

import pytest

from sandbox.salesforce.org import Org
from tests.sandbox.salesforce.caller import Answer, Caller, contact

BASE = "/services/data/v67.0"
QUERY = f"{BASE}/query?q=SELECT+Id,+LastName+FROM+Contact"


def sub(method: str, url: str, name: str, body: Any = None, **headers: str) -> dict[str, Any]:
    request: dict[str, Any] = {"method": method, "url": f"{BASE}/{url}", "referenceId": name}
    if body is not None:
        request["body"] = body
    if headers:
        request["httpHeaders"] = headers
    return request


def parts(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.body["compositeResponse"]
    return found


def test_later_calls_use_earlier_answers(caller: Caller) -> None:
    found = parts(
        caller.composite(
            sub("POST", "sobjects/Account", "acme", {"Name": "Acme"}),
            sub("POST", "sobjects/Contact", "ada", {"LastName": "A", "AccountId": "@{acme.id}"}),
            sub("GET", "query?q=SELECT+Id,+AccountId+FROM+Contact", "all"),
            sub("GET", "sobjects/Account/@{all.records[0].AccountId}", "back"),
        )
    )
    assert [part["httpStatusCode"] for part in found] == [201, 201, 200, 200]
    assert [part["referenceId"] for part in found] == ["acme", "ada", "all", "back"]
    made = f"{BASE}/sobjects/Account/{found[0]['body']['id']}"
    assert found[0]["httpHeaders"] == {"Location": made}
    assert found[3]["body"]["Name"] == "Acme"


def test_a_reference_to_a_failed_call_halts_only_its_user(caller: Caller) -> None:
    found = parts(
        caller.composite(
            sub("POST", "sobjects/Account", "acme", {}),
            sub("POST", "sobjects/Contact", "ada", {"LastName": "A", "AccountId": "@{acme.id}"}),
            sub("POST", "sobjects/Contact", "bob", {"LastName": "B"}),
        )
    )
    assert [part["httpStatusCode"] for part in found] == [400, 400, 201]
    assert found[1]["body"] == [
        {
            "message": "Invalid reference specified. No value for acme.id found in acme",
            "errorCode": "PROCESSING_HALTED",
        }
    ]


@pytest.mark.parametrize("value", ["@{later.id}", "see @{later.id}", "@{first}", "@{}"])
def test_what_no_earlier_call_answered_is_refused_not_stored(caller: Caller, value: str) -> None:
    found = parts(
        caller.composite(
            sub("POST", "sobjects/Contact", "first", {"LastName": value}),
            sub("POST", "sobjects/Contact", "later", {"LastName": "B"}),
        )
    )
    assert [part["httpStatusCode"] for part in found] == [400, 201]
    assert found[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert caller.rows("SELECT LastName FROM Contact") == [{"LastName": "B"}]


@pytest.mark.parametrize(("version", "status"), [("69.0", 404), ("30.0", 410), ("67.5", 404)])
def test_a_part_must_name_a_version_in_service(caller: Caller, version: str, status: int) -> None:
    asked = sub("GET", "limits", "a") | {"url": f"/services/data/v{version}/limits"}
    assert parts(caller.composite(asked))[0]["httpStatusCode"] == status


@pytest.mark.parametrize("path", ["composite", "composite/batch", "composite/tree/Contact"])
def test_other_methods_are_refused_by_name(caller: Caller, path: str) -> None:
    answer = caller.call("PATCH", path, {})
    assert (answer.status, answer.body[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")


def test_all_or_none_takes_everything_back(caller: Caller, org: Org) -> None:
    written = len(org.journal.entries)
    found = parts(
        caller.composite(
            sub("POST", "sobjects/Contact", "a", {"LastName": "A"}),
            sub("POST", "sobjects/Contact", "b", {}),
            sub("POST", "sobjects/Contact", "c", {"LastName": "C"}),
            all_or_none=True,
        )
    )
    assert [part["body"][0]["errorCode"] for part in found] == [
        "PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED",
    ]  # fmt: skip
    assert caller.rows("SELECT Id FROM Contact") == []
    assert len(org.journal.entries) == written


def test_all_or_none_commits_when_all_succeed(caller: Caller, org: Org) -> None:
    caller.composite(
        sub("POST", "composite/sobjects", "a", {"records": [contact(), contact()]}),
        sub("POST", "sobjects/Contact", "b", {"LastName": "B"}),
        all_or_none=True,
    )
    assert len(caller.rows("SELECT Id FROM Contact")) == 3
    assert [entry.operation for entry in org.journal.entries] == ["create"] * 3


def test_a_thousand_records_go_in_one_call(caller: Caller, org: Org) -> None:
    key = "HubSpot_Contact_Id__c"
    subs = [
        sub(
            "PATCH",
            f"composite/sobjects/Contact/{key}",
            f"part{part}",
            {"records": [contact(**{key: f"{part}-{n}"}) for n in range(200)]},
        )
        for part in range(5)
    ]
    before = org.usage.used(org.clock.timestamp())
    found = parts(caller.composite(*subs))
    assert [len(part["body"]) for part in found] == [200] * 5
    assert org.usage.used(org.clock.timestamp()) == before + 1
    assert caller.query("SELECT COUNT() FROM Contact").body["totalSize"] == 1000


def test_five_collections_or_queries_are_the_most(caller: Caller) -> None:
    heavy = [sub("GET", "query?q=SELECT+Id+FROM+Contact", f"q{n}") for n in range(6)]
    answer = caller.composite(*heavy)
    assert (answer.status, answer.body[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")
    assert caller.composite(*heavy[:5]).status == 200


def test_25_calls_are_the_most(caller: Caller) -> None:
    light = [sub("GET", "sobjects/Contact", f"d{n}") for n in range(26)]
    assert caller.composite(*light).status == 400
    assert caller.composite(*light[:25]).status == 200


@pytest.mark.parametrize("names", [["a", "a"], ["-a"], [None], ["ä"]])
def test_reference_ids_are_plain_and_unique(caller: Caller, names: list[Any]) -> None:
    answer = caller.composite(*[sub("GET", "limits", name) for name in names])
    assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_INPUT")


def test_a_describe_inside_a_composite_can_be_unchanged(caller: Caller) -> None:
    known = caller.call("GET", "sobjects/Contact/describe").headers["last-modified"]
    part = parts(
        caller.composite(
            sub("GET", "sobjects/Contact/describe", "d", **{"If-Modified-Since": known})
        )
    )[0]
    assert (part["httpStatusCode"], part["body"]) == (304, None)
    assert set(part["httpHeaders"]) == {"ETag", "Last-Modified"}


def test_a_204_has_a_null_body(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M"})
    part = parts(caller.composite(sub("PATCH", f"sobjects/Contact/{made}", "p", {"Title": "T"})))[0]
    assert (part["httpStatusCode"], part["body"]) == (204, None)


def test_a_composite_cannot_hold_a_composite(caller: Caller) -> None:
    part = parts(caller.composite(sub("POST", "composite", "c", {"compositeRequest": []})))[0]
    assert part["httpStatusCode"] == 400


def test_batched_calls_are_independent_and_each_counts(caller: Caller, org: Org) -> None:
    before = org.usage.used(org.clock.timestamp())
    requests = [
        {"method": "POST", "url": "v67.0/sobjects/Contact", "richInput": {"LastName": "A"}},
        {"method": "POST", "url": "v67.0/sobjects/Contact", "richInput": {}},
        {"method": "GET", "url": "/services/data/v67.0/limits"},
    ]
    body = caller.call("POST", "composite/batch", {"batchRequests": requests}).body
    assert body["hasErrors"] is True
    assert [result["statusCode"] for result in body["results"]] == [201, 400, 200]
    assert org.usage.used(org.clock.timestamp()) == before + 4


def test_a_batch_halts_on_its_first_error_where_asked(caller: Caller) -> None:
    requests = [
        {"method": "POST", "url": "v67.0/sobjects/Contact", "richInput": {}},
        {"method": "GET", "url": "v67.0/limits"},
    ]
    asked = {"haltOnError": True, "batchRequests": requests}
    body = caller.call("POST", "composite/batch", asked).body
    assert [result["statusCode"] for result in body["results"]] == [400, 412]
    assert body["results"][1]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"


def test_a_tree_is_created_whole_or_not_at_all(caller: Caller) -> None:
    def leaf(name: str, **fields: Any) -> dict[str, Any]:
        return {"attributes": {"type": "Contact", "referenceId": name}, **fields}

    good = caller.call("POST", "composite/tree/Contact", {"records": [leaf("r1", LastName="A")]})
    assert (good.status, good.body["results"][0]["referenceId"]) == (201, "r1")
    records = [leaf("r1", LastName="B"), leaf("r2")]
    bad = caller.call("POST", "composite/tree/Contact", {"records": records})
    assert bad.status == 400
    assert bad.body["results"][0]["referenceId"] == "r2"
    assert len(caller.rows("SELECT Id FROM Contact")) == 1
    for wrong in ([leaf("r1"), leaf("r1")], [{"LastName": "B"}], [contact(LastName="B")]):
        answer = caller.call("POST", "composite/tree/Contact", {"records": wrong})
        assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_INPUT")


LEAD = {"LastName": "L", "Company": "C"}


@pytest.mark.parametrize("all_or_none", [False, True])
def test_a_subrequest_says_itself_who_chooses_the_owner(
    caller: Caller, org: Org, *, all_or_none: bool
) -> None:
    """What the whole request says of it (here FALSE) is not passed on."""
    url = "sobjects/Lead"
    plain = sub("POST", url, "plain", LEAD)
    kept = sub("POST", url, "kept", LEAD, **{"Sforce-Auto-Assign": "FALSE"})
    found = parts(caller.composite(plain, kept, all_or_none=all_or_none))
    owners = [
        record.values["OwnerId"] for part in found if (record := org.find(part["body"]["id"]))
    ]
    assert owners == [org.options.assignment_rules["Lead"][0], org.integration_user_id]


@pytest.mark.parametrize("name", ["Authorization", "accept", "Content-Type"])
def test_a_subrequest_may_not_set_what_it_takes_from_the_whole(caller: Caller, name: str) -> None:
    answer = caller.composite(sub("POST", "sobjects/Lead", "a", LEAD, **{name: "x"}))
    assert answer.status == 400
