"""Pausing, resuming and cancelling a run, between batches and in the middle of one."""

import pytest

from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import Outcome, RunState
from guestlist.domain.reason import Reason
from guestlist.engine.launch import cancel, pause, resume
from guestlist.engine.sweep import sweep
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.crash import Killed, Tripwire, doomed
from tests.engine.judge import accounted, nothing_is_there_twice


def test_a_paused_run_writes_nothing_until_it_is_resumed(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    pause(here.services, run.id, by="tester")
    here.settle()
    here.move(3600)
    sweep(here.services)
    here.work()
    paused = here.the_run(run)
    assert (paused.state, paused.waiting, here.writes()) == (RunState.PAUSED, 6, [])
    accounted(here, paused)
    resume(here.services, run.id, by="tester")
    here.settle()
    done = here.the_run(run)
    assert (done.state, done.created) == (RunState.COMPLETE, 6)
    nothing_is_there_twice(here)


def test_a_batch_that_is_under_way_when_its_run_is_paused_ends(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    run = here.start()
    here.at_call("memberships", lambda: None)
    here.carry_out(here.post.waiting.popleft())
    here.at_call("batch/read", lambda: pause(here.services, run.id, by="tester"))
    here.settle()
    paused = here.the_run(run)
    assert (paused.state, paused.created, paused.waiting) == (RunState.PAUSED, 2, 4)
    accounted(here, paused)
    resume(here.services, run.id, by="tester")
    here.settle()
    assert here.the_run(run).created == 6


def test_a_run_paused_while_its_list_is_read_misses_nobody(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    run = here.start()
    here.at_call("/memberships", lambda: pause(here.services, run.id, by="tester"))
    here.settle()
    assert here.writes() == []
    resume(here.services, run.id, by="tester")
    here.settle()
    done = here.the_run(run)
    assert (done.state, done.created, done.enumerated) == (RunState.COMPLETE, 6, 6)


def test_a_cancelled_run_ends_with_what_it_wrote(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.carry_out(here.post.waiting.popleft())
    ended = cancel(here.services, run.id, by="tester")
    assert (ended.state, ended.created, ended.cancelled) == (RunState.CANCELLED, 2, 4)
    assert ended.finished_at
    here.settle()
    assert len(here.writes()) == 2
    accounted(here, here.the_run(run))
    reasons = {row.reason for row in here.rows().values() if row.outcome is Outcome.CANCELLED}
    assert reasons == {Reason.CANCELLED}


def test_a_batch_that_is_under_way_when_its_run_is_cancelled_says_what_it_wrote(
    install: Install,
) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(4)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.at_call("/composite", lambda: cancel(here.services, run.id, by="tester"))
    here.settle()
    ended = here.the_run(run)
    assert (ended.state, ended.created, ended.cancelled) == (RunState.CANCELLED, 2, 2)
    assert ended.finished_at
    accounted(here, ended)


def test_what_a_killed_worker_held_of_a_cancelled_run_ends_with_its_lease(
    install: Install,
) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(4)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    with pytest.raises(Killed):
        here.work(doomed(here, Tripwire(5)))
    ended = cancel(here.services, run.id, by="tester")
    assert (ended.waiting, ended.cancelled, ended.finished_at) == (2, 2, None)
    here.settle()
    ended = here.the_run(run)
    assert (ended.cancelled, ended.waiting) == (4, 0)
    assert ended.finished_at
    accounted(here, ended)


def test_what_waits_for_its_next_try_is_cancelled_too(install: Install) -> None:
    here = install()
    here.contacts(2)
    here.fault(CRM.HUBSPOT, Kind.STATUS, "POST */batch/read")
    run = here.start()
    here.work()
    assert here.the_run(run).waiting == 2
    assert cancel(here.services, run.id, by="tester").cancelled == 2


def test_a_run_can_only_be_moved_where_it_can_go(install: Install) -> None:
    here = install()
    run = here.run()
    for move in (pause, resume, cancel):
        with pytest.raises(Misconfigured, match="complete"):
            move(here.services, run.id, by="tester")
        with pytest.raises(Misconfigured, match="no run 'r_none'"):
            move(here.services, "r_none", by="tester")
