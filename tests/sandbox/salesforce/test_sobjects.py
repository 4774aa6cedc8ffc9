from datetime import UTC, datetime, timedelta

import pytest

from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import FieldSpec
from tests.sandbox.salesforce.caller import Caller

KEY = "HubSpot_Contact_Id__c"


def test_a_create_answers_201_with_its_place(caller: Caller, org: Org) -> None:
    answer = caller.call("POST", "sobjects/Contact", {"LastName": "Meier"})
    record_id = answer.body["id"]
    assert (answer.status, answer.body) == (201, {"id": record_id, "success": True, "errors": []})
    assert answer.headers["location"] == f"/services/data/v67.0/sobjects/Contact/{record_id}"
    assert org.find(record_id[:15]) is org.find(record_id)


def test_a_read_shows_all_fields_or_those_asked_for(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "Meier", "FirstName": "Ada"})
    everything = caller.call("GET", f"sobjects/Contact/{made}").body
    assert everything["Name"] == "Ada Meier"
    assert len(everything) == len(org.table("Contact").spec.fields) + 1
    some = caller.call("GET", f"sobjects/Contact/{made[:15]}", query={"fields": "LastName,Email"})
    assert some.body == {
        "attributes": {
            "type": "Contact",
            "url": f"/services/data/v67.0/sobjects/Contact/{made}",
        },
        "LastName": "Meier",
        "Email": None,
    }


def test_a_patch_answers_204_and_moves_the_stamp(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "Meier"})
    org.clock.move(timedelta(minutes=1))
    before = caller.call("GET", f"sobjects/Contact/{made}").body["SystemModstamp"]
    answer = caller.call("PATCH", f"sobjects/Contact/{made}", {"Title": "CEO"})
    assert (answer.status, answer.body) == (204, b"")
    after = caller.call("GET", f"sobjects/Contact/{made}").body
    assert after["Title"] == "CEO"
    assert after["SystemModstamp"] > before
    assert after["SystemModstamp"].endswith(".000+0000")


