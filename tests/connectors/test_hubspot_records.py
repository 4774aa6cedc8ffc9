"""What the two-way sync asks of HubSpot: merges, histories, the recycle bin, owners, joins."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from guestlist.connectors.hubspot import HubSpot
from guestlist.domain.errors import Missing, RetryLater, Unusable
from guestlist.domain.reason import Reason
from guestlist.domain.write import Accepted, Postponed, Refused, Unknown
from sandbox.crm import CRM
from sandbox.faults import Kind
from sandbox.wire import Response
from schemas.records import Cursor, Owner
from tests.connectors.serving import Script, json, serving
from tests.connectors.worlds import Served

BATCH_ARCHIVE = "POST *batch/archive"


def later(world: Served, **span: float) -> None:
    world.call(lambda: world.world.clock.move(timedelta(**span)))


@pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3"])
def test_every_call_works_in_each_version_of_the_api(
    world: Served, people: list[str], version: str
) -> None:
    client = world.hubspot(api_version=version)
    portal = world.world.portal
    world.call(lambda: portal.add_owner("ada@example.com", "Ada", "Admin"))
    list_id = world.call(lambda: portal.create_list("Guests", None, processing_type="MANUAL"))
    until = world.call(world.world.clock.now)

    assert list(client.changes("contacts", Cursor(until - timedelta(days=1)), until=until))
    assert client.resolve("contacts", people[:1])
    assert client.changed_at("contacts", people[:1], ["lastname"])
    assert client.owners()
    assert client.joins(list_id).members == ()
    assert client.archive("contacts", people[:1])
    assert client.archived("contacts", people[:1], ["email"])
    assert client.server_time


# Merges ---------------------------------------------------------------------------------------


def test_b14_a_contact_merged_away_is_absent_and_resolves_to_its_new_id(
    world: Served, hubspot: HubSpot, people: list[str]
) -> None:
    first, second, third, other, gone = people[:5]
    portal = world.world.portal
    merged = world.call(lambda: portal.merge("contacts", first, second))
    again = world.call(lambda: portal.merge("contacts", merged, third))
    world.call(lambda: portal.archive("contacts", gone))
    view = hubspot.on("changes")
    asked = [first, second, third, other, gone, "999999999", "odd", first]

    assert view.read("contacts", asked, ["email"]).keys() == {other}
    resolved = view.resolve("contacts", asked)

    assert resolved == {first: again, second: again, third: again, other: other}
    assert view.calls == 1 + 6


# Histories ------------------------------------------------------------------------------------


def test_the_time_of_a_propertys_last_change_is_read_fifty_records_a_call(
    world: Served, hubspot: HubSpot, people: list[str]
) -> None:
    portal = world.world.portal
    later(world, hours=1)
    world.call(lambda: portal.update("contacts", people[0], {"lastname": "Once"}))
    later(world, hours=1)
    world.call(lambda: portal.update("contacts", people[0], {"lastname": "Twice", "city": "x"}))
    later(world, hours=1)
    view = hubspot.on("changes")

    times = view.changed_at("contacts", [*people[:120], "999999999"], ["lastname", "city", "zip"])

    assert view.calls == 3
    assert times.keys() == set(people[:120])
    assert times[people[0]].keys() == {"lastname", "city"}
    assert times[people[1]].keys() == {"lastname"}
    now = world.call(world.world.clock.now)
    for name in ("lastname", "city"):
        assert timedelta(hours=1) <= now - times[people[0]][name] < timedelta(hours=1, minutes=1)


def test_histories_of_nothing_are_no_call(hubspot: HubSpot, people: list[str]) -> None:
    assert hubspot.changed_at("contacts", [], ["city"]) == {}
    assert hubspot.changed_at("contacts", people, []) == {}
    assert hubspot.calls == 0


def test_the_newest_version_counts_wherever_it_stands(hubspot_at: Callable[..., HubSpot]) -> None:
    versions = [{"value": "x", "timestamp": f"2026-03-0{day}T12:00:00Z"} for day in (2, 7, 4)]
    row = {"id": "7", "propertiesWithHistory": {"city": versions, "zip": []}}
    with serving(Script(json(200, {"results": [row]}))) as address:
        times = hubspot_at(address).changed_at("contacts", ["7"], ["city", "zip"])

    assert times == {"7": {"city": datetime(2026, 3, 7, 12, tzinfo=UTC)}}


def test_an_answer_without_histories_is_not_read_as_never_changed(
    hubspot_at: Callable[..., HubSpot],
) -> None:
    with serving(Script(json(200, {"results": [{"id": "7"}]}))) as address, pytest.raises(Unusable):
        hubspot_at(address).changed_at("contacts", ["7"], ["city"])


# The recycle bin ------------------------------------------------------------------------------


def test_records_are_archived_a_hundred_a_call_and_read_from_the_bin(
    world: Served, hubspot: HubSpot, people: list[str]
) -> None:
    view = hubspot.on("bulk")

    results = view.archive("contacts", [*people, "999999999"])

    assert view.calls == 3
    assert results == [Accepted(id, created=False) for id in [*people, "999999999"]]
    assert view.read("contacts", people, ["email"]) == {}
    binned = view.archived("contacts", [*people, "999999999"], ["email"])
    assert binned.keys() == set(people)
    assert all(record.archived for record in binned.values())


def test_the_bin_holds_only_what_was_archived(hubspot: HubSpot, people: list[str]) -> None:
    assert hubspot.archived("contacts", people, ["email"]) == {}


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.HTML_200])
def test_a_lost_answer_leaves_what_was_to_be_archived_open(
    world: Served, hubspot: HubSpot, people: list[str], kind: Kind
) -> None:
    world.fault(CRM.HUBSPOT, kind, BATCH_ARCHIVE, after=1, times=1)

    results = hubspot.archive("contacts", people)

    kinds = [type(each) for each in results]
    assert kinds == [Accepted] * 100 + [Unknown] * 100 + [Postponed] * 50


def test_a_spent_allowance_puts_off_what_is_left_to_archive(
    world: Served, hubspot: HubSpot, people: list[str]
) -> None:
    world.fault(CRM.HUBSPOT, Kind.STATUS, BATCH_ARCHIVE, after=1, status=429)

    results = hubspot.archive("contacts", people)

    assert set(results[100:]) == {Postponed(10.0, Reason.RATE_LIMITED)}


def test_a_batch_to_archive_refused_as_a_whole_is_halved_down_to_its_culprit(
    hubspot_at: Callable[..., HubSpot],
) -> None:
    def app(request: Any) -> Any:
        ids = [each["id"] for each in orjson.loads(request.body)["inputs"]]
        if "13" in ids:
            return json(400, {"message": "no", "category": "VALIDATION_ERROR"})
        return Response(204)

    with serving(app) as address:
        results = hubspot_at(address).archive("contacts", [str(each) for each in range(100)])

    refused = results.pop(13)
    assert isinstance(refused, Refused)
    assert all(isinstance(each, Accepted) for each in results)


# Owners ---------------------------------------------------------------------------------------


def test_owners_are_read_to_the_last_page_with_those_who_left(
    world: Served, hubspot: HubSpot
) -> None:
    def hire() -> str:
        portal = world.world.portal
        for number in range(230):
            portal.add_owner(f"Owner{number}@Example.com", "Owner", str(number))
        return portal.add_owner("left@example.com", "Former", "Colleague", archived=True)

    left = world.call(hire)
    view = hubspot.on("changes")

    owners = {each.email: each for each in view.owners()}

    assert view.calls == 4
    assert len(owners) == 231
    assert owners["owner7@example.com"].name == "Owner 7"
    assert {each.kind for each in owners.values()} == {"user"}
    assert owners["left@example.com"] == Owner(
        left, "left@example.com", "Former Colleague", active=False, kind="user"
    )


def test_an_owner_may_lack_all_but_an_id(hubspot_at: Callable[..., HubSpot]) -> None:
    page = {"results": [{"id": "7", "type": "QUEUE", "archived": False, "email": None}]}
    with serving(Script(json(200, page), json(200, {"results": []}))) as address:
        owners = hubspot_at(address).owners()

    assert owners == [Owner("7", None, "", active=True, kind="queue")]


def test_a_broken_page_of_owners_is_not_the_last(world: Served, hubspot: HubSpot) -> None:
    world.fault(CRM.HUBSPOT, Kind.STATUS, "GET *owners*", after=1, status=503)

    with pytest.raises(RetryLater):
        hubspot.owners()


# Joins ----------------------------------------------------------------------------------------


def test_joins_come_in_their_order_page_by_page(
    world: Served, hubspot: HubSpot, people: list[str]
) -> None:
    portal = world.world.portal
    list_id = world.call(lambda: portal.create_list("Guests", None, processing_type="MANUAL"))
    extra = world.call(lambda: [portal.create("contacts", {"lastname": "x"}) for _ in range(60)])
    order = [*extra, *people[::-1]]
    for count in range(50, len(order) + 1, 65):
        later(world, minutes=1)
        world.call(lambda count=count: portal.set_members(list_id, order[:count]))  # type: ignore[misc]
    view = hubspot.on("changes")

    first = view.joins(list_id)
    second = view.joins(list_id, after=first.after)

    assert view.calls == 2
    assert (len(first.members), second.after) == (250, None)
    joined = [*first.members, *second.members]
    times = [each.joined_at for each in joined if each.joined_at]
    assert len(times) == len(joined)
    assert times == sorted(times)
    assert {each.record_id for each in joined[:50]} == set(extra[:50])


def test_joins_of_a_deleted_list_are_missing(hubspot: HubSpot) -> None:
    with pytest.raises(Missing):
        hubspot.joins("404")
