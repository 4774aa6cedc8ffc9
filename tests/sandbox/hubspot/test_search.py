from typing import Any

import pytest

from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.conftest import Caller

CONTACTS = "/crm/v3/objects/contacts"


def condition(name: str, operator: str, value: object = None, **more: object) -> dict[str, object]:
    return {"propertyName": name, "operator": operator, "value": value, **more}


def search(api: Caller, *filters: dict[str, object], **more: object) -> Any:
    groups = [{"filters": list(filters)}] if filters else []
    status, body = api("POST", f"{CONTACTS}/search", {"filterGroups": groups, **more})
    assert status == 200, body
    return body


def ids_of(body: Any) -> list[str]:
    return [item["id"] for item in body["results"]]


@pytest.fixture
def people(portal: Portal, wait) -> dict[str, str]:
    """Three contacts, one a second."""
    rows = {
        "ada": {"firstname": "Ada", "city": "Bern", "followercount": "5"},
        "bob": {"firstname": "Bob", "city": "New York", "followercount": "40"},
        "cyd": {"firstname": "Cyd", "lifecyclestage": "customer"},
    }
    ids = {}
    for name, values in rows.items():
        ids[name] = portal.create("contacts", {"email": f"{name}@example.com", **values})
        wait(1)
    return ids


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (condition("city", "EQ", "bern"), "ada"),
        (condition("city", "NEQ", "Bern"), "bob cyd"),
        (condition("followercount", "LT", "40"), "ada"),
        (condition("followercount", "LTE", "40"), "ada bob"),
        (condition("followercount", "GT", "5"), "bob"),
        (condition("followercount", "GTE", "5"), "ada bob"),
        (condition("followercount", "BETWEEN", "4", highValue="6"), "ada"),
        (condition("firstname", "IN", values=["ada", "cyd"]), "ada cyd"),
        (condition("firstname", "NOT_IN", values=["ada", "cyd"]), "bob"),
        (condition("city", "HAS_PROPERTY"), "ada bob"),
        (condition("city", "NOT_HAS_PROPERTY"), "cyd"),
        (condition("city", "CONTAINS_TOKEN", "york"), "bob"),
        (condition("city", "CONTAINS_TOKEN", "yo*"), "bob"),
        (condition("city", "CONTAINS_TOKEN", "yo"), ""),
        (condition("city", "NOT_CONTAINS_TOKEN", "york"), "ada cyd"),
        (condition("lifecyclestage", "EQ", "customer"), "cyd"),
        (condition("lifecyclestage", "EQ", "Customer"), ""),
        (condition("email", "EQ", "ADA@example.com"), "ada"),
        (condition("createdate", "GT", "2026-10-05T14:30:00Z"), "bob cyd"),
        (condition("lastmodifieddate", "GTE", "1791210602000"), "cyd"),
    ],
)
def test_each_operator(api: Caller, people: dict[str, str], filter, expected: str) -> None:
    body = search(api, filter)
    assert ids_of(body) == [people[name] for name in expected.split()]
    assert body["total"] == len(expected.split())


def test_groups_are_alternatives_and_filters_in_a_group_all_hold(api, people) -> None:
    both = {"filters": [condition("city", "EQ", "bern"), condition("firstname", "EQ", "bob")]}
    other = {"filters": [condition("firstname", "EQ", "cyd")]}
    _, body = api("POST", f"{CONTACTS}/search", {"filterGroups": [both, other]})
    assert ids_of(body) == [people["cyd"]]


def test_a_query_looks_into_the_searchable_properties(api, people) -> None:
    assert ids_of(search(api, query="BOB@")) == [people["bob"]]


def test_sorts_come_as_texts_or_objects_and_only_one_is_allowed(api, people) -> None:
    newest = [{"propertyName": "createdate", "direction": "DESCENDING"}]
    assert ids_of(search(api, sorts=newest)) == list(people.values())[::-1]
    assert ids_of(search(api, sorts=["-firstname"])) == list(people.values())[::-1]
    assert ids_of(search(api, sorts=["firstname"])) == list(people.values())
    sent = {"sorts": ["firstname", "city"]}
    assert api("POST", f"{CONTACTS}/search", sent)[0] == 400


def test_pages_follow_each_other_by_offset(api, people) -> None:
    first = search(api, limit=2)
    assert (first["total"], first["paging"]) == (3, {"next": {"after": "2"}})
    last = search(api, limit=2, after="2")
    assert ids_of(first) + ids_of(last) == list(people.values())
    assert "paging" not in last


def test_matching_is_stale_while_the_record_is_fresh(api, portal, people, wait) -> None:
    portal.options.index_lag = 5
    portal.update("contacts", people["ada"], {"email": "new@example.com"})
    old = search(api, condition("email", "EQ", "ada@example.com"))
    assert old["results"][0]["properties"]["email"] == "new@example.com"
    assert search(api, condition("email", "EQ", "new@example.com"))["total"] == 0
    wait(5)
    assert search(api, condition("email", "EQ", "ada@example.com"))["total"] == 0
    assert ids_of(search(api, condition("email", "EQ", "new@example.com"))) == [people["ada"]]


def test_an_archived_record_still_counts_until_the_index_learns(api, portal, people, wait) -> None:
    portal.options.index_lag = 5
    portal.archive("contacts", people["ada"])
    body = search(api, condition("city", "EQ", "bern"))
    assert (body["total"], body["results"]) == (1, [])
    wait(5)
    assert search(api, condition("city", "EQ", "bern"))["total"] == 0


def test_a_new_record_is_found_after_the_lag(api, portal, wait) -> None:
    portal.options.index_lag = 5
    id = portal.create("contacts", {"email": "a@example.com"})
    assert search(api)["total"] == 0
    wait(4.9)
    assert search(api)["total"] == 0
    wait(0.1)
    assert ids_of(search(api)) == [id]


