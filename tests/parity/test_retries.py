"""RET: what is tried again by itself, how long, and what a person may do at any time."""

from datetime import timedelta

from guestlist.domain.outcome import Outcome
from guestlist.engine.launch import start_records
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install


def test_RET_01_a_failing_call_is_tried_again_within_minutes_and_then_is_a_persons(
    install: Install,
) -> None:
    """Eight tries; HubSpot's integration tries every 20 minutes, and then once a night."""
    here = install()
    member = here.contact("ada@example.com")
    fault = here.fault(CRM.HUBSPOT, Kind.STATUS, "POST */batch/read")
    began = here.now()
    run = here.run()
    row = here.rows(run)[member]
    assert (row.outcome, row.attempts) == (Outcome.FAILED, here.loaded.settings.retries.attempts)
    assert here.now() - began < timedelta(hours=2)
    problem = here.problem(member)
    assert problem
    here.world.faults.remove(fault)
    run = start_records(here.services, "contacts", [member], by="tester")
    here.settle()
    assert here.the_run(run).created == 1


def test_RET_03_retries_stop_at_three_quarters_of_the_day_and_a_person_goes_on(
    install: Install,
) -> None:
    here = install()
    member = here.contact("ada@example.com", phone="+1 512 555 0100")
    row = here.row("Contact", Email="ada@example.com")
    here.world.org.lock(row, seconds=30)
    run = here.start()
    here.work()
    assert here.rows(run)[member].reason == "LOCKED_ROW"
    used = int(here.world.org.options.daily_limit * 0.8)
    here.world.org.set_options({"spent": used})
    for _ in range(5):
        here.move(120)
        here.sweep()
        here.work()
    assert here.rows(run)[member].reason == "BUDGET_HELD"
    assert here.writes() == []
    by_hand = start_records(here.services, "contacts", [member], by="tester")
    here.work()
    assert here.the_run(by_hand).updated == 1
    here.world.org.set_options({"spent": 0})
    here.settle()
    assert here.outcomes(run) == {member: Outcome.UNCHANGED}
