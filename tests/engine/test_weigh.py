"""Which conflicts HubSpot is asked about: asking takes a call for every fifty records."""

from datetime import timedelta

import pytest

from tests.engine.conftest import Install

YOUNG, OLD = timedelta(minutes=10), timedelta(days=1)


@pytest.mark.parametrize(
    ("hubspot_ago", "salesforce_ago", "asked", "winner"),
    [(OLD, YOUNG, 0, "old@example.com"), (YOUNG, OLD, 1, "ada@example.com")],
    ids=["Salesforce is younger", "HubSpot is younger"],
)
def test_the_time_of_a_property_is_asked_for_only_where_it_can_decide(
    install: Install, hubspot_ago: timedelta, salesforce_ago: timedelta, asked: int, winner: str
) -> None:
    """It was asked for at every conflict: 16.25 HubSpot calls for 1,000 members, not 15.2."""
    here = install()
    asking = []
    here.watches.append(lambda _method, _url, body: asking.append(b"WithHistory" in body))
    ada = here.contact("ada@example.com", ago=hubspot_ago)
    there = here.row(
        "Contact", ago=salesforce_ago, Email="old@example.com", HubSpot_Contact_Id__c=ada
    )
    here.run()
    assert sum(asking) == asked
    assert here.values(there)["Email"] == winner
