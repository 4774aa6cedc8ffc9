import pytest

from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.conftest import Caller

CONTACTS = "/crm/objects/2026-09/contacts"


def create(api: Caller, **properties: str) -> str:
    status, body = api("POST", CONTACTS, {"properties": properties})
    assert status == 201, body
    return str(body["id"])


def test_a_create_echoes_what_was_sent_and_what_hubspot_calculates(api: Caller) -> None:
    sent = {"email": "Ada@Example.com", "firstname": "Ada"}
    status, body = api("POST", CONTACTS, {"properties": sent}, headers={"host": "h"})
    assert status == 201
    properties = body["properties"]
    assert properties["email"] == "ada@example.com"
    assert properties["hs_email_domain"] == "example.com"
    assert (properties["hs_full_name_or_email"], properties["num_notes"]) == ("Ada", "0")
    assert properties["hs_object_id"] == body["id"]
    assert properties["lifecyclestage"] == "lead"
    assert properties["hs_lifecyclestage_lead_date"] == body["createdAt"] == "2026-10-05T14:30:00Z"
    assert list(properties) == sorted(properties)
    assert body["url"].endswith(f"/record/0-1/{body['id']}")
    assert api.last.headers["location"] == f"http://h{CONTACTS}/{body['id']}"


def test_names_plurals_type_ids_and_versions_lead_to_the_same_record(api: Caller) -> None:
    id = create(api, email="a@example.com")
    bases = ["/crm/v3/objects/contacts", "/crm/v3/objects/0-1", "/crm/objects/2026-03/contact"]
    bodies = [api("GET", f"{base}/{id}")[1] for base in bases]
    assert [body["id"] for body in bodies] == [id] * 3


def test_reads_sort_properties_show_unset_as_null_and_omit_unknown(api: Caller) -> None:
    id = create(api, email="a@example.com")
    _, body = api("GET", f"{CONTACTS}/{id}", properties="phone,email,nonsense")
    assert list(body["properties"].items()) == [("email", "a@example.com"), ("phone", None)]


def test_a_read_without_properties_returns_the_default_ones(api: Caller) -> None:
    _, body = api("GET", f"{CONTACTS}/{create(api, email='a@example.com')}")
    expected = {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}
    assert set(body["properties"]) == expected


def test_a_record_is_found_by_email_in_any_case(api: Caller) -> None:
    id = create(api, email="a@example.com")
    status, body = api("GET", f"{CONTACTS}/A@Example.com", idProperty="email")
    assert (status, body["id"]) == (200, id)


def test_a_record_is_not_found_by_a_property_that_is_not_unique(api: Caller) -> None:
    status, body = api("GET", f"{CONTACTS}/Ada", idProperty="firstname")
    assert (status, body["category"]) == (400, "VALIDATION_ERROR")


def test_an_unknown_numeric_id_is_a_404_without_category(api: Caller) -> None:
    status, body = api("GET", f"{CONTACTS}/1")
    assert status == 404
    assert (body["message"], body.get("category")) == ("resource not found", None)
    assert body["correlationId"] == api.last.headers["x-hubspot-correlation-id"]


def test_a_non_numeric_id_is_an_object_not_found(api: Caller) -> None:
    status, body = api("GET", f"{CONTACTS}/abc")
    assert (status, body["category"], body["context"]) == (
        404,
        "OBJECT_NOT_FOUND",
        {"id": ["abc"]},
    )


def test_an_unknown_object_type_is_a_400_without_category(api: Caller) -> None:
    status, body = api("GET", "/crm/v3/objects/unicorns")
    assert status == 400
    assert body["message"] == "Unable to infer object type from: unicorns"
    assert "category" not in body


def test_a_single_create_with_a_used_email_is_a_409_naming_the_contact(api: Caller) -> None:
    id = create(api, email="a@example.com")
    status, body = api("POST", CONTACTS, {"properties": {"email": "A@example.com"}})
    assert (status, body["category"]) == (409, "CONFLICT")
    assert body["message"] == f"Contact already exists. Existing ID: {id}"


def test_additional_emails_take_part_in_uniqueness(api: Caller, portal: Portal) -> None:
    values = {"email": "a@example.com", "hs_additional_emails": "b@example.com"}
    id = portal.create("contacts", values)
    status, body = api("POST", CONTACTS, {"properties": {"email": "b@example.com"}})
    assert (status, body["message"]) == (409, f"Contact already exists. Existing ID: {id}")


def test_an_update_to_a_used_email_is_a_400_with_both_ids(api: Caller) -> None:
    first, second = create(api, email="a@example.com"), create(api, email="b@example.com")
    sent = {"properties": {"email": "a@example.com"}}
    status, body = api("PATCH", f"{CONTACTS}/{second}", sent)
    assert (status, body["category"]) == (400, "VALIDATION_ERROR")
    assert body["message"].startswith("Cannot set PropertyValueCoordinates{portalId=")
    assert body["message"].endswith(f"on {second}. {first} already has that value.")


