from typing import Any

import pytest

from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.conftest import Caller
from tests.sandbox.hubspot.filter_branches import CUSTOMERS, any_of, where

LISTS = "/crm/lists/2026-09"
BERN = where("city", "STRING", "IS_EQUAL_TO", value="bern")


def create(api: Caller, name: str = "Customers", **more: object) -> dict[str, Any]:
    sent = {
        "name": name,
        "objectTypeId": "0-1",
        "processingType": "DYNAMIC",
        "filterBranch": CUSTOMERS,
        **more,
    }
    status, body = api("POST", LISTS, sent)
    assert status == 200, body
    return dict(body["list"])


def status_of(api: Caller, id: str) -> str:
    return str(api("GET", f"{LISTS}/{id}")[1]["list"]["processingStatus"])


def test_a_list_is_returned_with_its_definition_when_asked(api: Caller) -> None:
    made = create(api)
    assert made["processingType"] == "DYNAMIC"
    for path in (f"{LISTS}/{made['listId']}", f"/crm/v3/lists/{made['listId']}"):
        assert "filterBranch" not in api("GET", path)[1]["list"]
        _, body = api("GET", path, includeFilters="true")
        assert body["list"]["filterBranch"] == CUSTOMERS
        assert body["list"]["listVersion"] == 1


def test_an_unknown_list_is_a_404(api: Caller) -> None:
    status, body = api("GET", f"{LISTS}/99")
    assert (status, body["category"]) == (404, "OBJECT_NOT_FOUND")


def test_names_are_unique_in_any_case(api: Caller) -> None:
    create(api)
    sent = {"name": "CUSTOMERS", "objectTypeId": "0-1", "processingType": "MANUAL"}
    status, body = api("POST", LISTS, sent)
    assert (status, body["subCategory"]) == (400, "ILS.DUPLICATE_LIST_NAMES")


def test_lists_of_an_unsupported_object_are_refused(api: Caller) -> None:
    sent = {"name": "x", "objectTypeId": "0-99", "processingType": "MANUAL"}
    status, body = api("POST", LISTS, sent)
    assert (status, body["subCategory"]) == (400, "ListError.INVALID_OBJECT_TYPE_FOR_LIST")


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"processingType": "ACTIVE"}, {"filterBranch": None}, {"objectTypeId": None}],
)
def test_incomplete_lists_are_refused(api: Caller, change: dict[str, object]) -> None:
    sent = {
        "name": "x",
        "objectTypeId": "0-1",
        "processingType": "DYNAMIC",
        "filterBranch": CUSTOMERS,
        **change,
    }
    assert api("POST", LISTS, sent)[0] == 400


def test_a_list_is_found_by_name_in_any_case(api: Caller) -> None:
    id = create(api, "Two Words")["listId"]
    status, body = api("GET", f"{LISTS}/object-type-id/0-1/name/two words")
    assert (status, body["list"]["listId"]) == (200, id)
    assert api("GET", f"{LISTS}/object-type-id/0-2/name/two words")[0] == 404


def test_several_lists_are_read_by_id(api: Caller) -> None:
    ids = [create(api, name)["listId"] for name in ("a", "b", "c")]
    _, body = api("GET", LISTS, listIds=f"{ids[2]},{ids[0]},99")
    assert [item["listId"] for item in body["lists"]] == [ids[2], ids[0]]


def test_search_filters_pages_and_counts(api: Caller, portal: Portal) -> None:
    for name in ("Alpha one", "Alpha two", "Beta"):
        create(api, name)
    portal.create_list("Alpha manual", None, processing_type="MANUAL")
    sent = {"query": "alpha", "processingTypes": ["DYNAMIC"], "count": 1}
    _, first = api("POST", f"{LISTS}/search", sent)
    assert (first["total"], first["hasMore"], first["offset"]) == (2, True, 1)
    _, second = api("POST", f"{LISTS}/search", {**sent, "offset": first["offset"]})
    assert (second["hasMore"], second["lists"][0]["name"]) == (False, "Alpha two")
    assert second["lists"][0]["additionalProperties"]["hs_list_size"] == "0"
    assert api("POST", f"{LISTS}/search", {"count": 501})[0] == 400
    assert api("POST", f"{LISTS}/search", {})[1]["total"] == 4


def test_a_list_is_renamed(api: Caller) -> None:
    id = create(api)["listId"]
    status, body = api("PUT", f"{LISTS}/{id}/update-list-name", listName="Clients")
    assert (status, body["updatedList"]["name"]) == (200, "Clients")
    create(api, "Customers")
    assert api("PUT", f"{LISTS}/{id}/update-list-name", listName="customers")[0] == 400


