"""A list sync from beginning to end, judged by the sandbox's journal."""

from guestlist.domain.outcome import Outcome, RunState
from tests.engine.conftest import Install


def test_members_are_created_and_nobody_else_is(install: Install) -> None:
    here = install()
    members = here.contacts(5)
    here.contact("outside@example.com", lifecyclestage="lead")
    run = here.run()
    assert (run.state, run.enumerated, run.created) == (RunState.COMPLETE, 5, 5)
    assert here.outcomes() == dict.fromkeys(members, Outcome.CREATED)
    assert [entry.operation for entry in here.writes()] == ["create"] * 5
    assert sorted(entry.contact_id or "" for entry in here.writes()) == sorted(members)
    assert all(len(here.twins(member)) == 1 for member in members)


def test_a_second_run_writes_nothing(install: Install) -> None:
    here = install(contacts=400, guards__settle_s=5)
    first = here.run()
    written = here.writes()
    second = here.run()
    assert second.state is RunState.COMPLETE
    assert here.writes() == written
    assert (second.created, second.updated, second.enumerated) == (0, 0, first.enumerated)
    assert second.unchanged == first.created + first.updated + first.unchanged
    assert (second.held, second.failed) == (first.held, first.failed)
