import pytest

from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.conftest import Caller

BATCH = "/crm/v3/objects/contacts/batch"


def plant(portal: Portal, count: int) -> list[str]:
    return [portal.create("contacts", {"email": f"c{n}@example.com"}) for n in range(count)]


def named(id: str, **properties: str) -> dict[str, object]:
    return {"id": id, "properties": properties}


def test_results_come_in_another_order_than_the_inputs(api, portal) -> None:
    ids = plant(portal, 20)
    _, body = api("POST", f"{BATCH}/read", {"inputs": [{"id": id} for id in ids]})
    found = [item["id"] for item in body["results"]]
    assert sorted(found) == sorted(ids)
    assert found != ids
    assert body["status"] == "COMPLETE"


def test_the_order_is_kept_when_the_switch_says_so(api, portal) -> None:
    ids = plant(portal, 20)
    portal.options.shuffle_batches = False
    _, body = api("POST", f"{BATCH}/read", {"inputs": [{"id": id} for id in ids]})
    assert [item["id"] for item in body["results"]] == ids


def test_a_read_names_the_missing_ids_in_a_207(api, portal) -> None:
    (id,) = plant(portal, 1)
    status, body = api("POST", f"{BATCH}/read", {"inputs": [{"id": id}, {"id": "5"}, {"id": "6"}]})
    assert (status, body["numErrors"], len(body["results"])) == (207, 1, 1)
    (error,) = body["errors"]
    assert error["category"] == "OBJECT_NOT_FOUND"
    assert error["message"].startswith("Could not get some CONTACT objects")
    assert error["context"]["ids"] == ["5", "6"]


def test_a_read_by_email_finds_additional_addresses(api, portal) -> None:
    values = {"email": "a@example.com", "hs_additional_emails": "b@example.com"}
    id = portal.create("contacts", values)
    sent = {"idProperty": "email", "properties": ["email"], "inputs": [{"id": "B@example.com"}]}
    status, body = api("POST", f"{BATCH}/read", sent)
    assert (status, [item["id"] for item in body["results"]]) == (200, [id])


def test_archived_records_are_read_when_asked_for(api, portal) -> None:
    (id,) = plant(portal, 1)
    portal.archive("contacts", id)
    assert api("POST", f"{BATCH}/read", {"inputs": [{"id": id}]})[0] == 207
    assert api("POST", f"{BATCH}/read", {"inputs": [{"id": id}]}, archived="true")[0] == 200


@pytest.mark.parametrize("call", ["read", "create", "update", "upsert", "archive"])
def test_more_than_a_hundred_inputs_are_refused(api: Caller, call: str) -> None:
    inputs = [{"id": str(n), "properties": {}} for n in range(101)]
    status, body = api("POST", f"{BATCH}/{call}", {"inputs": inputs})
    assert (status, body["category"]) == (400, "VALIDATION_ERROR")
    assert "maximum number of inputs supported in a batch is 100" in body["message"]


def test_reads_with_history_take_fifty(api: Caller) -> None:
    sent = {"inputs": [{"id": str(n)} for n in range(51)], "propertiesWithHistory": ["email"]}
    status, body = api("POST", f"{BATCH}/read", sent)
    assert status == 400
    assert "batch request for property histories is 50" in body["message"]


def test_a_create_is_a_201(api: Caller) -> None:
    sent = {"inputs": [{"properties": {"email": "a@example.com"}, "objectWriteTraceId": "t"}]}
    status, body = api("POST", f"{BATCH}/create", sent)
    assert (status, body["results"][0]["properties"]["email"]) == (201, "a@example.com")
    assert "numErrors" not in body


@pytest.mark.parametrize(("switch", "told"), [({}, None), ({"echo_trace_ids": True}, "t")])
def test_results_do_not_repeat_their_trace_id_unless_told_to(
    api: Caller, portal: Portal, switch: dict[str, bool], told: str | None
) -> None:
    portal.options.update(switch)
    sent = {"inputs": [{"properties": {"email": "a@example.com"}, "objectWriteTraceId": "t"}]}
    _, body = api("POST", f"{BATCH}/create", sent)
    assert body["results"][0].get("objectWriteTraceId") == told


def test_without_trace_ids_one_known_email_fails_the_whole_create(api, portal) -> None:
    plant(portal, 1)
    emails = ["new@example.com", "c0@example.com"]
    sent = {"inputs": [{"properties": {"email": email}} for email in emails]}
    status, body = api("POST", f"{BATCH}/create", sent)
    assert (status, body["message"], body["category"]) == (
        409,
        "Contact already exists",
        "CONFLICT",
    )
    assert len(portal.store_of("contacts").records) == 1


def test_with_trace_ids_each_create_succeeds_or_fails_alone(api, portal) -> None:
    (id,) = plant(portal, 1)
    inputs = [
        {"properties": {"email": "c0@example.com"}, "objectWriteTraceId": "0"},
        {"properties": {"email": "new@example.com"}, "objectWriteTraceId": "1"},
        {"properties": {"email": "bad"}, "objectWriteTraceId": "2"},
    ]
    status, body = api("POST", f"{BATCH}/create", {"inputs": inputs})
    assert (status, body["numErrors"], len(body["results"])) == (207, 2, 1)
    conflict, invalid = body["errors"]
    assert conflict["category"] == "CONFLICT"
    assert conflict["context"] == {"objectWriteTraceId": ["0"], "existingId": [id]}
    assert invalid["category"] == "VALIDATION_ERROR"
    assert invalid["context"]["objectWriteTraceId"] == ["2"]


