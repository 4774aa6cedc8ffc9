"""A batch takes along what waits in other runs: a call costs the same for one as for many."""

from guestlist.domain.outcome import RunState
from guestlist.engine.launch import start_records
from guestlist.engine.sweep import sweep
from guestlist.engine.sync import sync
from guestlist.store import runs
from sandbox.crm import CRM
from sandbox.faults import Kind
from schemas.settings import Lane
from tests.engine.conftest import Install
from tests.engine.world import Installation


def _waiting(here: Installation, keys: list[str], *, lane: Lane = Lane.CHANGES) -> list[str]:
    """Start a run for each of the records, and let their messages get lost."""
    made = [start_records(here.services, "contacts", [key], by="t", lane=lane).id for key in keys]
    here.post.waiting.clear()
    here.move(60)
    return made


def _outcomes(here: Installation, run_ids: list[str]) -> list[str | None]:
    return [row.outcome for each in run_ids for row in here.rows(here.the_run(each)).values()]


def test_small_runs_that_wait_are_looked_at_in_the_calls_of_one(install: Install) -> None:
    here = install()
    keys = here.contacts(12)
    made = _waiting(here, keys)
    sync(here.services, made[0], keys[:1])
    assert _outcomes(here, made) == ["created"] * 12
    assert all(here.the_run(each).finished_at for each in made)
    assert len({entry.request_id for entry in here.writes()}) == 1
    assert [here.the_run(each).salesforce_calls for each in made[1:]] == [0] * 11


def test_a_record_that_waits_in_two_runs_is_looked_at_once_at_a_time(install: Install) -> None:
    here = install()
    (ada,) = here.contacts(1)
    one, two = _waiting(here, [ada, ada])
    sync(here.services, one, [ada])
    assert _outcomes(here, [one, two]) == ["created", None]
    here.settle()
    assert _outcomes(here, [one, two]) == ["created", "unchanged"]


def test_no_batch_grows_over_the_width_of_its_lane(install: Install) -> None:
    here = install(lanes__changes__width=5)
    keys = here.contacts(9)
    made = _waiting(here, keys)
    sync(here.services, made[0], keys[:1])
    assert _outcomes(here, made).count("created") == 5


def test_other_lanes_and_what_was_tried_more_often_stay_apart(install: Install) -> None:
    """A batch that failed is halved: whoever fails must not take new company down."""
    here = install()
    ada, bob, cyd = here.contacts(3)
    (tried,) = _waiting(here, [ada])
    here.fault(CRM.HUBSPOT, Kind.STATUS, status=503, times=1)
    sync(here.services, tried, [ada])
    (other,) = _waiting(here, [bob], lane=Lane.INTERACTIVE)
    (fresh,) = _waiting(here, [cyd])
    sync(here.services, fresh, [cyd])
    assert _outcomes(here, [tried, other, fresh]) == [None, None, "created"]


def test_a_run_that_is_paused_keeps_its_records_back(install: Install) -> None:
    here = install()
    ada, bob = here.contacts(2)
    one, two = _waiting(here, [ada, bob])
    with here.services.database.begin() as connection:
        runs.set_state(connection, two, RunState.PAUSED, now=here.now())
    sync(here.services, one, [ada])
    assert _outcomes(here, [one, two]) == ["created", None]


def test_who_is_parked_with_its_company_waits_in_its_own_run(install: Install) -> None:
    here = install()
    keys = here.contacts(4)
    made = _waiting(here, keys)
    here.fault(CRM.SALESFORCE, Kind.STATUS, status=503, times=1)
    sync(here.services, made[0], keys[:1])
    assert _outcomes(here, made) == [None] * 4
    here.move(3600)
    sweep(here.services)
    here.settle()
    assert _outcomes(here, made) == ["created"] * 4