def test_processing_ends_and_members_join_after_the_lag(api, portal, wait) -> None:
    id = portal.create("contacts", {"email": "a@example.com", "lifecyclestage": "customer"})
    portal.options.list_lag = 10
    made = create(api)
    assert made["processingStatus"] == "PROCESSING"
    members = f"{LISTS}/{made['listId']}/memberships"
    assert api("GET", members)[1]["results"] == []
    wait(9.9)
    assert status_of(api, made["listId"]) == "PROCESSING"
    wait(0.1)
    assert status_of(api, made["listId"]) == "COMPLETE"
    expected = [{"recordId": id, "membershipTimestamp": "2026-10-05T14:30:10Z"}]
    assert api("GET", members)[1]["results"] == expected


def test_a_change_becomes_a_membership_after_the_lag(api, portal, wait) -> None:
    id = portal.create("contacts", {"email": "a@example.com"})
    made = create(api)["listId"]
    portal.options.list_lag = 10
    portal.update("contacts", id, {"lifecyclestage": "customer"})
    assert portal.membership(id)[made].by_filter
    assert not portal.membership(id)[made].evaluated
    assert status_of(api, made) == "COMPLETE"
    wait(10)
    assert portal.membership(id)[made].evaluated
    portal.update("contacts", id, {"lifecyclestage": ""})
    wait(3)
    membership = portal.membership(id)[made]
    assert (membership.by_filter, membership.evaluated) == (False, True)
    wait(7)
    assert not portal.membership(id)[made].evaluated


def test_the_journal_knows_both_truths_at_each_write(api, portal) -> None:
    made = create(api)["listId"]
    portal.options.list_lag = 10
    portal.create("contacts", {"email": "a@example.com", "lifecyclestage": "customer"})
    membership = portal.journal.entries[-1].lists[made]
    assert (membership.by_filter, membership.evaluated) == (True, False)


def test_new_filters_replace_all_and_process_again(api, portal, wait) -> None:
    first = portal.create("contacts", {"email": "a@example.com", "lifecyclestage": "customer"})
    second = portal.create("contacts", {"email": "b@example.com", "city": "Bern"})
    made = create(api)["listId"]
    portal.options.list_lag = 10
    sent = {"filterBranch": BERN}
    status, body = api("PUT", f"{LISTS}/{made}/update-list-filters", sent)
    assert status == 200
    updated = body["updatedList"]
    assert (updated["processingStatus"], updated["listVersion"]) == ("PROCESSING", 2)
    assert updated["filterBranch"] == BERN
    members = f"{LISTS}/{made}/memberships"
    assert [item["recordId"] for item in api("GET", members)[1]["results"]] == [first]
    wait(10)
    assert [item["recordId"] for item in api("GET", members)[1]["results"]] == [second]
    assert status_of(api, made) == "COMPLETE"


def test_only_active_lists_take_filters(api, portal) -> None:
    id = portal.create_list("Manual", None, processing_type="MANUAL")
    sent = {"filterBranch": CUSTOMERS}
    assert api("PUT", f"{LISTS}/{id}/update-list-filters", sent)[0] == 400


def test_a_list_can_not_refer_to_one_of_other_objects(api: Caller, portal) -> None:
    known = where("domain", "ALL_PROPERTY", "IS_KNOWN")
    companies = portal.create_list("Companies", known, object_type_id="0-2")
    branch = any_of([{"filterType": "IN_LIST", "listId": companies, "operator": "IN_LIST"}])
    sent = {"name": "L", "objectTypeId": "0-1", "processingType": "DYNAMIC"}
    status, body = api("POST", LISTS, {**sent, "filterBranch": branch})
    assert status == 400
    assert "none of this object type" in body["message"]


def test_a_list_can_not_refer_to_itself(api: Caller) -> None:
    one, two = create(api, "one")["listId"], create(api, "two")["listId"]
    through = any_of([{"filterType": "IN_LIST", "listId": one, "operator": "IN_LIST"}])
    path = f"{LISTS}/{{}}/update-list-filters"
    assert api("PUT", path.format(two), {"filterBranch": through})[0] == 200
    back = any_of([{"filterType": "IN_LIST", "listId": two, "operator": "IN_LIST"}])
    assert api("PUT", path.format(one), {"filterBranch": back})[0] == 400


