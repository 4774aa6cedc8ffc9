"""The HubSpot client against the sandbox's portal, over sockets."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest

from guestlist.connectors.hubspot import HubSpot
from guestlist.domain.errors import (
    Misconfigured,
    Missing,
    RetryLater,
    Unauthorized,
    Unusable,
    Waiting,
)
from guestlist.domain.reason import Reason
from guestlist.domain.write import HubSpotWrite
from sandbox.crm import CRM
from sandbox.fault_bodies import Limit
from sandbox.faults import Kind
from schemas.records import ListProcessing
from tests.connectors.serving import Script, json, serving
from tests.connectors.worlds import Served

BATCH_READ = "POST *batch/read"


def customers() -> dict[str, Any]:
    stage = {
        "filterType": "PROPERTY",
        "property": "lifecyclestage",
        "operation": {
            "operationType": "ENUMERATION",
            "operator": "IS_ANY_OF",
            "values": ["customer"],
        },
    }
    inner = branch("AND", filters=[stage])
    return branch("OR", branches=[inner])


def branch(kind: str, *, branches: Any = (), filters: Any = ()) -> dict[str, Any]:
    return {
        "filterBranchType": kind,
        "filterBranchOperator": kind,
        "filterBranches": list(branches),
        "filters": list(filters),
    }


@pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3"])
def test_every_call_works_in_each_version_of_the_api(
    world: Served, people: list[str], version: str
) -> None:
    client = world.hubspot(api_version=version)

    made = client.create_list("Customers", customers(), type_id="0-1")

    assert client.read("contacts", people[:1], ["email"])
    assert client.write("contacts", [HubSpotWrite(people[0], {"lastname": "New"})])
    assert client.members(made.list_id).members
    assert client.memberships("0-1", people[:2])
    assert client.list(made.list_id).name == "Customers"
    assert client.lists("custom")
    assert client.describe("contacts").fields
    assert client.account().portal_id == "12345678"
    assert client.usage() is not None


def test_records_are_read_a_hundred_a_call_and_matched_by_id(
    hubspot: HubSpot, people: list[str]
) -> None:
    view = hubspot.on("bulk")

    records = view.read("contacts", people, ["email", "lastname", "no_such_property"])

    assert view.calls == 3
    assert records.keys() == set(people)
    for number, id in enumerate(people):
        assert records[id].properties["email"] == f"person{number}@example.com"
        assert records[id].modified_at.utcoffset() == timedelta(0)
        assert not records[id].archived


def test_what_is_not_there_is_absent_and_fails_nobody(
    world: Served, hubspot: HubSpot, people: list[str]
) -> None:
    world.call(lambda: world.world.portal.archive("contacts", people[1]))

    records = hubspot.read("contacts", [*people[:3], "999999999", "not-an-id", ""], ["email"])

    assert records.keys() == {people[0], people[2]}
    assert records.refused == {}


def test_nothing_asked_is_no_call(hubspot: HubSpot) -> None:
    assert hubspot.read("contacts", [], ["email"]) == {}
    assert hubspot.write("contacts", []) == []
    assert hubspot.memberships("0-1", []) == {}
    assert hubspot.calls == 0


def test_a_contact_is_found_by_its_address_in_any_case(hubspot: HubSpot, people: list[str]) -> None:
    found = hubspot.find(
        "contacts", "email", ["PERSON7@example.com ", "nobody@example.com", ""], ["lastname"]
    )

    assert {value: record.id for value, record in found.items()} == {
        "person7@example.com": people[7]
    }


@pytest.mark.parametrize(
    ("limit", "reason"),
    [(Limit.BURST, Reason.RATE_LIMITED), (Limit.DAILY, Reason.BUDGET_HELD)],
)
def test_a_429_holds_every_lane(
    world: Served, hubspot: HubSpot, limit: Limit, reason: Reason
) -> None:
    world.fault(CRM.HUBSPOT, Kind.STATUS, "*", times=1, status=429, limit=limit)

    with pytest.raises(Waiting) as caught:
        hubspot.on("bulk").account()
    assert caught.value.reason == reason
    with pytest.raises(Waiting) as caught:
        hubspot.on("interactive").account()
    assert caught.value.reason == reason
    assert hubspot.calls == 1


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200])
def test_a_read_without_a_usable_answer_raises_and_is_never_empty(
    world: Served, hubspot: HubSpot, people: list[str], kind: Kind
) -> None:
    world.fault(CRM.HUBSPOT, kind, BATCH_READ, times=1)

    with pytest.raises((RetryLater, Unusable)):
        hubspot.read("contacts", people, ["email"])
    assert len(hubspot.read("contacts", people, ["email"])) == 250


def test_a_wrong_token_is_a_persons_to_mend(world: Served) -> None:
    with pytest.raises(Unauthorized, match="401"):
        world.hubspot(token="wrong").account()


def test_D3_one_401_is_asked_again_and_two_are_believed(world: Served, hubspot: HubSpot) -> None:
    """Found by a chaos run: a stray 401 parked its whole batch for five minutes."""
    world.fault(CRM.HUBSPOT, Kind.UNAUTHORIZED, "*", times=1)
    assert hubspot.account()
    world.fault(CRM.HUBSPOT, Kind.UNAUTHORIZED, "*")
    before = hubspot.calls
    for _ in range(3):
        with pytest.raises(Unauthorized):
            hubspot.on("bulk").account()
    assert hubspot.calls - before == 2


def test_an_unknown_object_type_is_a_wrong_setting(hubspot: HubSpot) -> None:
    with pytest.raises(Misconfigured, match="gizmos"):
        hubspot.read("gizmos", ["1"], ["email"])


def test_an_active_list_is_made_found_and_read(hubspot: HubSpot, people: list[str]) -> None:
    made = hubspot.create_list("Customers", customers(), type_id="0-1")

    found = hubspot.list(made.list_id)
    assert (found.active, found.processing_type) == (True, ListProcessing.DYNAMIC)
    assert (found.name, found.object_type_id) == ("Customers", "0-1")
    assert found.filter_branch
    assert hubspot.list_by_name("0-1", "CUSTOMERS").list_id == made.list_id
    assert [each.list_id for each in hubspot.lists("custo")] == [made.list_id]
    assert hubspot.lists("custo", type_id="0-2") == []


def test_members_come_page_by_page_each_once(hubspot: HubSpot, people: list[str]) -> None:
    made = hubspot.create_list("Customers", customers(), type_id="0-1")
    members, after, pages = [], None, 0
    while pages == 0 or after:
        page = hubspot.members(made.list_id, after=after, limit=50)
        members += [each.record_id for each in page.members]
        after, pages = page.after, pages + 1

    assert sorted(members) == sorted(people[1::2])
    assert pages == 3


def test_memberships_of_records_name_their_lists(hubspot: HubSpot, people: list[str]) -> None:
    made = hubspot.create_list("Customers", customers(), type_id="0-1")
    view = hubspot.on("bulk")

    lists = view.memberships("0-1", [*people, "999999999", "odd"])

    assert view.calls == 3
    assert lists.keys() == set(people)
    assert lists[people[1]] == {made.list_id}
    assert lists[people[0]] == frozenset()


def test_a_deleted_list_is_missing(world: Served, hubspot: HubSpot) -> None:
    made = hubspot.create_list("Customers", customers(), type_id="0-1")
    world.call(lambda: world.world.portal.delete_list(made.list_id))

    with pytest.raises(Missing):
        hubspot.list(made.list_id)
    with pytest.raises(Missing):
        hubspot.members(made.list_id)
    with pytest.raises(Missing):
        hubspot.list_by_name("0-1", "Customers")
    with pytest.raises(Missing):
        hubspot.list("no/such list")


def test_a_schema_says_what_a_property_takes(hubspot: HubSpot) -> None:
    fields = hubspot.describe("contacts").fields

    stage, email, id = fields["lifecyclestage"], fields["email"], fields["hs_object_id"]
    assert stage.restricted
    assert "customer" in stage.options
    assert (email.type, email.createable) == ("string", True)
    assert not id.updateable


def test_usage_and_account_are_told(hubspot: HubSpot) -> None:
    usage = hubspot.usage()

    assert usage
    assert usage.limit == 625_000
    assert hubspot.account().time_zone == "US/Eastern"


# Answers the sandbox never gives --------------------------------------------------------------


def test_a_deleted_list_that_is_still_answered_is_missing(
    hubspot_at: Callable[..., HubSpot],
) -> None:
    row = {"list": {"listId": "1", "deletedAt": "2026-03-02T12:00:00Z"}}
    with serving(Script(json(200, row))) as address, pytest.raises(Missing):
        hubspot_at(address).list("1")


def test_a_batch_read_refused_as_a_whole_is_halved_down_to_its_culprit(
    hubspot_at: Callable[..., HubSpot],
) -> None:
    def app(request: Any) -> Any:
        ids = [each["id"] for each in orjson.loads(request.body)["inputs"]]
        if "13" in ids:
            return json(400, {"message": "no", "category": "VALIDATION_ERROR"})
        rows = [{"id": id, "properties": {}, "updatedAt": "2026-03-02T12:00:00Z"} for id in ids]
        return json(200, {"results": rows})

    with serving(app) as address:
        client = hubspot_at(address)
        records = client.read("contacts", [str(number) for number in range(100)], [])

    assert len(records) == 99
    assert records.refused["13"].code == "VALIDATION_ERROR"
    assert client.calls <= 15


@pytest.mark.parametrize(
    "body", [{}, {"results": None}, {"results": [{}]}, [], {"results": [{"id": "1"}]}]
)
def test_another_shape_than_promised_is_never_read_as_nothing(
    hubspot_at: Callable[..., HubSpot], body: Any
) -> None:
    with serving(Script(json(200, body))) as address, pytest.raises(Unusable):
        hubspot_at(address).read("contacts", ["1"], [])


TOKEN_INFO = "POST /oauth/v2/private-apps/get/access-token-info"


def test_a_private_app_says_what_it_may(world: Served) -> None:
    token = world.world.credentials.hubspot_token
    world.call(lambda: world.world.portal.scopes.update({token: frozenset({"crm.lists.read"})}))
    assert world.hubspot().scopes() == frozenset({"crm.lists.read"})


def test_a_service_key_is_told_nothing_and_stays_good(world: Served) -> None:
    client = world.hubspot()
    world.portal_options(tells_scopes=False)
    assert client.scopes() is None
    for status in (400, 401, 403):
        world.fault(CRM.HUBSPOT, Kind.STATUS, TOKEN_INFO, status=status, times=1)
        assert client.scopes() is None
    assert client.account().portal_id == "12345678", "that was no word on the credential"


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200, Kind.STATUS])
def test_no_answer_about_scopes_is_not_taken_for_one_and_names_no_token(
    world: Served, kind: Kind
) -> None:
    world.fault(CRM.HUBSPOT, kind, TOKEN_INFO)
    with pytest.raises((RetryLater, Unusable)) as raised:
        world.hubspot().scopes()
    assert world.world.credentials.hubspot_token not in f"{raised.value!r} {raised.value}"


def test_scopes_of_another_shape_are_refused(hubspot_at: Callable[..., HubSpot]) -> None:
    bodies: list[Any] = [{}, {"scopes": None}, []]
    for body in bodies:
        with serving(Script(json(200, body))) as address, pytest.raises(Unusable):
            hubspot_at(address).scopes()
