"""A composite call fills in ``@{name.field}``; no record's value is ever taken for that."""

from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.write import Refused
from tests.connectors.test_salesforce import change, creation, ids, replacing
from tests.connectors.worlds import Served


def test_S09_a_value_like_a_reference_of_a_call_is_written_as_it_is(
    world: Served, salesforce: Salesforce
) -> None:
    (known,) = ids(salesforce.write([creation(0, Title="Secret")]))
    view = salesforce.on("bulk")
    odd = ["@{q0.records[0].Title}", "see @{c0[0].id}", "@{}"]
    writes = [replacing(0, known, Title="New"), creation(1)]

    made = ids(
        view.write(
            [
                *writes,
                change(0, known, Description=odd[0]),
                *(creation(2 + number, Title=text) for number, text in enumerate(odd)),
            ]
        )
    )

    assert [world.row(id)["Title"] for id in made[3:]] == odd
    assert world.row(known)["Description"] == odd[0]
    assert view.calls == 3


def test_a_value_like_a_reference_keeps_the_owner_and_is_refused_alone(
    world: Served, salesforce: Salesforce
) -> None:
    lead = creation(1, "Lead", Title="@{c0.id}")
    given = creation(2, "Lead", Title="@{c0.id}")._replace(assign=True)
    unknown = creation(3, "Lead", Title="@{c0.id}", Nonsense__c="x")

    kept, assigned, refused = salesforce.write([lead, given, unknown])

    owners = [world.row(id)["OwnerId"][:3] for id in ids([kept, assigned])]
    assert owners == ["005", "00G"]
    assert isinstance(refused, Refused)
    assert refused.code == "INVALID_FIELD"


def test_its_replay_after_an_expired_session_keeps_the_owner_too(
    world: Served, salesforce: Salesforce
) -> None:
    (lead,) = ids(salesforce.write([creation(1, "Lead")]))
    owner = world.row(lead)["OwnerId"]
    world.call(world.world.org.sessions.clear)

    salesforce.write([change(1, lead, "Lead", Title="@{c0.id}")])

    assert world.row(lead)["Title"] == "@{c0.id}"
    assert world.row(lead)["OwnerId"] == owner
    assert salesforce.calls_by_kind()["token"] == 2
