"""Who joins the inclusion list is synced, who leaves it is let go, and nobody by mistake."""

from collections import Counter
from datetime import timedelta

import pytest
from structlog.typing import EventDict

from guestlist.domain.outcome import RunKind
from guestlist.engine import approval
from guestlist.store import audit
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.gate.conftest import hold, refilter
from tests.producers.conftest import Followed
from tests.producers.watcher import EVERY, HUBSPOT, JOINS, LEAVES, Watcher, once
from tests.sandbox.hubspot.filter_branches import where

NOW = timedelta()
HOUR = 60
PAGE = "GET /crm/lists/*/memberships"
JOINED, LEFT = RunKind.JOINS, RunKind.LEAVES
EVERYBODY = where("email", "ALL_PROPERTY", "IS_KNOWN")


def enter(here: Installation, contact: str) -> None:
    here.change(contact, lifecyclestage="customer")


def leave(here: Installation, contact: str) -> None:
    here.change(contact, lifecyclestage="lead")


def stayer(here: Installation) -> str:
    """A member without whom the list would be empty, which nobody believes."""
    return here.contact("stayer@example.com")


def outsider(here: Installation, email: str) -> str:
    return here.contact(email, lifecyclestage="lead")


def test_TRG_12_joining_the_list_triggers_a_sync_once(followed: Followed) -> None:
    watcher = followed()
    ada = outsider(watcher.here, "ada@example.com")
    enter(watcher.here, ada)
    watcher.poll(JOINS)
    watcher.here.settle()
    assert watcher.queued(JOINED) == once([ada])
    assert [entry.operation for entry in watcher.here.writes()] == ["create"]
    for _ in range(3):
        watcher.poll(JOINS)
    assert watcher.queued(JOINED) == once([ada])


def test_a_joiner_brings_its_page_as_its_proof(followed: Followed) -> None:
    watcher = followed()
    ada = watcher.here.contact("ada@example.com", ago=NOW)
    watcher.poll(JOINS)
    row = watcher.here.rows(watcher.runs(JOINED)[0])[ada]
    assert row.proof_at is not None
    assert timedelta() <= watcher.here.now() - row.proof_at < timedelta(seconds=1)


def test_INC_03_following_and_choosing_a_list_sync_nobody(install: Install) -> None:
    here = install()
    here.contacts(3)
    watcher = Watcher(here)
    watcher.follow()
    other = here.contact("other@example.com", lifecyclestage="lead")
    here.choose(here.world.portal.create_list("Everybody", EVERYBODY))
    watcher.poll(JOINS, LEAVES)
    assert watcher.queued() == Counter()
    assert other in watcher.members()
    joiner = here.contact("joiner@example.com", ago=NOW, lifecyclestage="lead")
    watcher.poll(JOINS)
    assert watcher.queued(JOINED) == once([joiner])


