"""What goes wrong once is tried again, what stays wrong becomes a problem, and nobody else pays."""

from datetime import timedelta
from itertools import count

import pytest
from structlog.typing import EventDict

from guestlist.domain.ending import Applied, Later, Patience
from guestlist.domain.outcome import Outcome, RunState
from guestlist.domain.reason import Reason
from guestlist.domain.settle import settle
from guestlist.domain.write import Plan, Refused, SalesforceWrite
from guestlist.engine.sync import sync
from guestlist.store.runs import Run
from sandbox.crm import CRM
from sandbox.faults import Kind, When
from schemas.settings import RetrySettings
from tests.engine.conftest import Install
from tests.engine.judge import accounted, nobody_outside_was_written, nothing_is_there_twice
from tests.engine.world import NOON, Installation

READS, UPDATES, COMPOSITE = "POST */batch/read", "POST */batch/update", "POST */composite"
A_WRITE = 1
"""Composite calls to let by: the look-up comes first."""


def _enumerated(here: Installation) -> Run:
    """Start a run, all of it queued and nothing of it done: the next calls are a batch's."""
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    return run


def test_a_call_that_fails_is_tried_again_later_and_later(install: Install) -> None:
    here = install(retries__first_s=5, retries__cap_s=40, retries__attempts=6)
    ada = here.contact("ada@example.com")
    here.fault(CRM.HUBSPOT, Kind.STATUS, READS, times=5)
    run = here.start()
    for attempt, most in enumerate([5, 10, 20, 40, 40], start=1):
        here.work()
        row = here.rows()[ada]
        assert (row.reason, row.outcome, row.attempts) == (Reason.RETRY_AT, None, attempt)
        assert row.due_at
        wait = (row.due_at - here.now()).total_seconds()
        assert -0.001 <= wait <= most
        here.move(wait - 0.01)
        here.sweep()
        assert not here.post.waiting, "it was sent before it was due"
        here.move(0.02)
        here.sweep()
    here.settle()
    assert here.the_run(run).created == 1


def test_a_locked_row_is_waited_for(install: Install) -> None:
    here = install()
    ada = here.contact("ada@example.com", phone="+1 512 555 0100")
    there = here.row("Contact", Email="ada@example.com")
    here.world.org.lock(there, seconds=10)
    run = here.start()
    here.work()
    assert here.rows()[ada].reason is Reason.LOCKED_ROW
    here.settle()
    assert here.outcomes(run) == {ada: Outcome.UPDATED}


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200, Kind.DUPLICATE])
@pytest.mark.parametrize("create_as", ["Contact", "Lead"])
def test_a_creation_whose_answer_is_lost_creates_once(
    install: Install, kind: Kind, create_as: str
) -> None:
    here = install(objects__contacts__create_as=create_as)
    keys = here.contacts(3)
    run = _enumerated(here)
    here.fault(CRM.SALESFORCE, kind, COMPOSITE, after=A_WRITE, times=1)
    here.settle()
    nothing_is_there_twice(here)
    assert here.the_run(run).state is RunState.COMPLETE
    assert all(len(here.twins(key)) == 1 for key in keys)
    assert [entry.operation for entry in here.writes() if entry.changed] == ["create"] * 3


def test_a_creation_that_lands_long_after_it_was_given_up_creates_once(install: Install) -> None:
    here = install()
    keys = here.contacts(3)
    _enumerated(here)
    late = {"after": A_WRITE, "times": 1, "seconds": 100, "when": When.BEFORE}
    here.fault(CRM.SALESFORCE, Kind.DELAY, COMPOSITE, **late)
    here.settle()
    here.move(200)
    again = here.run()
    nothing_is_there_twice(here)
    assert again.unchanged == 3
    assert all(len(here.twins(key)) == 1 for key in keys)


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.STATUS])
def test_an_update_whose_answer_is_lost_converges(install: Install, kind: Kind) -> None:
    here = install()
    here.contact("ada@example.com", jobtitle="")
    here.row("Contact", Email="ada@example.com", Title="Countess")
    here.fault(CRM.HUBSPOT, kind, UPDATES, times=1)
    run = here.run()
    assert (run.state, run.failed) == (RunState.COMPLETE, 0)
    assert [dict(e.fields) for e in here.writes(CRM.HUBSPOT) if e.changed] == [
        {"jobtitle": "Countess"}
    ]
    assert here.run().unchanged == 1