def test_a_delete_answers_204_then_404(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "Meier"})
    path = f"sobjects/Contact/{made}"
    assert caller.call("DELETE", path).status == 204
    for method in ("GET", "PATCH", "DELETE"):
        answer = caller.call(method, path, {} if method == "PATCH" else None)
        assert (answer.status, answer.body[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_unknown_ids_answer_404_in_their_own_words(caller: Caller) -> None:
    missing = "0035gB00000zzzzQAA"
    answer = caller.call("GET", "sobjects/Contact/0035gB00000zzzz")
    assert answer.body[0]["errorCode"] == "NOT_FOUND"
    answer = caller.call("DELETE", "sobjects/Contact/0035gB00000zzzz")
    assert (answer.status, answer.body[0]["errorCode"]) == (404, "INVALID_CROSS_REFERENCE_KEY")
    answer = caller.call("GET", f"sobjects/Contact/{missing[:-1]}")
    assert answer.body[0]["message"].startswith("Provided external ID field does not exist")


@pytest.mark.parametrize(
    ("version", "created", "updated"),
    [("45.0", (201, False), 204), ("46.0", (201, True), 200), ("67.0", (201, True), 200)],
)
def test_an_upsert_answers_by_version(
    caller: Caller, version: str, created: tuple[int, bool], updated: int
) -> None:
    caller.version = version
    path = f"sobjects/Contact/{KEY}/42"
    first = caller.call("PATCH", path, {"LastName": "Meier"})
    assert (first.status, "created" in first.body) == created
    second = caller.call("PATCH", path, {"LastName": "Maier"})
    assert second.status == updated
    if updated == 200:
        assert second.body == first.body | {"created": False}
    assert caller.rows(f"SELECT LastName, {KEY} FROM Contact") == [{"LastName": "Maier", KEY: "42"}]


def test_an_upsert_only_for_updates_creates_nothing(caller: Caller) -> None:
    path = f"sobjects/Contact/{KEY}/42"
    answer = caller.call("PATCH", path, {"LastName": "M"}, query={"updateOnly": "true"})
    assert (answer.status, answer.body[0]["errorCode"]) == (404, "NOT_FOUND")
    assert caller.rows("SELECT Id FROM Contact") == []


def test_a_key_that_matches_several_answers_300_and_writes_nothing(
    caller: Caller, org: Org
) -> None:
    made = [org.insert("Contact", {"LastName": "M", "Email": "m@x.example"}) for _ in range(2)]
    answer = caller.call("PATCH", "sobjects/Contact/Email/M@x.example", {"LastName": "N"})
    assert answer.status == 300
    assert answer.body == [f"/services/data/v67.0/sobjects/Contact/{each}" for each in made]
    assert caller.rows("SELECT LastName FROM Contact") == [{"LastName": "M"}] * 2


def test_a_field_that_is_no_key_answers_404(caller: Caller) -> None:
    answer = caller.call("PATCH", "sobjects/Contact/Phone/1", {"LastName": "M"})
    assert answer.status == 404
    assert answer.body == [
        {
            "message": "Provided external ID field does not exist or is not accessible: Phone",
            "errorCode": "NOT_FOUND",
        }
    ]


def test_a_record_is_read_and_deleted_by_its_key(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M", KEY: "a/b"})
    assert caller.call("GET", f"sobjects/Contact/{KEY}/a/b").body["Id"] == made
    assert caller.call("DELETE", f"sobjects/Contact/{KEY}/a/b").status == 204
    assert caller.call("GET", f"sobjects/Contact/{KEY}/a/b").status == 404


def test_the_key_may_not_be_sent_twice(caller: Caller) -> None:
    answer = caller.call("PATCH", f"sobjects/Contact/{KEY}/1", {"LastName": "M", KEY: "2"})
    assert answer.body[0]["errorCode"] == "INVALID_FIELD"


def test_a_parent_can_be_named_by_its_key(caller: Caller, org: Org) -> None:
    org.add_field("Account", FieldSpec("Key__c", "Key", length=20, external_id=True))
    account = org.insert("Account", {"Name": "Acme", "Key__c": "A1"})
    made = caller.call("POST", "sobjects/Contact", {"LastName": "M", "Account": {"Key__c": "A1"}})
    assert org.find(made.body["id"]).values["AccountId"] == account  # type: ignore[union-attr]
    missing = caller.call("POST", "sobjects/Contact", {"LastName": "M", "Account": {"Key__c": "B"}})
    assert missing.body[0]["message"].startswith("Foreign key external ID: B not found")


def test_a_read_since_the_last_change_answers_304(caller: Caller, org: Org) -> None:
    org.clock.freeze(datetime(2026, 3, 1, tzinfo=UTC))
    made = org.insert("Contact", {"LastName": "M"})
    path = f"sobjects/Contact/{made}"
    known = caller.call("GET", path).headers["last-modified"]
    assert known == "Sun, 01 Mar 2026 00:00:00 GMT"
    answer = caller.call("GET", path, headers={"if-modified-since": known})
    assert (answer.status, answer.body) == (304, b"")
    org.clock.move(timedelta(seconds=1))
    org.update(made, {"Title": "CEO"})
    assert caller.call("GET", path, headers={"if-modified-since": known}).status == 200


def test_a_write_over_a_newer_change_answers_412(caller: Caller, org: Org) -> None:
    org.clock.freeze(datetime(2026, 3, 1, tzinfo=UTC))
    made = org.insert("Contact", {"LastName": "M"})
    seen = {"if-unmodified-since": "Sat, 28 Feb 2026 23:59:59 GMT"}
    assert caller.call("PATCH", f"sobjects/Contact/{made}", {}, headers=seen).status == 412
    seen = {"if-unmodified-since": "Sun, 01 Mar 2026 00:00:00 GMT"}
    assert caller.call("PATCH", f"sobjects/Contact/{made}", {}, headers=seen).status == 204


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "sobjects/Contact", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "limits", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "sobjects/Nothing", 404, "NOT_FOUND"),
        ("GET", "tooling/query", 404, "NOT_FOUND"),
    ],
)
def test_wrong_addresses_are_refused(
    caller: Caller, method: str, path: str, status: int, code: str
) -> None:
    answer = caller.call(method, path)
    assert (answer.status, answer.body[0]["errorCode"]) == (status, code)


def test_object_and_field_names_have_no_case(caller: Caller) -> None:
    answer = caller.call("POST", "sobjects/contact", {"lastname": "M"})
    assert answer.status == 201
    assert caller.rows("select lastNAME from CONTACT") == [{"LastName": "M"}]