def test_a_deleted_list_is_gone_until_restored(api, portal, wait) -> None:
    id = portal.create("contacts", {"email": "a@example.com", "lifecyclestage": "customer"})
    made = create(api)["listId"]
    assert api("DELETE", f"{LISTS}/{made}") == (204, None)
    assert api("GET", f"{LISTS}/{made}")[0] == 404
    assert api("GET", f"{LISTS}/{made}/memberships")[0] == 404
    assert portal.membership(id) == {}
    portal.create("contacts", {"email": "b@example.com", "lifecyclestage": "customer"})
    assert api("PUT", f"{LISTS}/{made}/restore") == (204, None)
    assert api("GET", f"{LISTS}/{made}/memberships")[1]["total"] == 2
    api("DELETE", f"{LISTS}/{made}")
    wait(91 * 86_400)
    assert api("PUT", f"{LISTS}/{made}/restore")[0] == 404


def test_a_list_whose_name_was_taken_meanwhile_is_not_restored(api: Caller) -> None:
    made = create(api)["listId"]
    api("DELETE", f"{LISTS}/{made}")
    create(api)
    status, body = api("PUT", f"{LISTS}/{made}/restore")
    assert (status, body["subCategory"]) == (400, "ILS.DUPLICATE_LIST_NAMES")


def test_a_snapshot_list_is_evaluated_once(api, portal) -> None:
    values = {"email": "a@example.com", "lifecyclestage": "customer"}
    id = portal.create("contacts", values)
    made = create(api, processingType="SNAPSHOT")["listId"]
    portal.create("contacts", {**values, "email": "b@example.com"})
    _, body = api("GET", f"{LISTS}/{made}/memberships")
    assert [item["recordId"] for item in body["results"]] == [id]
    assert made not in portal.membership(id)


def test_a_conversion_makes_the_list_static_at_its_date(api, portal, wait) -> None:
    made = create(api)["listId"]
    path = f"{LISTS}/{made}/schedule-conversion"
    assert api("GET", path)[0] == 404
    assert api("DELETE", path)[0] == 404
    sent = {"conversionType": "CONVERSION_DATE", "year": 2026, "month": 10, "day": 6}
    status, body = api("PUT", path, sent)
    assert (status, body) == (200, {"listId": made, "requestedConversionTime": sent})
    wait(10 * 3600)
    _, body = api("GET", f"{LISTS}/{made}")
    assert body["list"]["processingType"] == "MANUAL"
    assert api("GET", path)[1]["convertedAt"].startswith("2026-10-06T00:30:00")
    assert portal.membership("1") == {}


def test_a_conversion_after_inactivity_counts_from_the_last_join(api, portal, wait) -> None:
    made = create(api)["listId"]
    path = f"{LISTS}/{made}/schedule-conversion"
    api("PUT", path, {"conversionType": "INACTIVITY", "timeUnit": "DAY", "offset": 2})
    wait(86_400)
    portal.create("contacts", {"email": "a@example.com", "lifecyclestage": "customer"})
    wait(1.5 * 86_400)
    assert api("GET", f"{LISTS}/{made}")[1]["list"]["processingType"] == "DYNAMIC"
    wait(86_400)
    assert api("GET", f"{LISTS}/{made}")[1]["list"]["processingType"] == "MANUAL"


def test_a_cancelled_conversion_does_not_happen(api, wait) -> None:
    made = create(api)["listId"]
    path = f"{LISTS}/{made}/schedule-conversion"
    api("PUT", path, {"conversionType": "INACTIVITY", "timeUnit": "DAY", "offset": 1})
    assert api("DELETE", path) == (204, None)
    wait(5 * 86_400)
    assert api("GET", f"{LISTS}/{made}")[1]["list"]["processingType"] == "DYNAMIC"
    assert api("PUT", path, {"conversionType": "SOMEDAY"})[0] == 400


def test_a_converted_list_keeps_its_members_and_evaluates_no_more(api, portal) -> None:
    values = {"email": "a@example.com", "lifecyclestage": "customer"}
    id = portal.create("contacts", values)
    made = create(api)["listId"]
    portal.convert_list(made)
    portal.update("contacts", id, {"lifecyclestage": ""})
    _, body = api("GET", f"{LISTS}/{made}/memberships")
    assert [item["recordId"] for item in body["results"]] == [id]


def test_archiving_a_contact_takes_it_out_of_every_list(api, portal) -> None:
    id = portal.create("contacts", {"email": "a@example.com", "lifecyclestage": "customer"})
    active = create(api)["listId"]
    manual = portal.create_list("Manual", None, processing_type="MANUAL")
    portal.set_members(manual, [id])
    portal.archive("contacts", id)
    for list_id in (active, manual):
        assert api("GET", f"{LISTS}/{list_id}/memberships")[1]["total"] == 0
    portal.restore("contacts", id)
    assert api("GET", f"{LISTS}/{active}/memberships")[1]["total"] == 1