def test_two_changes_appear_one_after_the_other(api, portal, people, wait) -> None:
    portal.options.index_lag = 5
    portal.update("contacts", people["ada"], {"city": "Rome"})
    wait(3)
    portal.update("contacts", people["ada"], {"city": "Oslo"})
    wait(2)
    assert search(api, condition("city", "EQ", "rome"))["total"] == 1
    wait(3)
    assert search(api, condition("city", "EQ", "oslo"))["total"] == 1
    assert not len(portal.index)


@pytest.mark.parametrize(
    "sent",
    [
        {"filterGroups": [{"filters": [condition("city", "EQ", "x")]}] * 6},
        {"filterGroups": [{"filters": [condition("city", "EQ", "x")] * 7}]},
        {"filterGroups": [{"filters": [condition("city", "EQ", "x")] * 5}] * 4},
        {"limit": 201},
        {"limit": 100, "after": "9901"},
        {"query": "x" * 3000},
        {"filterGroups": [{"filters": [condition("nope", "EQ", "x")]}]},
        {"filterGroups": [{"filters": [condition("city", "EQ")]}]},
        {"filterGroups": [{"filters": [condition("followercount", "GT", "many")]}]},
        {"sorts": ["nope"]},
    ],
)
def test_what_is_beyond_the_limits_is_a_400(api: Caller, sent: dict[str, object]) -> None:
    status, body = api("POST", f"{CONTACTS}/search", sent)
    assert (status, body["category"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (condition("city", "LIKE", "x"), "not one of the values accepted"),
        (condition("associations.company", "LIKE", "5"), "operator LIKE is not supported"),
        (condition("city", "EQ", " "), "value must be non-empty and non-blank, if specified "),
    ],
)
def test_a_filter_that_can_not_be_read_is_a_400(
    api: Caller, wrong: dict[str, str], words: str
) -> None:
    status, body = api("POST", f"{CONTACTS}/search", {"filters": [wrong]})
    assert status == 400
    assert words in body["message"]
    assert ("category" in body) == ("operator LIKE" in words)


def test_in_finds_texts_by_values_in_lower_case_only(api: Caller, portal) -> None:
    portal.create("contacts", {"email": "a@example.com", "city": "Bern"})
    for value, found in (("bern", 1), ("Bern", 0)):
        sent: dict[str, object] = {"propertyName": "city", "operator": "IN", "values": [value]}
        assert search(api, sent)["total"] == found
        assert search(api, {**sent, "operator": "NOT_IN"})["total"] == 1 - found


def test_everything_changed_since_the_epoch_is_everything(api: Caller, portal) -> None:
    portal.create("contacts", {"email": "a@example.com"})
    assert search(api, condition("lastmodifieddate", "GTE", "0"))["total"] == 1


def test_a_page_of_none_counts_and_has_no_next(api: Caller, portal) -> None:
    portal.create("contacts", {"email": "a@example.com"})
    _, body = api("POST", f"{CONTACTS}/search", {"limit": 0})
    assert body == {"total": 1, "results": []}


def test_the_largest_allowed_request_is_taken(api: Caller) -> None:
    group = {"filters": [condition("city", "EQ", "x")] * 6}
    status, _ = api("POST", f"{CONTACTS}/search", {"filterGroups": [group] * 3, "limit": 200})
    assert status == 200
    assert api("POST", f"{CONTACTS}/search", {"limit": 100, "after": "9900"})[0] == 200


def test_the_legacy_top_level_filters_are_a_group(api, people) -> None:
    _, body = api("POST", f"{CONTACTS}/search", {"filters": [condition("city", "EQ", "bern")]})
    assert ids_of(body) == [people["ada"]]


def test_a_keyset_on_time_and_id_visits_all_records_of_one_millisecond(api, portal) -> None:
    ids = [portal.create("contacts", {"email": f"c{n}@example.com"}) for n in range(450)]
    portal.options.limits_enabled = False
    stamp = condition("lastmodifieddate", "EQ", "2026-10-05T14:30:00Z")
    seen: list[str] = []
    last = "0"
    while True:
        beyond = condition("hs_object_id", "GT", last)
        page = ids_of(search(api, stamp, beyond, sorts=["hs_object_id"], limit=200))
        if not page:
            break
        seen += page
        last = page[-1]
    assert seen == ids


def test_ids_sort_as_text_when_the_switch_says_so(api, portal) -> None:
    ids = [portal.create("contacts", {"email": f"c{n}@example.com"}) for n in range(700)]
    portal.options.object_id_sorts_as_text = True
    assert len({len(id) for id in ids}) == 2
    page = ids_of(search(api, sorts=["hs_object_id"], limit=200))
    assert page == sorted(ids)[:200]
    assert page != ids[:200]


def test_short_pages_still_lead_to_every_record(api, portal) -> None:
    ids = [portal.create("contacts", {"email": f"c{n}@example.com"}) for n in range(50)]
    portal.options.short_pages = True
    portal.options.limits_enabled = False
    seen: list[str] = []
    sizes = []
    after: str | None = "0"
    while after is not None:
        body = search(api, limit=10, after=after)
        sizes.append(len(body["results"]))
        seen += ids_of(body)
        after = body.get("paging", {}).get("next", {}).get("after")
    assert seen == ids
    assert min(sizes[:-1]) < 10


def test_associated_records_are_found_by_the_pseudo_property(api, portal, people) -> None:
    company = portal.create("companies", {"name": "Acme"})
    path = f"/crm/v4/objects/contacts/{people['ada']}/associations/default/companies/{company}"
    assert api("PUT", path)[0] == 200
    assert ids_of(search(api, condition("associations.company", "EQ", company))) == [people["ada"]]
