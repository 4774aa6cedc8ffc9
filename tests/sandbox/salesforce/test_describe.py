from datetime import timedelta
from email.utils import format_datetime

import pytest

from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import FieldSpec
from tests.sandbox.salesforce.caller import Caller

LATER = "Wed, 01 Jan 2098 00:00:00 GMT"


@pytest.mark.parametrize("path", ["sobjects", "sobjects/Contact/describe"])
def test_a_schema_that_has_not_changed_is_a_304(caller: Caller, path: str) -> None:
    first = caller.call("GET", path)
    assert first.status == 200
    since = first.headers["last-modified"]
    again = caller.call("GET", path, headers={"if-modified-since": since})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["last-modified"] == since
    old = caller.call("GET", path, headers={"if-modified-since": "Tue, 01 Jan 2019 00:00:00 GMT"})
    assert old.status == 200
    assert caller.call("GET", path, headers={"if-modified-since": "soon"}).status == 200


def test_a_new_field_is_a_changed_schema(caller: Caller, org: Org) -> None:
    org.clock.freeze()
    since = format_datetime(org.clock.now(), usegmt=True)
    org.clock.move(timedelta(seconds=1))
    org.add_field("Contact", FieldSpec("Score__c", "Score", length=5))
    headers = {"if-modified-since": since}
    changed = caller.call("GET", "sobjects/Contact/describe", headers=headers)
    assert changed.status == 200
    assert "Score__c" in {field["name"] for field in changed.body["fields"]}
    assert caller.call("GET", "sobjects/Lead/describe", headers=headers).status == 304
    assert caller.call("GET", "sobjects", headers=headers).status == 200


def test_the_global_describe_names_every_object(caller: Caller, org: Org) -> None:
    body = caller.call("GET", "sobjects").body
    assert (body["encoding"], body["maxBatchSize"]) == ("UTF-8", 200)
    shown = {each["name"]: each for each in body["sobjects"]}
    assert shown.keys() == org.tables.keys()
    assert shown["Lead"]["keyPrefix"] == "00Q"
    assert shown["Contact"]["urls"]["describe"] == "/services/data/v67.0/sobjects/Contact/describe"
    assert "fields" not in shown["Contact"]


def test_what_a_sync_needs_to_know_of_a_lead_is_described(caller: Caller) -> None:
    fields = {
        each["name"]: each for each in caller.call("GET", "sobjects/Lead/describe").body["fields"]
    }
    assert {"IsConverted", "ConvertedDate", "ConvertedContactId", "ConvertedAccountId"} <= set(
        fields
    )
    assert "ConvertedOpportunityId" in fields
    assert not fields["ConvertedContactId"]["updateable"]
    assert fields["ConvertedContactId"]["referenceTo"] == ["Contact"]
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert "MasterRecordId" in fields


def test_the_resources_of_a_version_are_listed(caller: Caller, org: Org) -> None:
    body = caller.call("GET", "").body
    assert body["query"] == "/services/data/v67.0/query"
    user = f"{org.organization_id}/{org.integration_user_id}"
    assert body["identity"] == f"http://127.0.0.1:8080/id/{user}"
