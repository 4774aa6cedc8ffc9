import pytest

from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.conftest import Caller

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture
def pair(portal: Portal) -> tuple[str, str]:
    first = {"email": "a@example.com", "city": "Bern", "lifecyclestage": "lead"}
    second = {"email": "b@example.com", "phone": "1", "lifecyclestage": "customer"}
    return portal.create("contacts", first), portal.create("contacts", second)


def merge(api: Caller, primary: str, other: str) -> tuple[int, dict[str, object]]:
    sent = {"primaryObjectId": primary, "objectIdToMerge": other}
    return api("POST", f"{CONTACTS}/merge", sent)


def test_a_merge_makes_a_new_id_and_keeps_values_of_both(api, pair) -> None:
    status, body = merge(api, *pair)
    assert status == 200
    assert body["id"] not in pair
    names = "email,city,phone,lifecyclestage,hs_additional_emails,hs_merged_object_ids"
    _, read = api("GET", f"{CONTACTS}/{body['id']}", properties=names)
    assert read["properties"] == {
        "city": "Bern",
        "email": "a@example.com",
        "hs_additional_emails": "b@example.com",
        "hs_merged_object_ids": ";".join(pair),
        "lifecyclestage": "customer",
        "phone": "1",
    }


def test_a_merge_keeps_the_associations_and_the_static_lists_of_both(api, portal, pair) -> None:
    companies = [portal.create("companies", {"name": name}) for name in ("One", "Two")]
    for contact, company in zip(pair, companies, strict=True):
        path = f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}"
        assert api("PUT", path)[0] == 200
    manual = portal.create_list("Manual", None, processing_type="MANUAL")
    portal.set_members(manual, [pair[1]])
    new = merge(api, *pair)[1]["id"]
    _, links = api("GET", f"/crm/v4/objects/contacts/{new}/associations/companies")
    assert {link["toObjectId"] for link in links["results"]} == set(map(int, companies))
    _, back = api("GET", f"/crm/v4/objects/companies/{companies[1]}/associations/contacts")
    assert [link["toObjectId"] for link in back["results"]] == [int(str(new))]
    _, members = api("GET", f"/crm/v3/lists/{manual}/memberships")
    assert [member["recordId"] for member in members["results"]] == [new]


def test_two_associated_records_can_be_merged(api, portal, pair) -> None:
    path = f"/crm/v4/objects/contacts/{pair[0]}/associations/default/contacts/{pair[1]}"
    assert api("PUT", path)[0] == 200
    new = merge(api, *pair)[1]["id"]
    _, links = api("GET", f"/crm/v4/objects/contacts/{new}/associations/contacts")
    assert links["results"] == []


def test_an_unknown_address_is_blocked_only_where_addresses_are(api, portal) -> None:
    portal.options.blocklist_refuses_create = False
    sent = {"objectId": "z@example.com", "idProperty": "email"}
    assert api("POST", f"{CONTACTS}/gdpr-delete", sent)[0] == 204
    assert api("POST", CONTACTS, {"properties": {"email": "z@example.com"}})[0] == 201


def test_old_ids_resolve_on_get_and_patch(api, pair) -> None:
    new = merge(api, *pair)[1]["id"]
    for old in pair:
        assert api("GET", f"{CONTACTS}/{old}")[1]["id"] == new
        sent = {"properties": {"city": "Rome"}}
        assert api("PATCH", f"{CONTACTS}/{old}", sent)[1]["id"] == new


def test_old_ids_do_not_resolve_in_batches(api, pair) -> None:
    merge(api, *pair)
    inputs = [{"id": old, "properties": {"city": "Rome"}} for old in pair]
    status, body = api("POST", f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert (status, body["results"]) == (207, [])


def test_merging_the_merged_follows_the_chain(api, portal, pair) -> None:
    first = merge(api, *pair)[1]["id"]
    third = portal.create("contacts", {"email": "c@example.com"})
    last = merge(api, third, str(first))[1]["id"]
    assert api("GET", f"{CONTACTS}/{pair[0]}")[1]["id"] == last
    assert api("GET", f"{CONTACTS}/b@example.com", idProperty="email")[1]["id"] == last


def test_a_merge_moves_list_membership_to_the_new_id(api, portal, pair) -> None:
    from tests.sandbox.hubspot.filter_branches import CUSTOMERS

    id = portal.create_list("Customers", CUSTOMERS)
    new = merge(api, *pair)[1]["id"]
    _, body = api("GET", f"/crm/v3/lists/{id}/memberships")
    assert [item["recordId"] for item in body["results"]] == [new]


def test_a_profile_holds_at_most_250_identities(api, portal, pair) -> None:
    record = portal.store_of("contacts").records[pair[0]]
    record.merged = [(str(n), 0) for n in range(249)]
    status, body = merge(api, *pair)
    assert (status, body["message"]) == (414, "Cannot have more than 250 identities on a profile")


def test_a_merge_with_itself_is_refused(api, pair) -> None:
    assert merge(api, pair[0], pair[0])[0] == 400


def test_a_gdpr_delete_removes_the_record_and_blocks_the_address(api, pair) -> None:
    sent = {"objectId": "a@example.com", "idProperty": "email"}
    assert api("POST", f"{CONTACTS}/gdpr-delete", sent) == (204, None)
    assert api("GET", f"{CONTACTS}/{pair[0]}")[0] == 404
    assert api("GET", f"{CONTACTS}/{pair[0]}", archived="true")[0] == 404
    assert api("POST", CONTACTS, {"properties": {"email": "a@example.com"}})[0] == 400


def test_a_gdpr_delete_of_an_unknown_address_blocks_it(api: Caller) -> None:
    sent = {"objectId": "ghost@example.com", "idProperty": "email"}
    assert api("POST", f"{CONTACTS}/gdpr-delete", sent)[0] == 204
    assert api("POST", CONTACTS, {"properties": {"email": "ghost@example.com"}})[0] == 400


def test_control_merges_restores_and_deletes_with_a_journal(portal, pair) -> None:
    portal.archive("contacts", pair[0])
    portal.restore("contacts", pair[0])
    new = portal.merge("contacts", *pair)
    portal.gdpr_delete("contacts", new)
    operations = [entry.operation for entry in portal.journal.entries]
    assert operations == ["create", "create", "delete", "undelete", "merge", "gdpr-delete"]
