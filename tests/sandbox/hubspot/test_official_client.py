"""The vendor's own client, unmodified, against the sandbox over a socket: records and lists."""

from typing import Any

import pytest

from sandbox.mount import Addresses
from sandbox.world import World
from tests.sandbox.hubspot.filter_branches import CUSTOMERS, where

hubspot = pytest.importorskip("hubspot")
contacts_sdk = pytest.importorskip("hubspot.crm.contacts")
lists_sdk = pytest.importorskip("hubspot.crm.lists")


@pytest.fixture
def client(served: Addresses, world: World) -> Any:
    return hubspot.HubSpot(access_token=world.credentials.hubspot_token, host=served.hubspot)


@pytest.fixture
def contacts(client: Any) -> Any:
    return client.crm.contacts


def new_contact(contacts: Any, **properties: str) -> Any:
    sent = contacts_sdk.SimplePublicObjectInputForCreate(properties=properties, associations=[])
    return contacts.basic_api.create(sent)


def test_a_contact_lives_from_create_to_archive(contacts: Any) -> None:
    made = new_contact(contacts, email="ada@example.com", firstname="Ada")
    assert made.properties["hs_email_domain"] == "example.com"
    api = contacts.basic_api
    sent = contacts_sdk.SimplePublicObjectInput(properties={"city": "Bern"})
    assert api.update(made.id, sent).properties["city"] == "Bern"
    read = api.get_by_id("ada@example.com", id_property="email", properties=["city", "phone"])
    assert (read.id, read.properties) == (made.id, {"city": "Bern", "phone": None})
    assert [item.id for item in contacts.get_all()] == [made.id]
    api.archive(made.id)
    with pytest.raises(contacts_sdk.ApiException) as caught:
        api.get_by_id(made.id)
    assert caught.value.status == 404


def test_conflicts_and_bad_values_arrive_as_api_exceptions(contacts: Any) -> None:
    made = new_contact(contacts, email="ada@example.com")
    with pytest.raises(contacts_sdk.ApiException) as caught:
        new_contact(contacts, email="ada@example.com")
    assert caught.value.status == 409
    assert f"Existing ID: {made.id}" in caught.value.body
    with pytest.raises(contacts_sdk.ApiException) as caught:
        new_contact(contacts, email="nobody")
    assert (caught.value.status, "INVALID_EMAIL" in caught.value.body) == (400, True)


def test_batches_create_read_update_upsert_and_archive(contacts: Any) -> None:
    api = contacts.batch_api
    inputs = [
        contacts_sdk.SimplePublicObjectBatchInputForCreate(
            properties={"email": f"c{n}@example.com"}, associations=[]
        )
        for n in range(10)
    ]
    made = api.create(contacts_sdk.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    ids = [item.id for item in made.results]
    assert len(ids) == 10
    read = api.read(
        contacts_sdk.BatchReadInputSimplePublicObjectId(
            properties=["email"],
            properties_with_history=[],
            inputs=[contacts_sdk.SimplePublicObjectId(id=id) for id in [*ids, "5"]],
        )
    )
    assert {item.id for item in read.results} == set(ids)
    assert read.num_errors == 1
    changes = [
        contacts_sdk.SimplePublicObjectBatchInput(id=id, properties={"city": "Bern"}) for id in ids
    ]
    updated = api.update(contacts_sdk.BatchInputSimplePublicObjectBatchInput(inputs=changes))
    assert {item.properties["city"] for item in updated.results} == {"Bern"}
    upserts = [
        contacts_sdk.SimplePublicObjectBatchInputUpsert(
            id=f"c{n}@example.com", id_property="email", properties={"city": "Rome"}
        )
        for n in (9, 10)
    ]
    result = api.upsert(contacts_sdk.BatchInputSimplePublicObjectBatchInputUpsert(inputs=upserts))
    assert sorted(item.new for item in result.results) == [False, True]
    gone = [contacts_sdk.SimplePublicObjectId(id=id) for id in ids]
    api.archive(contacts_sdk.BatchInputSimplePublicObjectId(inputs=gone))
    assert len(contacts.get_all()) == 1


def test_search_finds_by_email(contacts: Any) -> None:
    made = new_contact(contacts, email="ada@example.com")
    filter = contacts_sdk.Filter(property_name="email", operator="EQ", value="ada@example.com")
    group = contacts_sdk.FilterGroup(filters=[filter])
    request = contacts_sdk.PublicObjectSearchRequest(filter_groups=[group], limit=10)
    found = contacts.search_api.do_search(request)
    assert (found.total, found.results[0].id) == (1, made.id)


def test_what_fails_in_a_batch_with_trace_ids_is_told_apart(contacts: Any) -> None:
    made = new_contact(contacts, email="ada@example.com")
    inputs = [
        contacts_sdk.SimplePublicObjectBatchInputForCreate(
            properties={"email": email}, associations=[], object_write_trace_id=email[0]
        )
        for email in ("ada@example.com", "bob@example.com", "nobody")
    ]
    sent = contacts_sdk.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)
    answer = contacts.batch_api.create(sent)
    assert [item.properties["email"] for item in answer.results] == ["bob@example.com"]
    assert answer.num_errors == 2
    conflict, invalid = answer.errors
    assert (conflict.category, conflict.context["existingId"]) == ("CONFLICT", [made.id])
    assert (invalid.category, invalid.context) == (
        "VALIDATION_ERROR",
        {"objectWriteTraceId": ["n"]},
    )


def test_an_address_with_a_slash_is_one_word_of_the_path(contacts: Any) -> None:
    made = new_contact(contacts, email="r/d@example.com")
    assert contacts.basic_api.get_by_id("r/d@example.com", id_property="email").id == made.id