def test_D3_a_session_that_ends_in_the_middle_is_renewed(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    run = _enumerated(here)
    turns = count()

    def end_it() -> None:
        if next(turns) % 2 == 0:
            here.world.org.sessions.clear()

    here.at_call("/composite", end_it, times=9)
    here.settle()
    assert here.the_run(run).created == 6
    assert all(row.attempts == 1 for row in here.rows().values())


@pytest.mark.parametrize(
    ("crm", "kind", "reason"),
    [
        (CRM.HUBSPOT, Kind.UNAUTHORIZED, Reason.TOKEN_EXPIRED),
        (CRM.HUBSPOT, Kind.QUOTA_SPENT, Reason.BUDGET_HELD),
        (CRM.SALESFORCE, Kind.QUOTA_SPENT, Reason.BUDGET_HELD),
    ],
)
@pytest.mark.parametrize("at", [0, A_WRITE])
def test_D2_D4_what_nobody_can_help_is_parked_without_counting_tries(
    install: Install, crm: CRM, kind: Kind, reason: Reason, at: int
) -> None:
    here = install(retries__attempts=2, lanes__bulk__width=3)
    here.contacts(6)
    run = _enumerated(here)
    fault = here.fault(crm, kind, READS if crm is CRM.HUBSPOT else COMPOSITE, after=at)
    for _ in range(20):
        here.work()
        here.move(901)
        here.sweep()
    waiting = here.the_run(run)
    assert (waiting.state, waiting.failed) == (RunState.RUNNING, 0)
    assert waiting.waiting >= 3
    assert {row.reason for row in here.rows().values() if not row.outcome} == {reason}
    here.world.faults.remove(fault)
    here.settle()
    done = here.the_run(run)
    assert (done.state, done.failed, done.cancelled) == (RunState.COMPLETE, 0, 0)
    assert all(row.attempts <= 2 for row in here.rows().values())
    nothing_is_there_twice(here)


def test_a_429_parks_the_batch_and_keeps_everybody_away_for_a_while(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    keys = here.contacts(6)
    run = _enumerated(here)
    before = here.calls()["objects.batch_read"]
    here.fault(CRM.HUBSPOT, Kind.STATUS, READS, status=429, times=1)
    here.work()
    assert here.calls()["objects.batch_read"] == before, "a call went out while the limit held"
    assert {row.reason for row in here.rows(run).values()} == {Reason.RATE_LIMITED}
    here.settle()
    assert here.outcomes(run) == dict.fromkeys(keys, Outcome.CREATED)
    assert all(row.attempts == 1 for row in here.rows().values())


def test_our_own_calls_never_meet_a_limit(install: Install, logged: list[EventDict]) -> None:
    here = install(lanes__bulk__width=1)
    here.contacts(300)
    assert here.run().created == 300
    refused = [entry for entry in logged if entry["event"] in {"batch_parked", "producer_waits"}]
    assert refused == []


def test_D9_a_record_that_no_code_can_carry_ends_alone(install: Install) -> None:
    """It used to be claimed, and to end its batch, for ever; the run never ended."""
    here = install(lanes__bulk__width=8)
    keys = here.contacts(16)
    poison = keys[5]

    def strike(_method: str, url: str, body: bytes) -> None:
        if "batch/read" in url and f'"{poison}"'.encode() in body:
            raise ZeroDivisionError("a fault of our own, with ada@example.com in its words")

    here.watches.append(strike)
    run = here.start()
    here.settle(unexpected=ZeroDivisionError)
    done = here.the_run(run)
    assert (done.state, done.failed, done.created) == (RunState.COMPLETE, 1, 15)
    problem = here.problem(poison)
    assert problem
    assert "ZeroDivisionError" in problem.message
    assert "ada@" not in problem.message
    accounted(here, done)
    nobody_outside_was_written(here)


def test_D9_a_record_that_ends_its_worker_every_time_is_given_up(install: Install) -> None:
    """A process that is killed records nothing, so the tries alone tell."""
    here = install(retries__attempts=3, lanes__bulk__width=4)
    keys = here.contacts(4)
    poison = keys[1]

    def strike(_method: str, url: str, body: bytes) -> None:
        if "batch/read" in url and f'"{poison}"'.encode() in body:
            raise KeyboardInterrupt

    here.watches.append(strike)
    run = here.start()
    here.settle(unexpected=KeyboardInterrupt)
    done = here.the_run(run)
    assert (done.state, done.failed, done.created) == (RunState.COMPLETE, 1, 3)
    assert here.outcomes()[poison] is Outcome.FAILED
    accounted(here, done)


def test_neighbours_of_a_record_that_fails_its_batch_do_not_fail_with_it(
    install: Install,
) -> None:
    """With eight tries a batch of a thousand was halved to three, and two went down with one."""
    here = install(lanes__bulk__width=1000)
    keys = here.contacts(40)
    poison = keys[7]

    def strike(_method: str, url: str, body: bytes) -> None:
        if "batch/read" in url and f'"{poison}"'.encode() in body:
            here.fault(CRM.HUBSPOT, Kind.STATUS, READS, times=1)

    here.watches.append(strike)
    run = here.run()
    assert (run.failed, run.created) == (1, 39)
    assert here.outcomes()[poison] is Outcome.FAILED


def test_a_doubled_message_does_nothing_more(install: Install) -> None:
    here = install()
    keys = here.contacts(3)
    run = here.run()
    before = here.calls()
    sync(here.services, run.id, keys)
    assert here.calls() == before


def test_an_allowance_that_one_record_met_uses_up_no_try() -> None:
    """It was tried eight times within minutes and then failed."""
    refused = Refused("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")
    patience = Patience(8, NOON, RetrySettings(), 0.5)
    write = SalesforceWrite("Contact", None, "HubSpot_Contact_Id__c", "1", {"LastName": "Doe"})
    plan = Plan("1", write, None, {}, (), None)
    later = settle(plan, Applied(salesforce=refused), patience)
    assert isinstance(later, Later)
    assert (later.reason, later.counts) == (Reason.BUDGET_HELD, False)
    assert later.due_at > NOON + timedelta(minutes=10)