def test_INC_03_a_list_chosen_again_is_a_new_one(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    first = here.inclusion
    here.choose(here.world.portal.create_list("Everybody", EVERYBODY))
    watcher.poll(JOINS)
    meanwhile = here.contact("meanwhile@example.com", ago=NOW)
    here.move(300)
    here.choose(first)
    watcher.poll(JOINS, LEAVES)
    assert watcher.queued(JOINED)[meanwhile] == 0
    assert watcher.members() == [meanwhile]


def test_who_joins_right_after_a_list_was_chosen_is_not_overlooked(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    everybody = here.world.portal.create_list("Everybody", EVERYBODY)
    here.move(300)
    here.choose(everybody)
    here.move(5)
    ada = here.contact("ada@example.com", ago=NOW, lifecyclestage="lead")
    watcher.poll(JOINS)
    assert watcher.queued(JOINED) == once([ada])


def test_joiners_are_found_page_by_page_from_where_the_last_look_ended(followed: Followed) -> None:
    watcher = followed()
    first = [watcher.here.contact(f"a{n}@example.com", ago=NOW) for n in range(600)]
    assert watcher.calls_of(JOINS)["memberships.page_by_join"] == 3
    second = [watcher.here.contact(f"b{n}@example.com", ago=NOW) for n in range(10)]
    assert watcher.calls_of(JOINS)["memberships.page_by_join"] == 1
    assert watcher.queued(JOINED) == once([*first, *second])


def test_A8_a_place_in_the_joins_that_hubspot_forgot_starts_the_list_over(
    followed: Followed,
) -> None:
    watcher = followed()
    here = watcher.here
    people = [here.contact(f"a{n}@example.com", ago=NOW) for n in range(300)]
    watcher.poll(JOINS)
    late = here.contact("late@example.com", ago=NOW)
    here.fault(CRM.HUBSPOT, Kind.STATUS, f"{PAGE}/join-order", status=400, times=1)
    watcher.poll(JOINS)
    assert watcher.queued(JOINED) == once([*people, late])


def test_leaving_marks_the_link_and_is_looked_at(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    stayer(here)
    ada = here.contact("ada@example.com", ago=NOW)
    watcher.tick(3)
    leave(here, ada)
    written = here.writes()
    watcher.tick(HOUR)
    link = watcher.link(ada)
    assert link is not None
    assert link.left_at is not None
    assert watcher.queued(LEFT) == once([ada])
    assert watcher.endings(LEFT) == {ada: "held LEFT_LIST"}
    assert here.writes() == written
    assert len(here.twins(ada)) == 1


def test_C3_who_comes_back_is_synced_from_where_it_stopped(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    stayer(here)
    ada = here.contact("ada@example.com", ago=NOW)
    watcher.tick(3)
    leave(here, ada)
    watcher.tick(HOUR)
    here.change(ada, firstname="Ada")
    watcher.tick(2)
    (twin,) = here.twins(ada)
    assert here.values(twin).get("FirstName") is None
    enter(here, ada)
    watcher.poll(JOINS)
    here.settle()
    assert here.values(twin)["FirstName"] == "Ada"
    assert watcher.queued(JOINED)[ada] == 2
    link = watcher.link(ada)
    assert link is not None
    assert link.left_at is None


@pytest.mark.parametrize("when", ["before the look", "at its first page"])
def test_C6_whom_a_runaway_list_brings_back_waits_for_the_approval(
    followed: Followed, when: str
) -> None:
    """Coming back took the mark of having left off: to the brake a leaver was an old member."""
    watcher = followed()
    here = watcher.here
    stayer(here)
    ada = here.contact("ada@example.com", ago=NOW)
    watcher.tick(3)
    leave(here, ada)
    watcher.tick(HOUR)
    for number in range(150):
        outsider(here, f"o{number}@example.com")
    here.change(ada, firstname="Ada")
    if when == "before the look":
        refilter(here, EVERYBODY)
    else:
        here.at_call("join-order", lambda: refilter(here, EVERYBODY))
    (twin,) = here.twins(ada)
    watcher.tick(3)
    assert hold(here)
    assert here.values(twin).get("FirstName") is None
    seen = approval.held(here.services, "contacts")
    approval.approve(here.services, "contacts", seen, by="ann")
    here.settle()
    assert here.values(twin)["FirstName"] == "Ada"
    link = watcher.link(ada)
    assert link is not None
    assert link.left_at is None


def test_who_left_and_came_back_between_two_looks_is_synced(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    stayer(here)
    ada = here.contact("ada@example.com", ago=NOW)
    watcher.tick(3)
    leave(here, ada)
    here.change(ada, firstname="Ada")
    watcher.poll(HUBSPOT)
    here.settle()
    here.move(1)
    enter(here, ada)
    watcher.poll(JOINS)
    here.settle()
    (twin,) = here.twins(ada)
    assert here.values(twin)["FirstName"] == "Ada"


def test_a_joining_that_join_order_missed_is_found_by_the_complete_reading(
    followed: Followed,
) -> None:
    watcher = followed()
    ada = watcher.here.contact("ada@example.com", ago=NOW)
    for _ in range(HOUR):
        watcher.poll(LEAVES)
    assert watcher.queued(JOINED) == once([ada])
    watcher.poll(JOINS)
    assert watcher.queued(JOINED) == once([ada])


def crowd(followed: Followed, number: int = 1_800) -> tuple[Watcher, list[str]]:
    """A list of more than seven pages whose members are known."""
    watcher = followed()
    people = [watcher.here.contact(f"p{n}@example.com", ago=NOW) for n in range(number)]
    watcher.poll(JOINS)
    watcher.here.post.lose()
    assert watcher.members() == sorted(people)
    return watcher, people


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.TRUNCATE, Kind.HTML_200])
def test_C8_a_reading_of_the_list_that_breaks_off_changes_nothing(
    followed: Followed, kind: Kind
) -> None:
    watcher, people = crowd(followed)
    here = watcher.here
    for contact in people[:3]:
        leave(here, contact)
    here.move(HOUR * 60)
    here.fault(CRM.HUBSPOT, kind, PAGE, after=6, times=1)
    watcher.poll(LEAVES)
    assert watcher.queued(LEFT) == Counter()
    assert watcher.members() == sorted(people)
    calls = watcher.calls_of(LEAVES)
    assert watcher.queued(LEFT) == once(people[:3])
    assert watcher.members() == sorted(people[3:])
    assert calls["memberships.page"] < 8


def test_C8_a_reading_whose_count_is_not_the_lists_size_changes_nothing(
    followed: Followed, logged: list[EventDict]
) -> None:
    watcher, people = crowd(followed, 600)
    here = watcher.here
    found = here.world.portal.lists.lists[here.inclusion]
    real = found.members.by_number

    def without_a_page(*, after: int | None, before: int | None, limit: int) -> object:
        page = real(after=after, before=before, limit=limit)
        page.has_next = False
        return page

    found.members.by_number = without_a_page  # type: ignore[assignment, method-assign]
    here.move(HOUR * 60)
    watcher.poll(LEAVES)
    assert watcher.members() == sorted(people)
    assert watcher.queued(LEFT) == Counter()
    assert "count_differs" in {each.get("why") for each in logged}


def test_C8_a_member_that_a_page_missed_has_not_left(followed: Followed) -> None:
    watcher, people = crowd(followed, 600)
    here = watcher.here
    found = here.world.portal.lists.lists[here.inclusion]
    real = found.members.by_number

    def without_two(*, after: int | None, before: int | None, limit: int) -> object:
        page = real(after=after, before=before, limit=limit)
        page.keys = [key for key in page.keys if str(key) not in people[10:12]]
        return page

    found.members.by_number = without_two  # type: ignore[assignment, method-assign]
    leave(here, people[20])
    here.move(HOUR * 60)
    watcher.poll(LEAVES)
    assert watcher.queued(LEFT) == once([people[20]])
    assert watcher.members() == sorted({*people} - {people[20]})


def test_C8_a_place_in_the_list_that_hubspot_forgot_begins_the_reading_anew(
    followed: Followed,
) -> None:
    watcher, people = crowd(followed)
    here = watcher.here
    leave(here, people[0])
    here.move(HOUR * 60)
    here.fault(CRM.HUBSPOT, Kind.STATUS, PAGE, after=5, times=1)
    watcher.poll(LEAVES)
    here.fault(CRM.HUBSPOT, Kind.STATUS, PAGE, status=400, times=1)
    watcher.poll(LEAVES)
    assert watcher.members() == sorted(people)
    here.move(HOUR * 60)
    watcher.poll(LEAVES)
    assert watcher.queued(LEFT) == once([people[0]])


def test_C7_an_emptied_list_is_left_by_nobody(followed: Followed) -> None:
    watcher, people = crowd(followed, 300)
    here = watcher.here
    members = here.world.portal.lists.lists[here.inclusion].members
    members.become(set(), int(here.now().timestamp() * 1000))
    here.move(HOUR * 60)
    watcher.poll(*EVERY)
    assert watcher.queued(LEFT) == Counter()
    assert watcher.members() == sorted(people)


def test_C13_who_was_written_right_before_being_found_outside_is_noted(
    followed: Followed, logged: list[EventDict]
) -> None:
    watcher = followed()
    here = watcher.here
    stayer(here)
    ada, bob = (here.contact(f"{name}@example.com", ago=NOW) for name in ("ada", "bob"))
    watcher.tick(HOUR - 1)
    here.move(40)
    here.change(ada, firstname="Ada")
    here.move(10)
    HUBSPOT(here.services)
    here.work()
    assert len(here.writes()) == 4
    for contact in (ada, bob):
        leave(here, contact)
    here.move(5)
    LEAVES(here.services)
    assert watcher.queued(LEFT) == once([ada, bob])
    assert [each["key"] for each in logged if each["event"] == "late_exit"] == [ada]
    with here.services.database.read() as connection:
        noted = [each for each in audit.recent(connection) if each.what == "list.late_exit"]
    assert [each.detail["key"] for each in noted] == [ada]


def test_C13_who_left_before_any_reading_showed_them_is_noted_as_well(
    followed: Followed, logged: list[EventDict]
) -> None:
    """After a filter was changed and changed back, 93 were written of whom no reading knew."""
    watcher = followed()
    here = watcher.here
    stayer(here)
    watcher.tick(HOUR - 1)
    ada = outsider(here, "ada@example.com")
    here.move(50)
    enter(here, ada)
    here.run()
    leave(here, ada)
    here.move(5)
    LEAVES(here.services)
    assert watcher.queued(LEFT) == once([ada])
    assert [each["key"] for each in logged if each["event"] == "late_exit"] == [ada]
