import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.hubspot.members import Members
from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.conftest import Caller
from tests.sandbox.hubspot.filter_branches import CUSTOMERS

LISTS = "/crm/v3/lists"


@pytest.fixture
def contacts(portal: Portal) -> list[str]:
    return [portal.create("contacts", {"email": f"c{n}@example.com"}) for n in range(5)]


@pytest.fixture
def manual(portal: Portal) -> str:
    return portal.create_list("Manual", None, processing_type="MANUAL")


def walk(api: Caller, path: str, limit: int) -> list[str]:
    seen: list[str] = []
    query = {"limit": str(limit)}
    while True:
        _, body = api("GET", path, **query)
        seen += [item["recordId"] for item in body["results"]]
        if "next" not in body.get("paging", {}):
            return seen
        query["after"] = body["paging"]["next"]["after"]


def test_pages_follow_record_ids_or_the_order_of_joining(api, portal, manual, contacts, wait):
    shuffled = random.Random(3).sample(contacts, len(contacts))
    for id in shuffled:
        api("PUT", f"{LISTS}/{manual}/memberships/add", [id])
        wait(1)
    assert walk(api, f"{LISTS}/{manual}/memberships", 2) == contacts
    assert walk(api, f"{LISTS}/{manual}/memberships/join-order", 2) == shuffled


def test_before_leads_back(api, portal, manual, contacts) -> None:
    portal.set_members(manual, contacts)
    path = f"{LISTS}/{manual}/memberships"
    _, first = api("GET", path, limit="2")
    assert "prev" not in first["paging"]
    _, second = api("GET", path, limit="2", after=first["paging"]["next"]["after"])
    _, back = api("GET", path, limit="2", before=second["paging"]["prev"]["before"])
    assert back["results"] == first["results"]


def test_pages_hold_at_most_250_and_100_by_default(api, portal, manual) -> None:
    ids = [portal.create("contacts", {"firstname": str(n)}) for n in range(260)]
    portal.set_members(manual, ids)
    path = f"{LISTS}/{manual}/memberships"
    assert len(api("GET", path)[1]["results"]) == 100
    assert len(api("GET", path, limit="250")[1]["results"]) == 250
    assert api("GET", path, limit="251")[0] == 400
    assert api("GET", path, after="nonsense!")[0] == 400


def test_the_total_can_be_left_out(api, portal, manual) -> None:
    path = f"{LISTS}/{manual}/memberships"
    assert api("GET", path)[1]["total"] == 0
    portal.options.membership_total = False
    assert api("GET", path)[1] == {"results": []}


def test_the_answer_to_a_write_omits_empty_members(api, manual, contacts) -> None:
    path = f"{LISTS}/{manual}/memberships"
    one, two, three, *_ = contacts
    assert api("PUT", f"{path}/add", [one, two, "5"])[1] == {
        "recordsIdsAdded": [one, two],
        "recordIdsMissing": ["5"],
    }
    assert api("PUT", f"{path}/add", [one]) == (200, {})
    sent = {"recordIdsToAdd": [three], "recordIdsToRemove": [one]}
    assert api("PUT", f"{path}/add-and-remove", sent)[1] == {
        "recordsIdsAdded": [three],
        "recordIdsRemoved": [one],
    }
    assert api("PUT", f"{path}/remove", [int(two)])[1] == {"recordIdsRemoved": [two]}
    assert walk(api, path, 10) == [three]


def test_members_are_copied_and_all_removed(api, portal, manual, contacts) -> None:
    source = portal.create_list("Source", None, processing_type="MANUAL")
    portal.set_members(source, contacts)
    assert api("PUT", f"{LISTS}/{manual}/memberships/add-from/{source}") == (204, None)
    assert walk(api, f"{LISTS}/{manual}/memberships", 10) == contacts
    assert api("DELETE", f"{LISTS}/{manual}/memberships") == (204, None)
    assert walk(api, f"{LISTS}/{manual}/memberships", 10) == []


@pytest.mark.parametrize("verb", ["add", "remove", "add-and-remove", "add-from/1", ""])
def test_active_lists_are_not_written(api, portal, verb: str) -> None:
    id = portal.create_list("Active", CUSTOMERS)
    sent: Any = {} if verb == "add-and-remove" else []
    method = "PUT" if verb else "DELETE"
    status, body = api(method, f"{LISTS}/{id}/memberships/{verb}".rstrip("/"), sent)
    assert (status, body["category"]) == (400, "VALIDATION_ERROR")


def test_a_record_knows_its_lists(api, portal, manual, contacts, wait) -> None:
    portal.set_members(manual, contacts[:1])
    _, body = api("GET", f"{LISTS}/records/0-1/{contacts[0]}/memberships")
    assert body["results"] == [
        {
            "listId": manual,
            "listVersion": 1,
            "isPublicList": True,
            "firstAddedTimestamp": "2026-10-05T14:30:00Z",
            "lastAddedTimestamp": "2026-10-05T14:30:00Z",
        }
    ]
    wait(60)
    portal.set_members(manual, [])
    portal.set_members(manual, contacts[:1])
    (item,) = api("GET", f"{LISTS}/records/0-1/{contacts[0]}/memberships")[1]["results"]
    stamps = (item["firstAddedTimestamp"], item["lastAddedTimestamp"])
    assert stamps == ("2026-10-05T14:30:00Z", "2026-10-05T14:31:00Z")


def test_the_lists_of_many_records_are_read_at_once(api, portal, manual, contacts) -> None:
    portal.set_members(manual, contacts[:1])
    ids = [*contacts[:2], "5"]
    sent = {"inputs": [{"objectTypeId": "0-1", "recordId": id} for id in ids]}
    path = "/crm/lists/2026-09/records/memberships/batch/read"
    status, body = api("POST", path, sent)
    assert (status, body["numErrors"]) == (207, 1)
    lists = {
        item["recordId"]: [found["listId"] for found in item["recordListMemberships"]]
        for item in body["results"]
    }
    assert lists == {contacts[0]: [manual], contacts[1]: []}
    sent["inputs"].pop()
    assert api("POST", path, sent)[0] == 200


def test_an_unknown_record_has_no_lists(api: Caller) -> None:
    assert api("GET", f"{LISTS}/records/0-1/5/memberships")[0] == 404


moves = st.lists(st.tuples(st.integers(0, 20), st.booleans(), st.integers(0, 1000)))


@given(moves, st.integers(1, 7))
def test_both_orders_hold_exactly_the_members_whatever_came_before(moves, limit) -> None:
    members = Members()
    inside: dict[int, int] = {}
    for number, enters, ms in moves:
        if enters:
            assert members.add(number, ms) == (number not in inside)
            inside.setdefault(number, ms)
        else:
            assert members.remove(number) == (number in inside)
            inside.pop(number, None)
    assert members.joined == inside
    for page_of, order in (
        (members.by_number, sorted(inside)),
        (members.by_join, sorted((ms, number) for number, ms in inside.items())),
    ):
        seen, after = [], None
        while True:
            page = page_of(after=after, before=None, limit=limit)
            seen += page.keys
            if not page.has_next:
                break
            after = page.keys[-1]
        assert seen == order
