"""Two workers over the same records: one writes and records, the other does neither."""

from guestlist.domain.outcome import RunState
from guestlist.engine.producer import enumerate_run
from guestlist.engine.sync import sync
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.judge import accounted, nobody_outside_was_written, nothing_is_there_twice
from tests.engine.world import Installation

READ, LOOKUP = "batch/read", "/composite"


def _queued(here: Installation) -> tuple[str, list[str]]:
    """Start a run and enumerate it; its id and its keys."""
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.post.lose()
    return run.id, sorted(here.rows())


def test_a_record_that_another_worker_holds_is_left_alone(install: Install) -> None:
    here = install()
    here.contacts(3)
    run_id, keys = _queued(here)
    other = here.worker()
    here.at_call(READ, lambda: sync(other, run_id, keys))
    before = here.calls()["objects.batch_read"]
    sync(here.services, run_id, keys)
    assert here.calls()["objects.batch_read"] == before + 1
    assert len(here.writes()) == 3
    assert here.the_run(run_id).created == 3


def test_a_worker_whose_lease_ran_out_while_it_read_writes_and_records_nothing(
    install: Install,
) -> None:
    here = install()
    here.contacts(3)
    run_id, keys = _queued(here)
    other = here.worker()
    seen: list[int] = []

    def overtake() -> None:
        here.move(here.loaded.settings.flow.lease_s + 1)
        sync(other, run_id, keys)
        seen.append(len(here.writes()))

    here.at_call(LOOKUP, overtake)
    sync(here.services, run_id, keys)
    run = here.the_run(run_id)
    assert seen == [3]
    assert len(here.writes()) == 3
    assert (run.state, run.created, run.unchanged) == (RunState.COMPLETE, 3, 0)
    accounted(here, run)


def test_a_worker_whose_lease_ran_out_between_its_two_writes_leaves_the_second_out(
    install: Install,
) -> None:
    here = install(guards__proof_age_s=3600)
    here.contact("ada@example.com", jobtitle="")
    here.row("Contact", Email="ada@example.com", Title="Countess")
    run_id, keys = _queued(here)
    lease = here.loaded.settings.flow.lease_s
    here.fault(CRM.SALESFORCE, Kind.DELAY, "POST */composite", after=1, times=1, seconds=50)
    here.at_call(READ, lambda: here.move(lease - 40))
    sync(here.services, run_id, keys)
    assert [entry.crm for entry in here.writes()] == ["salesforce"]
    assert here.rows()[keys[0]].outcome is None
    here.settle()
    assert [entry.crm for entry in here.writes()] == ["salesforce", "hubspot"]
    accounted(here, here.the_run(run_id))


def test_no_part_of_a_long_write_is_sent_on_a_proof_that_grew_too_old(install: Install) -> None:
    """HubSpot takes a hundred updates a call: a slow one used up the proof of those behind it."""
    here = install()
    for n in range(350):
        here.contact(f"p{n}@example.com", jobtitle="")
        here.row("Contact", Email=f"p{n}@example.com", Title="Countess")
    here.fault(CRM.HUBSPOT, Kind.DELAY, "POST */batch/update", seconds=20)
    sent: list[float] = []
    proved: list[float] = []
    here.at_call("memberships/batch/read", lambda: proved.append(here.now().timestamp()), times=99)
    here.at_call("batch/update", lambda: sent.append(here.now().timestamp() - start), times=99)
    start = here.now().timestamp()
    run = here.start()
    here.work()
    assert max(sent) <= here.loaded.settings.guards.proof_age_s
    here.settle()
    assert here.the_run(run).updated == 350
    assert len(here.writes(CRM.HUBSPOT)) == 350


def test_a_producer_that_slept_through_its_lease_changes_nothing(install: Install) -> None:
    """It used to put the run's checkpoint back to that of its own, older page."""
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    run = here.start()
    here.post.lose()
    other = here.worker()

    def overtake() -> None:
        here.move(here.loaded.settings.flow.lease_s + 1)
        enumerate_run(other, run.id)

    here.at_call("/memberships", overtake)
    enumerate_run(here.services, run.id)
    assert here.calls()["memberships.page"] == 4
    here.settle()
    nothing_is_there_twice(here)
    nobody_outside_was_written(here)
    assert here.the_run(run).created == 6
