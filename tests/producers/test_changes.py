"""What changed in either CRM gets a look, once, whatever its stamps, lags and errors."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from guestlist.domain.outcome import RunKind
from guestlist.store.columns import from_ms
from sandbox.crm import CRM
from sandbox.faults import Kind
from schemas.records import Crm
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.producers.conftest import Followed
from tests.producers.watcher import HUBSPOT, SALESFORCE, Watcher, once
from tests.sandbox.hubspot.filter_branches import CUSTOMERS

NOW = timedelta()
SEARCH = "POST /crm/objects/*/search"
QUERY = "POST /services/data/*/composite"
CHANGES = RunKind.CHANGES


def outsiders(here: Installation, number: int) -> list[str]:
    """HubSpot contacts that are in no list, all saved now."""
    return [
        here.contact(f"o{n}@example.com", ago=NOW, lifecyclestage="lead") for n in range(number)
    ]


def rows(here: Installation, number: int, *, of: str = "Contact") -> list[str]:
    """Salesforce records without a twin, all saved now."""
    return [here.row(of, ago=NOW, Email=f"s{n}@example.com") for n in range(number)]


def test_TRG_10_a_changed_property_is_written_within_two_polls(followed: Followed) -> None:
    watcher = followed()
    ada = watcher.here.contact("ada@example.com", ago=NOW)
    watcher.tick(3)
    watcher.here.change(ada, firstname="Ada")
    watcher.tick(2)
    (twin,) = watcher.here.twins(ada)
    assert watcher.here.values(twin)["FirstName"] == "Ada"
    watcher.tick(20)
    assert [entry.operation for entry in watcher.here.writes()] == ["create", "update"]


def test_TRG_18_a_field_changed_in_salesforce_is_written_within_two_polls(
    followed: Followed,
) -> None:
    watcher = followed()
    ada = watcher.here.contact("ada@example.com", ago=NOW)
    watcher.tick(3)
    (twin,) = watcher.here.twins(ada)
    watcher.here.world.org.update(twin, {"FirstName": "Ada"}, caller="user")
    watcher.tick(2)
    assert watcher.here.world.portal.store_of("contacts").live(ada) is not None
    hubspot = watcher.here.writes(CRM.HUBSPOT)
    assert [entry.fields["firstname"] for entry in hubspot] == ["Ada"]


def test_TRG_11_who_was_there_before_it_was_followed_is_not_looked_at(install: Install) -> None:
    here = install()
    members = here.contacts(3)
    here.row("Contact", Email="old@example.com")
    watcher = Watcher(here)
    watcher.follow()
    watcher.tick(15)
    assert watcher.queued() == Counter()
    assert watcher.members() == sorted(members)
    assert here.writes() == []


def test_a_salesforce_row_is_looked_at_under_its_contact_if_it_has_one(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    ada = here.contact("ada@example.com", ago=NOW)
    watcher.tick(15)
    (twin,) = here.twins(ada)
    before = watcher.queued(CHANGES)
    here.world.org.update(twin, {"Title": "Dr"}, caller="user")
    named = here.row("Lead", ago=NOW, Email="n@example.com", HubSpot_Contact_Id__c="4711")
    alone = here.row("Lead", ago=NOW, Email="alone@example.com")
    gone = here.row("Lead", ago=NOW, Email="gone@example.com")
    here.world.org.delete(gone)
    watcher.poll(SALESFORCE)
    assert watcher.queued(CHANGES) - before == once([ada, "4711", alone])
    assert named not in watcher.queued()


def test_a_user_who_may_not_see_the_limits_is_enough(followed: Followed) -> None:
    watcher = followed()
    watcher.here.world.set_options(CRM.SALESFORCE, {"view_setup": False})
    alone = watcher.here.row("Lead", ago=NOW, Email="alone@example.com")
    watcher.poll(SALESFORCE)
    assert alone in watcher.queued(CHANGES)


@pytest.mark.parametrize("delay", [1, 60, 599, 900])
def test_A1_a_row_that_commits_late_is_seen(followed: Followed, delay: int) -> None:
    watcher = followed()
    here = watcher.here
    late: list[str] = []
    for _ in range(3):
        with here.set(CRM.SALESFORCE, commit_delay=float(delay)):
            late += rows(here, 1)
        here.move(7)
        rows(here, 1)
        watcher.poll(SALESFORCE)
    for _ in range(20):
        watcher.poll(SALESFORCE)
    queued = watcher.queued(CHANGES)
    assert {key: queued[key] for key in late} == dict.fromkeys(late, 1)


@pytest.mark.parametrize("lag", [1, 45, 100])
def test_A2_what_the_search_index_shows_late_is_seen_and_read_fresh(
    followed: Followed, lag: int
) -> None:
    watcher = followed()
    here = watcher.here
    ada = here.contact("ada@example.com", ago=NOW)
    watcher.tick(4)
    with here.set(CRM.HUBSPOT, index_lag=float(lag)):
        here.change(ada, firstname="Stale")
        here.move(2)
        here.change(ada, firstname="Fresh")
        other = here.contact("other@example.com", lifecyclestage="lead", ago=NOW)
        watcher.tick(6)
    (twin,) = here.twins(ada)
    assert here.values(twin)["FirstName"] == "Fresh"
    assert "Stale" not in {entry.fields.get("FirstName") for entry in here.writes()}
    assert watcher.queued(CHANGES)[other] == 1


@pytest.mark.parametrize("skew", [timedelta(hours=-1), timedelta(), timedelta(hours=1)])
def test_A3_our_own_clock_moves_no_cursor(install: Install, skew: timedelta) -> None:
    here = install()
    watcher = Watcher(here)
    here.services = replace(here.services, clock=lambda: here.now() + skew)
    watcher.follow()
    contacts, people = outsiders(here, 3), rows(here, 3)
    watcher.poll(HUBSPOT, SALESFORCE)
    watcher.poll(HUBSPOT, SALESFORCE)
    assert watcher.queued(CHANGES) == once([*contacts, *people])
    for stream in ("hubspot", "salesforce:Contact", "salesforce:Lead"):
        behind = here.now() - watcher.place(stream).cursor.at
        assert timedelta() < behind < timedelta(minutes=2, seconds=5)


def test_A4_more_rows_of_one_stamp_than_a_page_are_all_seen_once(followed: Followed) -> None:
    watcher = followed(flow__in_flight=100_000)
    people = rows(watcher.here, 5_000)
    calls = watcher.calls_of(SALESFORCE)
    watcher.poll(SALESFORCE)
    assert watcher.queued(CHANGES) == once(people)
    assert calls["POST composite"] <= 5


def test_A5_more_contacts_of_one_stamp_than_a_search_tells_are_all_seen_once(
    followed: Followed,
) -> None:
    watcher = followed(flow__in_flight=100_000)
    people = outsiders(watcher.here, 12_000)
    calls = watcher.calls_of(HUBSPOT)
    watcher.poll(HUBSPOT)
    assert watcher.queued(CHANGES) == once(people)
    assert calls["objects.search"] <= 12_000 / 200 + 10


def test_A6_records_edited_while_pages_are_read_are_seen_as_they_are_at_last(
    followed: Followed,
) -> None:
    watcher = followed(flow__in_flight=100_000)
    here = watcher.here
    people, contacts = rows(here, 4_500), outsiders(here, 900)

    places = iter(range(0, 800, 50))

    def edit() -> None:
        place = next(places)
        here.change(contacts[place], firstname=f"Edited {place}")
        here.world.org.update(people[place], {"FirstName": "Edited"}, caller="user")

    for route in ("/search", "/composite"):
        here.at_call(route, edit, times=8)
    watcher.poll(HUBSPOT, SALESFORCE)
    here.watches.clear()
    for _ in range(4):
        watcher.poll(HUBSPOT, SALESFORCE)
    queued = watcher.queued(CHANGES)
    assert set(queued) == {*people, *contacts}
    assert max(queued.values()) <= 3
    assert last_states(here, contacts) <= watcher.sighted(Crm.HUBSPOT)


def test_A8_a_window_that_breaks_off_goes_on_where_it_was(followed: Followed) -> None:
    watcher = followed(flow__in_flight=100_000)
    here = watcher.here
    people, contacts = rows(here, 5_000), outsiders(here, 3_000)
    broken = [
        here.fault(CRM.SALESFORCE, Kind.STATUS, QUERY, after=2),
        here.fault(CRM.HUBSPOT, Kind.STATUS, SEARCH, after=8),
    ]
    watcher.poll(HUBSPOT, SALESFORCE)
    part = watcher.queued(CHANGES)
    assert 0 < sum(part.values()) < 8_000
    assert watcher.place("hubspot").token
    assert watcher.place("salesforce:Contact").token
    for fault in broken:
        here.world.faults.remove(fault)
    calls = watcher.calls_of(HUBSPOT, SALESFORCE)
    assert watcher.queued(CHANGES) == once([*people, *contacts])
    assert calls["POST composite"] <= 4
    watcher.poll(HUBSPOT, SALESFORCE)
    assert watcher.queued(CHANGES) == once([*people, *contacts])


def test_A8_no_query_locator_is_relied_on(followed: Followed) -> None:
    watcher = followed()
    with watcher.here.set(CRM.SALESFORCE, cursor_ttl=0.0, page_size=200, shrink_pages=True):
        people = rows(watcher.here, 900)
        watcher.poll(SALESFORCE)
    assert watcher.queued(CHANGES) == once(people)


@pytest.mark.parametrize("kind", [Kind.TRUNCATE, Kind.HTML_200, Kind.STATUS])
@pytest.mark.parametrize("route", [SEARCH, QUERY, "GET /services/data/*/updated/*"])
def test_A11_an_answer_that_is_none_moves_no_cursor(
    followed: Followed, kind: Kind, route: str
) -> None:
    watcher = followed()
    here = watcher.here
    found, poll, crm, stream = outsiders(here, 1), HUBSPOT, CRM.HUBSPOT, "hubspot"
    if route is not SEARCH:
        found, poll, crm, stream = rows(here, 1), SALESFORCE, CRM.SALESFORCE, "salesforce:Contact"
    before = watcher.place(stream)
    fault = here.fault(crm, kind, route)
    watcher.poll(poll)
    assert watcher.place(stream).cursor == before.cursor
    assert watcher.queued(CHANGES) == Counter()
    here.world.faults.remove(fault)
    watcher.poll(poll)
    assert watcher.queued(CHANGES) == once(found)


def test_A11_a_page_cut_off_in_the_middle_of_a_window_loses_nothing(followed: Followed) -> None:
    watcher = followed(flow__in_flight=100_000)
    here = watcher.here
    people = rows(here, 4_500)
    here.fault(CRM.SALESFORCE, Kind.TRUNCATE, QUERY, after=1, times=1)
    watcher.poll(SALESFORCE)
    watcher.poll(SALESFORCE)
    assert watcher.queued(CHANGES) == once(people)


def test_changes_wait_unread_while_the_list_can_not_decide(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    ada = here.contact("ada@example.com", ago=NOW)
    watcher.tick(4)
    here.world.portal.convert_list(here.inclusion)
    here.change(ada, firstname="Ada")
    before, queued = watcher.place("hubspot").cursor, watcher.queued()
    watcher.tick(3)
    assert (watcher.place("hubspot").cursor, watcher.queued()) == (before, queued)
    here.choose(here.world.portal.create_list("Customers again", CUSTOMERS))
    watcher.tick(2)
    (twin,) = here.twins(ada)
    assert here.values(twin)["FirstName"] == "Ada"


def last_states(here: Installation, contacts: Sequence[str]) -> set[tuple[str, datetime]]:
    """Each contact's own stamp, as HubSpot holds it now."""
    store = here.world.portal.store_of("contacts")
    live = [(id, store.live(id)) for id in contacts]
    return {(id, from_ms(record.updated)) for id, record in live if record}
