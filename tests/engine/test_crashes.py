"""A process may die between any two steps: the run still ends, complete, with nobody twice."""

import pytest

from guestlist.domain.outcome import Outcome, RunState
from guestlist.engine.launch import start_list
from sandbox.crm import CRM
from tests.engine.conftest import Install
from tests.engine.crash import Killed, Tripwire, doomed
from tests.engine.judge import accounted, nobody_outside_was_written, nothing_is_there_twice
from tests.engine.world import Installation

NEVER = 10**9
PARTS = 4
"""Tests that share the steps between them."""


def _world(install: Install) -> Installation:
    """Two to create, one to adopt, one that fails, and one outside; two records a batch."""
    here = install(lanes__bulk__width=2)
    here.contacts(2)
    here.contact("ada@example.com", jobtitle="", lastname="Lovelace")
    here.row("Contact", Email="ada@example.com", LastName="Lovelace", Title="Countess")
    here.contact("bob@example.com", lastname="")
    here.contact("out@example.com", lifecyclestage="lead")
    return here


def _sync_until_killed(here: Installation, wire: Tripwire) -> None:
    process = doomed(here, wire)
    try:
        start_list(process, "contacts", by="tester")
        here.settle(process)
    except Killed:
        here.post.lose()


@pytest.mark.parametrize("part", range(PARTS))
def test_a_process_killed_at_any_step_leaves_nothing_undone_or_done_twice(
    install: Install, part: int
) -> None:
    steps = Tripwire(NEVER)
    _sync_until_killed(_world(install), steps)
    assert steps.steps > 50
    for at in range(1 + part, steps.steps + 1, PARTS):
        here, wire = _world(install), Tripwire(at)
        _sync_until_killed(here, wire)
        _goes_on(here, wire)
        here.close()


def _goes_on(here: Installation, wire: Tripwire) -> None:
    """The proofs hold right after the kill, and at the end that another process reaches."""
    run = here.latest()
    if run:
        accounted(here, run)
        here.settle()
    else:
        run = here.run()
    run = here.the_run(run)
    accounted(here, run)
    nobody_outside_was_written(here)
    nothing_is_there_twice(here)
    assert (run.state, run.enumerated, run.failed) == (RunState.COMPLETE, 4, 1), wire.where
    assert len(here.writes(CRM.SALESFORCE)) == 3, wire.where
    assert len(here.writes(CRM.HUBSPOT)) == 1, wire.where
    again = here.run()
    assert again.outcomes | {Outcome.UNCHANGED: 3, Outcome.FAILED: 1} == again.outcomes, wire.where
