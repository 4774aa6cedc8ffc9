import pytest

from tests.sandbox.hubspot.conftest import Caller


@pytest.fixture
def linked(api, portal) -> tuple[str, str]:
    contact = portal.create("contacts", {"email": "a@example.com"})
    company = portal.create("companies", {"name": "Acme"})
    path = f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}"
    status, body = api("PUT", path)
    kinds = {item["from"]["id"]: item["associationSpec"] for item in body["results"]}
    assert (status, kinds[contact]["associationTypeId"]) == (200, 279)
    assert kinds[company]["associationTypeId"] == 280
    return contact, company


def test_ids_are_integers_and_labels_null(api: Caller, linked) -> None:
    contact, company = linked
    _, body = api("GET", f"/crm/v4/objects/contacts/{contact}/associations/companies")
    (link,) = body["results"]
    assert link["toObjectId"] == int(company)
    assert link["associationTypes"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None}
    ]
    _, body = api("GET", f"/crm/v4/objects/companies/{company}/associations/contacts")
    assert body["results"][0]["toObjectId"] == int(contact)


def test_objects_without_a_default_association_get_none(api: Caller, portal) -> None:
    meeting = portal.create("meetings", {"hs_timestamp": "2026-10-05T12:00:00Z"})
    deal = portal.create("deals", {"dealname": "One", "dealstage": "closedwon"})
    path = f"/crm/v4/objects/meetings/{meeting}/associations/default/deals/{deal}"
    assert api("PUT", path)[0] == 400


def test_records_without_any_are_errors_of_a_207(api: Caller, linked) -> None:
    sent = {"inputs": [{"id": linked[0]}, {"id": "5"}]}
    path = "/crm/v4/associations/contacts/companies/batch/read"
    status, body = api("POST", path, sent)
    assert (status, body["results"][0]["from"]) == (207, {"id": linked[0]})
    (error,) = body["errors"]
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["message"] == "No company is associated with contact 5."
    assert error["context"]["fromObjectId"] == ["5"]


def test_a_deleted_association_is_gone_from_both_ends(api: Caller, linked) -> None:
    contact, company = linked
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}"
    assert api("DELETE", path) == (204, None)
    _, body = api("GET", f"/crm/v4/objects/companies/{company}/associations/contacts")
    assert body["results"] == []


def test_an_archived_record_is_no_longer_associated(api: Caller, portal, linked) -> None:
    contact, company = linked
    portal.archive("contacts", contact)
    _, body = api("GET", f"/crm/v4/objects/companies/{company}/associations/contacts")
    assert body["results"] == []
    portal.restore("contacts", contact)
    _, body = api("GET", f"/crm/v4/objects/companies/{company}/associations/contacts")
    assert [link["toObjectId"] for link in body["results"]] == [int(contact)]


@pytest.mark.parametrize(("target", "kind"), [("5", 279), ("", 279), (None, 999)])
@pytest.mark.parametrize("call", ["", "/batch/create"])
def test_a_create_with_an_association_that_can_not_be_writes_nothing(
    api: Caller, portal, call: str, target: str | None, kind: int
) -> None:
    company = portal.create("companies", {"name": "Acme"})
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]
    links = [{"to": {"id": company if target is None else target}, "types": types}]
    sent = {"properties": {"email": "a@example.com"}, "associations": links}
    path = f"/crm/v3/objects/contacts{call}"
    assert api("POST", path, {"inputs": [sent]} if call else sent)[0] == 400
    assert not list(portal.store_of("contacts").all_live())


def test_associations_come_with_a_create_and_a_read(api, portal) -> None:
    company = portal.create("companies", {"name": "Acme"})
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    sent = {
        "properties": {"email": "a@example.com"},
        "associations": [{"to": {"id": company}, "types": types}],
    }
    _, made = api("POST", "/crm/v3/objects/contacts", sent)
    _, body = api("GET", f"/crm/v3/objects/contacts/{made['id']}", associations="companies")
    assert body["associations"] == {
        "companies": {"results": [{"id": company, "type": "contact_to_company"}]}
    }
