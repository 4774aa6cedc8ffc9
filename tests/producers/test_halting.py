"""Everything paused: runs under way, runs to come and polls stand still, and lose nothing."""

from collections import Counter
from datetime import timedelta

from guestlist.domain.outcome import RunKind, RunState
from guestlist.engine import follow
from guestlist.engine.halting import halt, halted, lift
from guestlist.engine.launch import pause, start_records
from guestlist.engine.sweep import sweep
from guestlist.store import audit
from tests.engine.conftest import Install
from tests.engine.judge import accounted, nothing_is_there_twice
from tests.engine.world import Installation
from tests.producers.conftest import Followed
from tests.producers.watcher import EVERY, once

NOW = timedelta()
ME = "tester"


def _stand_still(here: Installation) -> None:
    """Let an hour of beat's sweeps and of whatever waits in the queue go by."""
    for _ in range(3):
        here.move(1200)
        sweep(here.services)
        here.work()


def test_nothing_is_written_until_it_is_lifted(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    assert halt(here.services, by=ME)
    _stand_still(here)
    halted_run = here.the_run(run)
    assert (halted_run.state, halted_run.waiting) == (RunState.RUNNING, 6)
    assert here.writes() == []
    accounted(here, halted_run)
    assert lift(here.services, by=ME)
    here.work()
    done = here.the_run(run)
    assert (done.state, done.created) == (RunState.COMPLETE, 6)
    nothing_is_there_twice(here)


def test_a_list_is_read_no_further_until_it_is_lifted(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    run = here.start()
    here.at_call("/memberships", lambda: halt(here.services, by=ME))
    here.work()
    _stand_still(here)
    assert 0 < here.the_run(run).enumerated < 6
    assert here.writes() == []
    lift(here.services, by=ME)
    here.settle()
    assert here.the_run(run).created == 6


def test_a_batch_that_is_under_way_writes_nothing_that_it_has_not_sent(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.at_call("batch/read", lambda: halt(here.services, by=ME))
    here.work()
    _stand_still(here)
    assert here.writes() == []
    accounted(here, here.the_run(run))
    lift(here.services, by=ME)
    here.settle()
    assert here.the_run(run).created == 6
    nothing_is_there_twice(here)


def test_of_a_write_of_several_calls_what_was_sent_is_recorded_and_the_rest_waits(
    install: Install,
) -> None:
    here = install(salesforce__batch=1)
    here.contacts(7)
    run = here.start()

    def watch(_method: str, _url: str, body: bytes) -> None:
        if b'"allOrNone"' in body:
            halt(here.services, by=ME)

    here.watches.append(watch)
    here.work()
    _stand_still(here)
    here.watches.remove(watch)
    written = len(here.writes())
    assert 0 < written < 7, "a call takes five of these"
    assert here.the_run(run).created == written
    lift(here.services, by=ME)
    here.settle()
    assert here.the_run(run).created == 7
    nothing_is_there_twice(here)


def test_no_twin_goes_that_was_not_gone_yet(install: Install) -> None:
    here = install(objects__contacts__on_hubspot_delete="delete", salesforce__batch=1)
    gone = here.contacts(3)
    here.run()
    for each in gone:
        here.world.portal.archive("contacts", each, caller="user")
    here.at_call("DELETE", lambda: halt(here.services, by=ME))
    start_records(here.services, "contacts", gone, by=ME)
    here.work()
    _stand_still(here)
    assert [each.operation for each in here.writes()].count("delete") == 1
    lift(here.services, by=ME)
    here.settle()
    assert [each.operation for each in here.writes()].count("delete") == 3


def test_what_is_started_meanwhile_waits(install: Install) -> None:
    here = install()
    here.contacts(3)
    halt(here.services, by=ME)
    run = here.start()
    _stand_still(here)
    assert (here.the_run(run).enumerated, here.writes()) == (0, [])
    lift(here.services, by=ME)
    here.settle()
    assert here.the_run(run).created == 3


def test_a_run_that_was_paused_by_itself_stays_so(install: Install) -> None:
    here = install()
    here.contacts(3)
    run = here.start()
    pause(here.services, run.id, by=ME)
    halt(here.services, by=ME)
    lift(here.services, by=ME)
    _stand_still(here)
    assert here.the_run(run).state is RunState.PAUSED
    assert here.writes() == []


def test_no_poll_asks_a_crm_and_what_changed_meanwhile_is_found_after(followed: Followed) -> None:
    watcher = followed()
    watcher.tick(4)
    here = watcher.here
    halt(here.services, by=ME)
    found = here.contact("found@example.com", ago=NOW, lifecyclestage="lead")
    here.move(600)
    assert watcher.calls_of(*EVERY) == Counter()
    lift(here.services, by=ME)
    watcher.tick(4)
    assert watcher.queued(RunKind.CHANGES) == once([found])


def test_no_stream_is_called_late_while_nobody_may_look(followed: Followed) -> None:
    watcher = followed()
    watcher.tick(4)
    here, polls = watcher.here, watcher.here.services.settings.polls

    def late() -> tuple[str, ...]:
        return follow.status(here.services)[0].late(polls, now=here.now())

    halt(here.services, by=ME)
    here.move(3600)
    assert late() == ()
    lift(here.services, by=ME)
    assert late() == ()
    here.move(3600)
    assert late()


def test_twice_is_once_and_it_is_told_who_did_it(install: Install) -> None:
    here = install()
    assert not lift(here.services, by=ME)
    assert halt(here.services, by="ada")
    assert not halt(here.services, by="bob")
    on = halted(here.services)
    assert on
    assert (on.by, on.at) == ("ada", here.now())
    assert lift(here.services, by="bob")
    assert halted(here.services) is None
    with here.services.database.read() as connection:
        told = [(each.what, each.who) for each in audit.recent(connection, limit=2)]
    assert told == [("engine.resumed", "bob"), ("engine.paused", "ada")]
