import pytest

from tests.sandbox.hubspot.conftest import Caller
from tests.sandbox.hubspot.filter_branches import where

PROPERTIES = "/crm/properties/2026-09/contacts"
FAVOURITE = {
    "name": "favourite",
    "label": "Favourite",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "contactinformation",
    "options": [{"label": "Red", "value": "red"}, {"label": "Blue", "value": "blue"}],
}


def test_stock_properties_are_listed_with_their_types(api: Caller) -> None:
    _, body = api("GET", "/crm/v3/properties/0-1")
    found = {item["name"]: item for item in body["results"]}
    email, stage = found["email"], found["lifecyclestage"]
    assert (email["type"], email["fieldType"], email["hubspotDefined"]) == ("string", "text", True)
    assert [option["value"] for option in stage["options"]][:2] == ["subscriber", "lead"]
    assert found["hs_object_id"]["modificationMetadata"]["readOnlyValue"] is True


def test_a_property_is_created_and_used(api: Caller) -> None:
    status, body = api("POST", PROPERTIES, FAVOURITE)
    assert (status, body["name"]) == (201, "favourite")
    sent = {"properties": {"email": "a@example.com", "favourite": "green"}}
    _, body = api("POST", "/crm/v3/objects/contacts", sent)
    assert body["errors"][0]["code"] == "INVALID_OPTION"
    sent["properties"]["favourite"] = "red"
    assert api("POST", "/crm/v3/objects/contacts", sent)[0] == 201


def test_a_name_exists_once_until_archived(api: Caller) -> None:
    api("POST", PROPERTIES, FAVOURITE)
    status, body = api("POST", PROPERTIES, FAVOURITE)
    assert (status, body["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    assert body["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
    assert api("DELETE", f"{PROPERTIES}/favourite") == (204, None)
    assert api("GET", f"{PROPERTIES}/favourite")[0] == 404
    assert api("GET", f"{PROPERTIES}/favourite", archived="true")[0] == 200
    assert api("POST", PROPERTIES, FAVOURITE)[0] == 201


def test_an_unknown_property_is_a_404(api: Caller) -> None:
    status, body = api("GET", f"{PROPERTIES}/nope")
    assert (status, body["category"]) == (404, "OBJECT_NOT_FOUND")


def test_a_patch_replaces_options_only_when_it_carries_them(api: Caller) -> None:
    api("POST", PROPERTIES, FAVOURITE)
    path = f"{PROPERTIES}/favourite"
    _, body = api("PATCH", path, {"label": "Best"})
    assert (body["label"], len(body["options"])) == ("Best", 2)
    _, body = api("PATCH", path, {"options": [{"label": "Green", "value": "green"}]})
    assert [option["value"] for option in body["options"]] == ["green"]


def test_a_property_in_a_filter_can_not_be_archived(api, portal) -> None:
    api("POST", PROPERTIES, FAVOURITE)
    branch = where("favourite", "ENUMERATION", "IS_ANY_OF", values=["red"])
    portal.create_list("Reds", branch)
    status, body = api("DELETE", f"{PROPERTIES}/favourite")
    assert status == 400
    assert body["subCategory"] == "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"


@pytest.mark.parametrize(
    "change",
    [{"type": "money"}, {"groupName": "nope"}, {"name": "Bad Name"}, {"label": ""}],
)
def test_bad_definitions_are_refused(api: Caller, change: dict[str, str]) -> None:
    assert api("POST", PROPERTIES, {**FAVOURITE, **change})[0] == 400


def test_ten_unique_properties_and_no_more(api: Caller) -> None:
    statuses = []
    for number in range(11):
        sent = {**FAVOURITE, "type": "string", "fieldType": "text", "name": f"u{number}"}
        statuses.append(api("POST", PROPERTIES, {**sent, "hasUniqueValue": True})[0])
    assert statuses == [201] * 10 + [400]


def test_a_new_property_is_seen_after_its_lag(api, portal, wait) -> None:
    portal.options.property_lag = 0.7
    api("POST", PROPERTIES, FAVOURITE)
    assert api("GET", f"{PROPERTIES}/favourite")[0] == 404
    sent = {"properties": {"email": "a@example.com", "favourite": "red"}}
    assert api("POST", "/crm/v3/objects/contacts", sent)[0] == 400
    wait(0.7)
    assert api("GET", f"{PROPERTIES}/favourite")[0] == 200
    assert api("POST", "/crm/v3/objects/contacts", sent)[0] == 201


def test_batches_read_create_and_archive(api: Caller) -> None:
    batch = f"{PROPERTIES}/batch"
    assert api("POST", f"{batch}/create", {"inputs": [FAVOURITE]})[0] == 201
    names = [{"name": name} for name in ("favourite", "email", "nope")]
    status, body = api("POST", f"{batch}/read", {"inputs": names, "archived": False})
    assert (status, len(body["results"]), body["numErrors"]) == (207, 2, 1)
    assert api("POST", f"{batch}/archive", {"inputs": names[:1]}) == (204, None)


def test_groups_are_made_renamed_and_removed_when_empty(api: Caller) -> None:
    groups = f"{PROPERTIES}/groups"
    assert api("POST", groups, {"name": "mine", "label": "Mine"})[0] == 201
    assert api("POST", groups, {"name": "mine", "label": "Mine"})[0] == 409
    assert api("PATCH", f"{groups}/mine", {"label": "Ours"})[1]["label"] == "Ours"
    assert {"mine", "contactinformation"} <= {
        item["name"] for item in api("GET", groups)[1]["results"]
    }
    assert api("DELETE", f"{groups}/mine") == (204, None)
    assert api("GET", f"{groups}/mine")[0] == 404
    status, body = api("DELETE", f"{groups}/contactinformation")
    assert status == 400
    assert body["subCategory"] == "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"
