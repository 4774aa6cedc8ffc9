"""What the HubSpot client makes of the answers to its writes."""

from collections.abc import Callable

import pytest

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.peer import NotSent
from guestlist.domain.reason import Reason
from guestlist.domain.write import Accepted, HubSpotWrite, Postponed, Refused, Unknown
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.connectors.serving import Script, json, serving
from tests.connectors.worlds import Served

BATCH_UPDATE = "POST *batch/update"


def test_updates_are_answered_in_the_order_given(
    world: Served, hubspot: HubSpot, people: list[str]
) -> None:
    view = hubspot.on("bulk")
    writes = [HubSpotWrite(id, {"firstname": f"F{id}"}) for id in people]

    results = view.write("contacts", writes)

    assert view.calls == 3
    assert results == [Accepted(id, created=False) for id in people]
    records = hubspot.read("contacts", people, ["firstname"])
    assert all(records[id].properties["firstname"] == f"F{id}" for id in people)


def test_an_unknown_record_is_refused_alone(hubspot: HubSpot, people: list[str]) -> None:
    results = hubspot.write(
        "contacts",
        [HubSpotWrite(id, {"firstname": "A"}) for id in (people[0], "999999999", people[1])],
    )

    assert [type(each) for each in results] == [Accepted, Refused, Accepted]
    assert isinstance(results[1], Refused)
    assert results[1].code == "OBJECT_NOT_FOUND"


def test_one_bad_value_in_a_hundred_fails_alone_within_few_calls(
    hubspot: HubSpot, people: list[str]
) -> None:
    writes = [HubSpotWrite(id, {"firstname": "A"}) for id in people[:100]]
    writes[37] = HubSpotWrite(people[37], {"email": "not an address"})
    view = hubspot.on("bulk")

    results = view.write("contacts", writes)

    refused = results.pop(37)
    assert isinstance(refused, Refused)
    assert refused.code == "INVALID_EMAIL"
    assert refused.correlation_id or refused.message
    assert all(isinstance(each, Accepted) for each in results)
    assert view.calls <= 15  # 2 log2(100) + 1


def test_a_property_nobody_knows_is_blamed_on_those_that_carry_it_at_once(
    hubspot: HubSpot, people: list[str]
) -> None:
    writes = [
        HubSpotWrite(id, {"nonsense": "A"} if number % 2 else {"firstname": "A"})
        for number, id in enumerate(people[:100])
    ]
    view = hubspot.on("bulk")

    results = view.write("contacts", writes)

    assert view.calls <= 2
    for number, result in enumerate(results):
        assert isinstance(result, Refused if number % 2 else Accepted)
    assert {each.code for each in results if isinstance(each, Refused)} == {"PROPERTY_DOESNT_EXIST"}


def test_an_address_in_use_names_its_holder(hubspot: HubSpot, people: list[str]) -> None:
    write = HubSpotWrite(people[0], {"email": "person1@example.com"})

    refused = hubspot.write("contacts", [write])[0]

    assert isinstance(refused, Refused)
    assert refused.existing_ids == (people[1],)


def test_one_record_twice_in_a_batch_is_written_twice(hubspot: HubSpot, people: list[str]) -> None:
    writes = [HubSpotWrite(people[0], {"firstname": name}) for name in ("A", "B")]

    assert all(isinstance(each, Accepted) for each in hubspot.write("contacts", writes))


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200])
def test_a_lost_answer_leaves_its_records_open_and_the_next_unsent(
    world: Served, hubspot: HubSpot, people: list[str], kind: Kind
) -> None:
    world.fault(CRM.HUBSPOT, kind, BATCH_UPDATE, after=1, times=1)
    writes = [HubSpotWrite(id, {"firstname": "A"}) for id in people]

    results = hubspot.write("contacts", writes)

    kinds = [type(each) for each in results]
    assert kinds == [Accepted] * 100 + [Unknown] * 100 + [Postponed] * 50


def test_a_spent_allowance_puts_off_what_is_left_of_an_update(
    world: Served, hubspot: HubSpot, people: list[str]
) -> None:
    world.fault(CRM.HUBSPOT, Kind.STATUS, BATCH_UPDATE, after=1, status=429)
    writes = [HubSpotWrite(id, {"firstname": "A"}) for id in people]

    results = hubspot.write("contacts", writes)

    assert results[:100] == [Accepted(id, created=False) for id in people[:100]]
    assert set(results[100:]) == {Postponed(10.0, Reason.RATE_LIMITED)}


def test_our_writes_bear_our_request_ids(world: Served, people: list[str]) -> None:
    client = world.hubspot(new_id=lambda: "this-call")

    client.write("contacts", [HubSpotWrite(people[0], {"firstname": "A"})])

    assert world.world.journal.entries[-1].request_id == "this-call"


# Answers the sandbox never gives --------------------------------------------------------------


def test_a_record_the_answer_does_not_name_is_left_open(
    hubspot_at: Callable[..., HubSpot],
) -> None:
    with serving(Script(json(200, {"results": [{"id": "2"}]}))) as address:
        results = hubspot_at(address).write(
            "contacts", [HubSpotWrite("1", {"a": "b"}), HubSpotWrite("2", {"a": "b"})]
        )

    assert isinstance(results[0], Unknown)
    assert results[1] == Accepted("2", created=False)


def test_an_update_that_never_left_may_simply_be_tried_again(
    hubspot_at: Callable[..., HubSpot],
) -> None:
    with serving(Script()) as address:
        client = hubspot_at(address)
    with pytest.raises(NotSent):
        client.write("contacts", [HubSpotWrite("1", {"a": "b"})])