def test_unknown_properties_are_named_in_message_and_errors(api: Caller) -> None:
    status, body = api("POST", CONTACTS, {"properties": {"email": "a@example.com", "nope": "1"}})
    assert (status, body["category"]) == (400, "VALIDATION_ERROR")
    assert '"error":"PROPERTY_DOESNT_EXIST"' in body["message"]
    detail = body["errors"][0]
    assert (detail["code"], detail["context"]) == (
        "PROPERTY_DOESNT_EXIST",
        {"propertyName": ["nope"]},
    )


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("email", "not an address", "INVALID_EMAIL"),
        ("lifecyclestage", "Customer", "INVALID_OPTION"),
        ("followercount", "asd000", "INVALID_LONG"),
        ("closedate", "tomorrow", "INVALID_DATE"),
        ("hs_object_id", "5", "READ_ONLY_VALUE"),
        ("hubspot_owner_id", "123", "INVALID_OPTION"),
        ("hs_facebook_ad_clicked", "yes", "INVALID_OPTION"),
        ("hs_buying_role", "CHAMPION;NOBODY", "INVALID_OPTION"),
    ],
)
def test_values_of_the_wrong_kind_are_refused(
    api: Caller, name: str, value: str, code: str
) -> None:
    id = create(api, email="a@example.com")
    status, body = api("PATCH", f"{CONTACTS}/{id}", {"properties": {name: value}})
    assert (status, body["errors"][0]["code"]) == (400, code)


def test_a_contact_needs_one_of_three_properties(api: Caller) -> None:
    status, body = api("POST", CONTACTS, {"properties": {"phone": "1"}})
    codes = {error["code"] for error in body["errors"]}
    assert (status, codes) == (400, {"MISSING_REQUIRED_PROPERTY"})


def test_a_deal_needs_name_and_stage(api: Caller) -> None:
    status, body = api("POST", "/crm/v3/objects/deals", {"properties": {"dealname": "x"}})
    assert status == 400
    assert [error["context"]["propertyName"] for error in body["errors"]] == [["dealstage"]]


def test_a_company_takes_its_website_from_the_domain_and_domains_may_repeat(api: Caller) -> None:
    for _ in range(2):
        status, body = api("POST", "/crm/v3/objects/companies", {"properties": {"domain": "a.co"}})
        assert (status, body["properties"]["website"]) == (201, "a.co")


def test_an_update_returns_the_sent_values_and_moves_the_modified_stamp(api, wait) -> None:
    id = create(api, email="a@example.com")
    wait(1.5)
    status, body = api("PATCH", f"{CONTACTS}/{id}", {"properties": {"city": "Bern", "zip": 3000}})
    assert status == 200
    assert (body["properties"]["city"], body["properties"]["zip"]) == ("Bern", "3000")
    assert body["updatedAt"] == body["properties"]["lastmodifieddate"] == "2026-10-05T14:30:01.500Z"
    assert "email" not in body["properties"]


def test_an_empty_text_clears_a_value(api: Caller) -> None:
    id = create(api, email="a@example.com", city="Bern")
    api("PATCH", f"{CONTACTS}/{id}", {"properties": {"city": ""}})
    assert api("GET", f"{CONTACTS}/{id}", properties="city")[1]["properties"]["city"] is None


def test_the_lifecycle_stage_only_moves_forward_unless_cleared_first(api: Caller) -> None:
    id = create(api, email="a@example.com", lifecyclestage="customer")
    path = f"{CONTACTS}/{id}"
    api("PATCH", path, {"properties": {"lifecyclestage": "lead"}})
    assert api("GET", path, properties="lifecyclestage")[1]["properties"] == {
        "lifecyclestage": "customer"
    }
    for stage in ("", "lead"):
        api("PATCH", path, {"properties": {"lifecyclestage": stage}})
    assert api("GET", path, properties="lifecyclestage")[1]["properties"] == {
        "lifecyclestage": "lead"
    }


def test_a_leading_semicolon_appends_to_checkboxes(api: Caller) -> None:
    id = create(api, email="a@example.com", hs_buying_role="CHAMPION")
    sent = {"hs_buying_role": ";OTHER;CHAMPION"}
    _, body = api("PATCH", f"{CONTACTS}/{id}", {"properties": sent})
    assert body["properties"]["hs_buying_role"] == "CHAMPION;OTHER"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("1767225600123", "2026-01-01T00:00:00.123Z"),
        ("2026-01-31T10:00:00+02:00", "2026-01-31T08:00:00Z"),
    ],
)
def test_datetimes_are_kept_as_instants(api: Caller, sent: str, stored: str) -> None:
    id = create(api, email="a@example.com", closedate=sent)
    _, body = api("GET", f"{CONTACTS}/{id}", properties="closedate")
    assert body["properties"]["closedate"] == stored