def test_history_and_associations_come_with_a_read(contacts: Any, client: Any) -> None:
    companies_sdk = pytest.importorskip("hubspot.crm.companies")
    sent = companies_sdk.SimplePublicObjectInputForCreate(
        properties={"name": "Acme"}, associations=[]
    )
    company = client.crm.companies.basic_api.create(sent)
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    made = contacts.basic_api.create(
        contacts_sdk.SimplePublicObjectInputForCreate(
            properties={"email": "ada@example.com", "city": "Bern"},
            associations=[{"to": {"id": company.id}, "types": types}],
        )
    )
    changed = contacts_sdk.SimplePublicObjectInput(properties={"city": "Rome"})
    contacts.basic_api.update(made.id, changed)
    read = contacts.basic_api.get_by_id(
        made.id, properties_with_history=["city"], associations=["companies"]
    )
    assert [item.value for item in read.properties_with_history["city"]] == ["Rome", "Bern"]
    assert [item.id for item in read.associations["companies"].results] == [company.id]


def test_a_person_is_forgotten_and_can_not_be_made_again(contacts: Any) -> None:
    made = new_contact(contacts, email="ada@example.com")
    request = contacts_sdk.PublicGdprDeleteInput(object_id="ada@example.com", id_property="email")
    contacts.basic_api.purge(request)
    for again in (
        lambda: contacts.basic_api.get_by_id(made.id, archived=True),
        lambda: new_contact(contacts, email="ada@example.com"),
    ):
        with pytest.raises(contacts_sdk.ApiException) as caught:
            again()
        assert caught.value.status in {400, 404}


def test_a_merge_returns_the_new_record(contacts: Any, client: Any) -> None:
    ids = [new_contact(contacts, email=f"c{n}@example.com").id for n in range(2)]
    merge = contacts_sdk.PublicMergeInput(primary_object_id=ids[0], object_id_to_merge=ids[1])
    merged = contacts.basic_api.merge(merge)
    assert merged.id not in ids
    assert contacts.basic_api.get_by_id(ids[1]).id == merged.id


def test_a_list_is_made_found_and_read(contacts: Any, client: Any) -> None:
    id = new_contact(contacts, email="ada@example.com", lifecyclestage="customer").id
    api = client.crm.lists.lists_api
    request = lists_sdk.ListCreateRequest(
        name="Customers", object_type_id="0-1", processing_type="DYNAMIC", filter_branch=CUSTOMERS
    )
    made = api.create(request).list
    assert made.processing_status == "COMPLETE"
    by_name = api.get_by_name(list_name="customers", object_type_id="0-1").list
    assert by_name.list_id == made.list_id
    search = lists_sdk.ListSearchRequest(query="cust", offset=0, additional_properties=[])
    assert [item.list_id for item in api.do_search(search).lists] == [made.list_id]
    page = client.crm.lists.memberships_api.get_page(made.list_id, limit=250)
    assert [item.record_id for item in page.results] == [id]
    lists = client.crm.lists.memberships_api.get_lists("0-1", id)
    assert [item.list_id for item in lists.results] == [made.list_id]
    api.remove(made.list_id)
    with pytest.raises(lists_sdk.ApiException) as caught:
        api.get_by_id(made.list_id)
    assert caught.value.status == 404


def test_a_list_lives_through_its_calls(contacts: Any, client: Any) -> None:
    ids = [
        new_contact(contacts, email=f"c{n}@example.com", lifecyclestage="customer").id
        for n in range(3)
    ]
    api, members = client.crm.lists.lists_api, client.crm.lists.memberships_api
    request = lists_sdk.ListCreateRequest(
        name="Old / new", object_type_id="0-1", processing_type="DYNAMIC", filter_branch=CUSTOMERS
    )
    made = api.create(request).list.list_id
    assert api.get_by_name(list_name="old / NEW", object_type_id="0-1").list.list_id == made
    assert api.update_name(made, list_name="Customers").updated_list.name == "Customers"
    read = api.get_by_id(made, include_filters=True).list
    assert read.filter_branch.filter_branch_type == "OR"
    known = where("email", "ALL_PROPERTY", "IS_KNOWN")
    changed = lists_sdk.ListFilterUpdateRequest(filter_branch=known)
    assert api.update_list_filters(made, changed).updated_list.list_version == 2
    walked, after = [], None
    while True:
        page = members.get_page_ordered_by_added_to_list_date(made, limit=2, after=after)
        walked += [item.record_id for item in page.results]
        if page.paging is None or page.paging.next is None:
            break
        after = page.paging.next.after
    assert walked == ids
    with pytest.raises(lists_sdk.ApiException) as caught:
        members.add(made, [ids[0]])
    assert caught.value.status == 400
    api.remove(made)
    api.restore(made)
    assert [item.list_id for item in api.get_all(list_ids=[made]).lists] == [made]


def test_members_of_a_manual_list_are_added_and_removed(contacts: Any, client: Any) -> None:
    id = new_contact(contacts, email="ada@example.com").id
    request = lists_sdk.ListCreateRequest(
        name="Manual", object_type_id="0-1", processing_type="MANUAL"
    )
    made = client.crm.lists.lists_api.create(request).list
    api = client.crm.lists.memberships_api
    assert api.add(made.list_id, [id]).records_ids_added == [id]
    assert api.remove(made.list_id, [id]).record_ids_removed == [id]
    change = lists_sdk.MembershipChangeRequest(record_ids_to_add=[id, "5"], record_ids_to_remove=[])
    changed = api.add_and_remove(made.list_id, change)
    assert (changed.records_ids_added, changed.record_ids_missing) == ([id], ["5"])
    api.remove_all(made.list_id)
    assert api.get_page(made.list_id).results == []
