"""Who is not in the list is not written, whatever changes between the reading and the writing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import Outcome, RunState
from guestlist.domain.reason import Reason
from guestlist.engine.launch import start_records
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.judge import accounted, nobody_outside_was_written
from tests.engine.world import Installation
from tests.sandbox.hubspot.filter_branches import where

READ, LOOKUP = "contacts/batch/read", "/composite"
COMPANIES = "0-2"
FORMER = where("lifecyclestage", "ENUMERATION", "HAS_EVER_BEEN_ANY_OF", values=["customer"])


def _one_by_one(here: Installation, *keys: str) -> dict[str, Reason | None]:
    """Sync these records as a person asks for it; their reasons."""
    run = start_records(here.services, "contacts", keys, by="tester")
    here.settle()
    return {key: row.reason for key, row in here.rows(here.the_run(run)).items()}


def test_a_record_asked_for_by_name_has_to_be_in_the_list_too(install: Install) -> None:
    here = install()
    ada, bob = here.contact("ada@example.com"), here.contact("bob@x.org", lifecyclestage="lead")
    assert _one_by_one(here, ada, bob) == {ada: Reason.SYNCED, bob: Reason.NOT_IN_LIST}
    assert [entry.contact_id for entry in here.writes()] == [ada]


def test_a_linked_record_that_left_keeps_its_twin_and_its_link(install: Install) -> None:
    here = install()
    ada = here.contact("ada@example.com", firstname="Ada")
    here.contact("always@example.com")
    here.run()
    twin, written = here.twins(ada), here.writes()
    here.change(ada, lifecyclestage="other", email="augusta@example.com")
    here.move(300)
    assert _one_by_one(here, ada) == {ada: Reason.LEFT_LIST}
    assert (here.twins(ada), here.writes()) == (twin, written)
    here.change(ada, lifecyclestage="customer")
    here.move(300)
    assert _one_by_one(here, ada) == {ada: Reason.SYNCED}
    assert here.values(twin[0])["Email"] == "augusta@example.com"


def test_who_left_while_waiting_in_the_queue_is_not_written(install: Install) -> None:
    here = install()
    ada, bob = here.contact("ada@example.com"), here.contact("bob@example.com")
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.change(ada, lifecyclestage="other")
    here.move(120)
    here.settle()
    assert {key: row.reason for key, row in here.rows(run).items()} == {
        ada: Reason.NOT_IN_LIST,
        bob: Reason.SYNCED,
    }
    nobody_outside_was_written(here)


def test_who_left_right_before_the_read_is_held_though_the_page_said_member(
    install: Install,
) -> None:
    """The page is still a fresh proof, but the filter knows better."""
    here = install()
    ada = here.contact("ada@example.com")
    here.at_call(READ, lambda: here.change(ada, lifecyclestage="other"))
    run = here.start()
    here.work()
    assert here.rows(run)[ada].reason is Reason.LIST_STALE
    here.settle()
    assert here.rows(run)[ada].reason is Reason.NOT_IN_LIST
    assert here.writes() == []


@pytest.mark.parametrize("lag", [0, 1, 5, 20, 45, 60])
@pytest.mark.parametrize("list_filter", ["evaluated", "history"])
def test_a_list_that_lags_lets_nobody_through(install: Install, lag: int, list_filter: str) -> None:
    """Every contact changes sides at another moment of the run; the list follows *lag* later."""
    here = install(lanes__bulk__width=3)
    if list_filter == "history":
        here.choose(here.world.portal.create_list("Never left", FORMER))
    keys = here.contacts(12)
    here.world.set_options(CRM.HUBSPOT, {"list_lag": lag})
    leaving = iter(keys)

    def leave() -> None:
        if key := next(leaving, None):
            here.change(key, lifecyclestage="other")

    here.at_call(READ, leave, times=100)
    here.at_call(LOOKUP, leave, times=100)
    run = here.run()
    accounted(here, run)
    written = [entry for entry in here.writes() if not entry.lists[here.inclusion].by_filter]
    changed_under_our_hands = [e for e in written if e.at - _left_at(here, e.contact_id) < 1]
    assert written == changed_under_our_hands


def _left_at(here: Installation, contact_id: str | None) -> float:
    return max(
        entry.at
        for entry in here.world.journal.entries
        if entry.crm == "hubspot" and entry.id == contact_id and entry.caller == "user"
    )


def test_a_member_that_just_changed_waits_until_the_list_has_settled(install: Install) -> None:
    """Its filter asks for the past, which only HubSpot can judge."""
    here = install()
    here.choose(here.world.portal.create_list("Customers once", FORMER))
    here.world.set_options(CRM.HUBSPOT, {"list_lag": 10})
    ada = here.contact("ada@example.com")
    here.change(ada, lifecyclestage="lead", firstname="Augusta")
    changed = here.now()
    run = here.start()
    here.work()
    row = here.rows(run)[ada]
    settle = timedelta(seconds=here.loaded.settings.guards.settle_s)
    assert (row.reason, row.outcome) == (Reason.LIST_STALE, None)
    assert row.due_at
    assert row.due_at >= changed + settle
    here.settle()
    assert here.outcomes(run) == {ada: Outcome.CREATED}
    assert here.writes()[0].at >= (changed + settle).timestamp()


def test_a_proof_that_grew_too_old_is_renewed_before_the_write(install: Install) -> None:
    here = install()
    ada = here.contact("ada@example.com")
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    asked: list[str] = []
    here.at_call("memberships/batch/read", lambda: asked.append("again"))
    here.move(here.loaded.settings.guards.proof_age_s + 1)
    here.settle()
    assert asked == ["again"]
    assert here.outcomes(run) == {ada: Outcome.CREATED}


def test_a_proof_that_runs_out_on_the_way_to_the_write_is_none(install: Install) -> None:
    here = install()
    ada = here.contact("ada@example.com")
    age = here.loaded.settings.guards.proof_age_s
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.at_call(LOOKUP, lambda: here.move(age - 0.05))
    here.at_call("memberships/batch/read", lambda: here.move(age + 1))
    here.work()
    row = here.rows(run)[ada]
    assert (here.writes(), row.outcome) == ([], None)
    assert row.attempts == 0 or row.reason is Reason.LIST_UNAVAILABLE
    here.settle()
    assert here.outcomes(run) == {ada: Outcome.CREATED}


@pytest.mark.parametrize("way", ["deleted", "static", "static later"])
def test_a_list_that_can_not_decide_any_more_closes_the_gate(install: Install, way: str) -> None:
    here = install(lanes__bulk__width=2, guards__list_cache_s=1)
    here.contacts(6)
    inclusion = here.inclusion
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.carry_out(here.post.waiting.popleft())
    assert len(here.writes()) == 2
    if way == "deleted":
        here.world.portal.delete_list(inclusion)
    else:
        here.world.portal.convert_list(inclusion)
    here.move(120 if way == "static later" else 2)
    here.settle()
    done = here.the_run(run)
    assert len(here.writes()) == 2
    assert done.finished_at
    accounted(here, done)
    reasons = {row.reason for row in here.rows(run).values()} - {Reason.SYNCED}
    assert reasons <= {Reason.LIST_UNAVAILABLE, Reason.LIST_NOT_ACTIVE}
    assert here.rows(run)
    assert all(len(here.twins(e.contact_id or "")) == 1 for e in here.writes())


def test_a_list_that_is_gone_stops_the_run_that_reads_it(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(6)
    inclusion = here.inclusion
    run = here.start()
    here.world.portal.delete_list(inclusion)
    here.settle()
    stopped = here.the_run(run)
    assert (stopped.state, stopped.reason) == (RunState.STOPPED, Reason.LIST_UNAVAILABLE)
    assert here.writes() == []


def test_another_list_chosen_while_a_run_is_under_way_decides_at_once(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    keys = here.contacts(4)
    only = here.contact("vip@example.com", jobtitle="VIP")
    vips = where("jobtitle", "ALL_PROPERTY", "IS_KNOWN")
    other = here.world.portal.create_list("VIPs", vips)
    run = here.start()
    here.choose(other)
    here.settle()
    done = {key: row.reason for key, row in here.rows(run).items()}
    assert done == {**dict.fromkeys(keys, Reason.NOT_IN_LIST), only: Reason.SYNCED}
    nobody_outside_was_written(here)


@pytest.mark.parametrize("kind", ["static", "companies", "deleted", "none"])
def test_a_run_does_not_start_without_a_list_that_can_decide(install: Install, kind: str) -> None:
    here = install()
    portal = here.world.portal
    match kind:
        case "static":
            here.choose(portal.create_list("Static", None, processing_type="MANUAL"))
        case "companies":
            known = where("domain", "ALL_PROPERTY", "IS_KNOWN")
            here.choose(portal.create_list("Firms", known, object_type_id=COMPANIES))
        case "deleted":
            portal.delete_list(here.inclusion)
        case _:
            here.forget()
    with pytest.raises(Misconfigured):
        here.start()
    assert here.latest() is None


def test_an_unreadable_list_makes_the_batch_wait(install: Install) -> None:
    here = install(guards__list_cache_s=0)
    ada = here.contact("ada@example.com")
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.fault(CRM.HUBSPOT, Kind.STATUS, f"GET /crm/lists/*/{here.inclusion}", times=2)
    here.work()
    assert (here.writes(), here.rows(run)[ada].outcome) == ([], None)
    here.settle()
    assert here.outcomes(run) == {ada: Outcome.CREATED}


def test_a_token_without_the_scope_of_lists_lets_nobody_through(install: Install) -> None:
    here = install(guards__list_cache_s=0)
    ada = here.contact("ada@example.com")
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    portal = here.world.portal
    portal.scopes[here.world.credentials.hubspot_token] = frozenset({"crm.objects.contacts.read"})
    here.work()
    assert (here.writes(), here.rows(run)[ada].reason) == ([], Reason.SCOPE_MISSING)
    portal.scopes.clear()
    here.settle()
    assert here.outcomes(run) == {ada: Outcome.CREATED}


def test_a_worker_whose_settings_have_changed_since_writes_nothing(install: Install) -> None:
    here = install()
    keys = here.contacts(2)
    run = here.start()
    here.work(replace(here.services, superseded=lambda: True))
    assert here.writes() == []
    assert {row.reason for row in here.rows(run).values()} == {Reason.SETTINGS_CHANGED}
    here.settle(here.worker())
    assert here.outcomes(run) == dict.fromkeys(keys, Outcome.CREATED)
    assert all(row.attempts == 1 for row in here.rows().values())