def test_paging_visits_every_record_once_in_order_of_id(api: Caller) -> None:
    ids = [create(api, email=f"c{n}@example.com") for n in range(7)]
    seen: list[str] = []
    query = {"limit": "3"}
    while True:
        _, body = api("GET", CONTACTS, **query)
        seen += [item["id"] for item in body["results"]]
        if "paging" not in body:
            break
        query["after"] = body["paging"]["next"]["after"]
    assert seen == ids


def test_an_archived_record_is_only_read_when_asked_for(api: Caller) -> None:
    id = create(api, email="a@example.com")
    assert api("DELETE", f"{CONTACTS}/{id}") == (204, None)
    assert api("GET", f"{CONTACTS}/{id}")[0] == 404
    status, body = api("GET", f"{CONTACTS}/{id}", archived="true")
    assert (status, body["archived"]) == (200, True)
    assert "archivedAt" in body
    assert api("GET", CONTACTS)[1]["results"] == []
    assert create(api, email="a@example.com") != id


def test_history_is_newest_first(api, wait) -> None:
    id = create(api, email="a@example.com", city="Bern")
    wait(60)
    api("PATCH", f"{CONTACTS}/{id}", {"properties": {"city": "Rome"}})
    _, body = api("GET", f"{CONTACTS}/{id}", propertiesWithHistory="city")
    versions = body["propertiesWithHistory"]["city"]
    assert [version["value"] for version in versions] == ["Rome", "Bern"]
    assert versions[0]["timestamp"] == "2026-10-05T14:31:00Z"


def test_history_tells_an_app_from_a_person(api, portal) -> None:
    id = create(api, email="a@example.com", city="Bern")
    portal.update("contacts", id, {"city": "Rome"}, caller="user")
    _, body = api("GET", f"{CONTACTS}/{id}", propertiesWithHistory="city")
    theirs, ours = body["propertiesWithHistory"]["city"]
    assert (theirs["sourceType"], theirs["sourceId"]) == ("CRM_UI", "userId:61000001")
    assert (ours["sourceType"], ours["sourceId"]) == ("INTEGRATION", "guestlist")
    assert "updatedByUserId" not in ours


def test_equal_values_move_the_stamp_but_count_as_unchanged(api, portal, wait) -> None:
    id = create(api, email="a@example.com", city="Bern")
    wait(1)
    _, body = api("PATCH", f"{CONTACTS}/{id}", {"properties": {"city": "Bern"}})
    assert body["updatedAt"] == "2026-10-05T14:30:01Z"
    assert portal.journal.entries[-1].changed is False
    portal.options.noop_moves_lastmodified = False
    wait(1)
    _, body = api("PATCH", f"{CONTACTS}/{id}", {"properties": {"city": "Bern"}})
    assert body["updatedAt"] == "2026-10-05T14:30:01Z"


def test_every_accepted_write_is_journalled_with_its_caller(api, portal) -> None:
    headers = {"x-request-id": "r-1"}
    sent = {"properties": {"email": "a@example.com"}}
    _, body = api("POST", CONTACTS, sent, headers=headers)
    api("POST", CONTACTS, sent, headers=headers)
    (entry,) = portal.journal.entries
    assert (entry.crm, entry.operation, entry.type) == ("hubspot", "create", "contact")
    assert (entry.id, entry.contact_id) == (body["id"], body["id"])
    assert (entry.caller, entry.request_id) == ("guestlist", "r-1")
    assert entry.fields == {"email": "a@example.com"}


def test_a_seeder_may_plant_what_the_api_refuses(api, portal) -> None:
    first = portal.create("contacts", {"email": "no address", "lastname": "x" * 300})
    second = portal.create("contacts", {"email": "no address"})
    assert first != second
    _, body = api("GET", f"{CONTACTS}/{first}")
    assert body["properties"]["email"] == "no address"
    assert portal.journal.entries[0].caller == "sandbox"


def test_bad_json_is_a_400(api: Caller) -> None:
    status, body = api("POST", CONTACTS, b"{")
    assert status == 400
    assert body["message"].startswith("Invalid input JSON on line 1, column 1: ")
    assert "category" not in body


def test_a_known_path_with_another_method_is_a_405(api: Caller) -> None:
    assert api("PUT", CONTACTS)[0] == 405
    assert api("GET", "/crm/objects/2019-01/contacts")[0] == 404