def test_equal_trace_ids_count_as_none(api, portal) -> None:
    plant(portal, 1)
    inputs = [
        {"properties": {"email": email}, "objectWriteTraceId": "0"}
        for email in ("c0@example.com", "new@example.com")
    ]
    assert api("POST", f"{BATCH}/create", {"inputs": inputs})[0] == 409


def test_two_inputs_can_not_take_one_email(api, portal) -> None:
    sent = {"inputs": [{"properties": {"email": "a@example.com"}}] * 2}
    assert api("POST", f"{BATCH}/create", sent)[0] == 409
    assert not portal.store_of("contacts").records


def test_an_update_of_an_unknown_id_is_a_207_even_without_trace_ids(api, portal) -> None:
    (id,) = plant(portal, 1)
    inputs = [named(id, city="Bern"), named("5", city="Rome")]
    status, body = api("POST", f"{BATCH}/update", {"inputs": inputs})
    assert (status, body["numErrors"]) == (207, 1)
    assert body["errors"][0]["context"]["ids"] == ["5"]
    assert [item["id"] for item in body["results"]] == [id]


def test_without_trace_ids_one_bad_value_fails_the_whole_update(api, portal) -> None:
    one, two = plant(portal, 2)
    inputs = [named(one, city="Bern"), named(two, nope="1")]
    status, _ = api("POST", f"{BATCH}/update", {"inputs": inputs})
    assert status == 400
    assert "city" not in portal.store_of("contacts").records[one].values


def test_with_trace_ids_the_good_updates_are_applied(api, portal) -> None:
    one, two = plant(portal, 2)
    inputs = [
        {**named(one, city="Bern"), "objectWriteTraceId": "a"},
        {**named(two, nope="1"), "objectWriteTraceId": "b"},
    ]
    status, body = api("POST", f"{BATCH}/update", {"inputs": inputs})
    assert status == 207
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["b"]
    assert portal.store_of("contacts").records[one].values["city"] == "Bern"


def test_repeated_ids_are_refused(api, portal) -> None:
    (id,) = plant(portal, 1)
    status, body = api("POST", f"{BATCH}/update", {"inputs": [named(id, city="x")] * 2})
    assert status == 400
    assert body["message"] == f"Duplicate IDs found in batch input: [{id}]. IDs must be unique"


def test_contacts_are_not_batch_updated_by_email(api, portal) -> None:
    plant(portal, 1)
    item = {"id": "c0@example.com", "idProperty": "email", "properties": {"city": "Bern"}}
    status, body = api("POST", f"{BATCH}/update", {"inputs": [item]})
    assert status == 400
    assert body["message"] == "Unable to perform update by non-unique 0-1 property"


def test_an_upsert_says_which_records_are_new(api, portal) -> None:
    (id,) = plant(portal, 1)
    inputs = [
        {"id": email, "idProperty": "email", "properties": {"city": "Bern"}}
        for email in ("c0@example.com", "new@example.com")
    ]
    status, body = api("POST", f"{BATCH}/upsert", {"inputs": inputs})
    assert status == 200
    new = {item["id"]: item["new"] for item in body["results"]}
    assert new.pop(id) is False
    assert list(new.values()) == [True]


def test_an_upsert_by_a_custom_unique_property_creates_once(api, portal) -> None:
    portal.add_property(
        "contacts", {"name": "sf_id", "label": "Id", "type": "string", "hasUniqueValue": True}
    )
    item = {"id": "003A", "idProperty": "sf_id", "properties": {"lastname": "Doe"}}
    _, first = api("POST", f"{BATCH}/upsert", {"inputs": [item]})
    _, second = api("POST", f"{BATCH}/upsert", {"inputs": [item]})
    assert first["results"][0]["id"] == second["results"][0]["id"]
    assert [body["results"][0]["new"] for body in (first, second)] == [True, False]


def test_an_upsert_by_a_property_that_is_not_unique_is_refused(api: Caller) -> None:
    item = {"id": "Ada", "idProperty": "firstname", "properties": {}}
    status, body = api("POST", f"{BATCH}/upsert", {"inputs": [item]})
    assert (status, body["message"]) == (
        400,
        "Unable to perform upsert by non-unique 0-1 property",
    )


def test_upserts_by_email_can_be_refused(api, portal) -> None:
    portal.options.refuse_upsert_by_email = True
    item = {"id": "a@example.com", "idProperty": "email", "properties": {}}
    assert api("POST", f"{BATCH}/upsert", {"inputs": [item]})[0] == 400


def test_a_batch_archive_answers_with_an_empty_body(api, portal) -> None:
    ids = plant(portal, 2)
    sent = {"inputs": [{"id": id} for id in [*ids, "5"]]}
    assert api("POST", f"{BATCH}/archive", sent) == (204, None)
    assert not list(portal.store_of("contacts").all_live())
