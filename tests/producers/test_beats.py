"""Beat may tick often, twice or never, messages may be lost: the polls do no more and no less."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from guestlist.domain.outcome import Outcome, RunKind, RunState
from guestlist.engine import follow
from guestlist.engine.producer import enumerate_run
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.crash import Killed, Tripwire, doomed
from tests.producers.conftest import Followed
from tests.producers.watcher import (
    AUDIT,
    EVERY,
    FORMULAS,
    HUBSPOT,
    JOINS,
    LEAVES,
    SALESFORCE,
    Poll,
    Watcher,
    once,
)

NOW = timedelta()
OFTEN = (HUBSPOT, SALESFORCE, JOINS)


def test_nothing_is_polled_before_a_person_turns_it_on(install: Install) -> None:
    watcher = Watcher(install())
    watcher.here.contact("ada@example.com", ago=NOW)
    assert watcher.calls_of(*EVERY) == Counter()
    assert watcher.queued() == Counter()


def test_turning_it_off_stops_the_polls_and_on_begins_anew(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    assert follow.turn_off(here.services, "contacts", by="tester")
    missed = here.contact("missed@example.com", ago=NOW, lifecyclestage="lead")
    here.move(600)
    assert watcher.calls_of(*EVERY) == Counter()
    watcher.follow()
    found = here.contact("found@example.com", ago=NOW, lifecyclestage="lead")
    watcher.tick(4)
    assert watcher.queued(RunKind.CHANGES) == once([found])
    assert missed not in watcher.queued()


def test_turning_it_on_twice_moves_no_cursor(followed: Followed) -> None:
    watcher = followed()
    watcher.tick(3)
    before = watcher.place("hubspot")
    assert follow.turn_on(watcher.here.services, "contacts", by="somebody") is None
    assert watcher.place("hubspot") == before


@pytest.mark.parametrize("contacts", [0, 2_000])
def test_a_quiet_poll_makes_the_same_few_calls_whatever_the_size(
    install: Install, contacts: int
) -> None:
    watcher = Watcher(install(contacts=contacts, guards__settle_s=5))
    watcher.follow()
    watcher.tick(15)
    assert [watcher.calls_of(HUBSPOT) for _ in range(3)] == 3 * [
        Counter({"account.details": 1, "lists.read": 1, "objects.search": 1})
    ]
    assert [watcher.calls_of(JOINS) for _ in range(3)] == 3 * [
        Counter({"lists.read": 1, "memberships.page_by_join": 1})
    ]
    of_type = Counter({"GET resources": 2, "GET updated": 2, "POST composite": 2})
    assert [watcher.calls_of(SALESFORCE) for _ in range(3)] == 3 * [
        Counter({"lists.read": 1}) + of_type
    ]


def test_a_quiet_poll_makes_no_run(followed: Followed) -> None:
    watcher = followed()
    watcher.tick(20)
    assert watcher.here.latest() is None
    assert watcher.here.writes() == []


def test_E6_three_beats_do_what_one_does(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    others = [here.worker(), here.worker()]
    before = here.calls()
    people = []
    for number in range(5):
        people.append(here.contact(f"p{number}@example.com", ago=NOW))
        here.row("Lead", ago=NOW, Email=f"s{number}@example.com")
        here.move(60)
        for services in (here.services, *others):
            for poll in EVERY:
                poll(services)
        here.settle()
    calls = here.calls() - before
    assert calls["memberships.page_by_join"] == 5
    assert calls["GET updated"] == 10
    assert {key: watcher.queued(RunKind.JOINS)[key] for key in people} == dict.fromkeys(people, 1)
    assert len(here.writes()) == 5


@pytest.mark.parametrize(
    ("poll", "route"),
    [
        (HUBSPOT, "/search"),
        (JOINS, "/join-order"),
        (LEAVES, "/memberships?"),
    ],
    ids=["hubspot", "joins", "leaves"],
)
def test_E6_a_poll_in_the_middle_of_another_does_nothing(
    followed: Followed, poll: Poll, route: str
) -> None:
    watcher = followed(polls__leaves_s=60)
    here = watcher.here
    other = here.worker()
    ada = here.contact("ada@example.com", ago=NOW)
    met: list[str] = []

    def meanwhile() -> None:
        before = here.calls()
        poll(other)
        met.extend(here.calls() - before - Counter({"lists.read": 1}))

    here.at_call(route, meanwhile)
    watcher.poll(poll)
    assert met == []
    assert watcher.queued() == once([ada])


def test_E6_of_salesforces_streams_each_is_read_by_one(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    other = here.worker()
    people = [here.row(each, ago=NOW, Email="p@example.com") for each in ("Contact", "Lead")]
    here.at_call("/composite", lambda: SALESFORCE(other))
    watcher.poll(SALESFORCE)
    assert watcher.queued() == once(people)


def test_E6_a_poll_that_slept_through_its_lease_moves_nothing(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    other = here.worker()
    contact = here.contact("o@example.com", ago=NOW, lifecyclestage="lead")

    def sleep() -> None:
        here.move(600)
        HUBSPOT(other)

    here.at_call("/search", sleep)
    watcher.poll(HUBSPOT)
    after = watcher.place("hubspot")
    assert watcher.queued(RunKind.CHANGES) == once([contact])
    assert here.now() - after.cursor.at < timedelta(seconds=5)


def test_E1_a_stream_whose_reader_was_killed_is_read_on_after_the_lease_that_is_set(
    followed: Followed,
) -> None:
    """Found by a chaos run: it waited for two minutes, whatever the setting."""
    watcher = followed(flow__lease_s=20)
    here = watcher.here
    contact = here.contact("o@example.com", ago=NOW, lifecyclestage="lead")
    with pytest.raises(Killed):
        watcher.poll(HUBSPOT, services=doomed(here, InItsSearch(0)))
    other = here.worker()
    here.move(21)
    HUBSPOT(other)
    assert watcher.queued(RunKind.CHANGES) == once([contact])


class InItsSearch(Tripwire):
    def step(self, where: str) -> None:
        if "/search" in where:
            self.at = self.steps + 1
        super().step(where)


def test_A9_lost_doubled_and_reordered_messages_lose_nothing(followed: Followed) -> None:
    watcher = followed()
    here, dice = watcher.here, random.Random("A9")
    people = [here.contact(f"p{n}@example.com", ago=NOW) for n in range(40)]
    for number in range(6):
        watcher.poll(*OFTEN)
        sent = [each for each in here.post.waiting if dice.random() > 0.3]
        sent += [each for each in sent if dice.random() < 0.3]
        dice.shuffle(sent)
        here.post.waiting.clear()
        here.post.waiting.extend(sent)
        here.change(people[number], firstname=f"Name {number}")
        here.work()
    here.settle()
    watcher.tick(4)
    created = [entry for entry in here.writes() if entry.operation == "create"]
    assert Counter(entry.contact_id for entry in created) == once(people)
    twins = [here.values(here.twins(each)[0]) for each in people[:6]]
    assert [each["FirstName"] for each in twins] == [f"Name {n}" for n in range(6)]


def test_a_producer_never_runs_ahead_and_goes_on_from_its_cursor(followed: Followed) -> None:
    watcher = followed(
        flow__in_flight=100,
        lanes__interactive__width=100,
        lanes__changes__width=100,
        lanes__bulk__width=100,
        lanes__upkeep__width=100,
    )
    here = watcher.here
    people = [here.contact(f"p{n}@example.com", ago=NOW, lifecyclestage="lead") for n in range(700)]
    watcher.poll(HUBSPOT)
    first = watcher.queued(RunKind.CHANGES).total()
    assert 100 <= first <= 200
    assert watcher.calls_of(HUBSPOT) == Counter()
    for _ in range(8):
        here.work()
        watcher.poll(HUBSPOT)
    here.settle()
    assert watcher.queued(RunKind.CHANGES) == once(people)


@pytest.mark.parametrize(
    ("poll", "route"), [(JOINS, "/join-order"), (LEAVES, "/memberships?")], ids=["joins", "leaves"]
)
def test_a_look_that_takes_long_goes_on_in_the_next_task(
    followed: Followed, poll: Poll, route: str
) -> None:
    watcher = followed(polls__leaves_s=60, lanes__upkeep__width=250)
    here = watcher.here
    people = [here.contact(f"p{n}@example.com", ago=NOW) for n in range(1_300)]
    here.at_call(route, lambda: here.move(100), times=1_000)
    looks = [watcher.calls_of(poll) for _ in range(3)]
    pages = [sum(n for call, n in each.items() if "memberships" in call) for each in looks]
    assert pages[:2] == [3, 3]
    assert watcher.queued(RunKind.JOINS) == once(people)
    assert watcher.members() == sorted(people)


def test_a_crm_that_is_away_stops_no_poll_of_the_other(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    fault = here.fault(CRM.SALESFORCE, Kind.STATUS)
    ada = here.contact("ada@example.com", ago=NOW)
    lead = here.row("Lead", ago=NOW, Email="lead@example.com")
    watcher.poll(*EVERY)
    assert watcher.queued(RunKind.JOINS) == once([ada])
    here.world.faults.remove(fault)
    watcher.tick(2)
    assert watcher.queued(RunKind.CHANGES)[lead] == 1


def test_A8_a_list_run_whose_place_hubspot_forgot_starts_the_list_over(install: Install) -> None:
    here = install(lanes__bulk__width=250)
    people = here.contacts(600)
    run = here.start()
    here.fault(
        CRM.HUBSPOT, Kind.STATUS, "GET /crm/lists/*/memberships", status=400, after=1, times=1
    )
    enumerate_run(here.services, run.id)
    here.settle()
    done = here.the_run(run)
    assert (done.state, done.enumerated) == (RunState.COMPLETE, 600)
    assert here.outcomes(run) == dict.fromkeys(people, Outcome.CREATED)


def test_seldom_polls_cost_nothing_until_it_is_time(followed: Followed) -> None:
    watcher = followed()
    watcher.tick(2)
    assert watcher.calls_of(LEAVES, FORMULAS, AUDIT) == Counter()
