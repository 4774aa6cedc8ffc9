"""C6, C7: a list that runs away or is emptied stops newcomers, and unlinks nobody."""

from typing import Any

import pytest

from guestlist.domain.brake import Cause
from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import Outcome, RunState
from guestlist.domain.reason import Reason
from guestlist.engine import approval, lists
from sandbox.crm import CRM
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.gate.conftest import choice, hold, leaks, link_of, look, refilter
from tests.sandbox.hubspot.filter_branches import CUSTOMERS, any_of, property_filter, where

EVERYBODY = where("lastname", "ALL_PROPERTY", "IS_KNOWN")
NOBODY = where("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=["evangelist"])


def _outsiders(here: Installation, number: int) -> list[str]:
    return [here.contact(f"o{n}@example.com", lifecyclestage="lead") for n in range(number)]


def _creates(here: Installation) -> int:
    return sum(entry.operation == "create" for entry in here.writes(CRM.SALESFORCE))


@pytest.mark.parametrize("runaway", ["filter", "size"])
@pytest.mark.parametrize("lag", [0, 20])
def test_C6_a_runaway_list_creates_nobody_before_a_person_approves(
    install: Install, runaway: str, lag: int
) -> None:
    here = install()
    old = here.contacts(20)
    new = _outsiders(here, 150)
    here.run()
    with here.set(CRM.HUBSPOT, list_lag=float(lag)):
        if runaway == "filter":
            refilter(here, EVERYBODY)
        else:
            for key in new:
                here.change(key, lifecyclestage="customer")
        here.move(lag + 15)
        here.change(old[0], firstname="Changed")
        run = look(here, [*old, *new])
    assert _creates(here) == 20
    assert (run.updated, run.held) == (1, 150)
    assert all(here.rows(run)[key].reason is Reason.LIST_HELD for key in new)
    found = hold(here)
    assert found
    assert found.cause is (Cause.FILTER if runaway == "filter" else Cause.SIZE)
    with pytest.raises(Misconfigured, match=r"is held, .*guestlist list approve"):
        here.start()
    _approve_all(here, 150)


def _approve_all(here: Installation, number: int) -> None:
    """Approving shows the difference, and brings in whom the brake held."""
    seen = approval.held(here.services, "contacts")
    shown = approval.difference(here.services, "contacts", seen.inclusion)
    assert shown
    assert (shown.enter.count, shown.leave.count) == (number, 0)
    assert len(shown.enter.sample) == approval.SAMPLE
    assert all(person.email for person in shown.enter.sample)
    run = approval.approve(here.services, "contacts", seen, by="ann")
    assert run
    assert run.enumerated == number
    here.settle()
    assert here.the_run(run).created == number
    assert hold(here) is None
    assert choice(here).baseline.size == number + 20
    assert leaks(here) == []


def test_C6_who_is_recorded_as_held_after_the_approval_is_looked_at_again(install: Install) -> None:
    """A batch that was decided before the approval and recorded after it waited for ever."""
    here = install()
    old = here.contacts(20)
    new = _outsiders(here, 150)
    here.run()
    refilter(here, EVERYBODY)
    here.move(15)
    look(here, old)
    seen = approval.held(here.services, "contacts")
    here.at_call("memberships", lambda: approval.approve(here.services, "contacts", seen, by="ann"))
    assert 0 < look(here, new).held < 150
    here.sweep()
    here.settle()
    assert _creates(here) == 170
    assert hold(here) is None


@pytest.mark.parametrize("knowable", [True, False], ids=["evaluated here", "not evaluated here"])
def test_C6_a_filter_edited_at_any_call_lets_no_newcomer_in(
    install: Install, *, knowable: bool
) -> None:
    """Not even while the definition read before the edit may still be used."""
    narrow, wide = (CUSTOMERS, EVERYBODY) if knowable else (_ever("customer"), _ever("lead"))
    here = install()
    _runaway_run(here, narrow, wide, at=10**6)
    calls = here.calls().total()
    here.close()
    for at in range(1, calls + 1):
        here = install()
        edited_at = _runaway_run(here, narrow, wide, at=at)
        strangers = [
            entry
            for entry in here.writes()
            if edited_at and entry.at > edited_at and entry.operation == "create"
        ]
        assert strangers == [], at
        here.close()


def _ever(stage: str) -> dict[str, Any]:
    """A filter on history, which can not be told from a record as it is now."""
    ever = property_filter("jobtitle", "STRING", "HAS_EVER_BEEN_EQUAL_TO", value=stage)
    return any_of([ever])


def _runaway_run(
    here: Installation, narrow: dict[str, Any], wide: dict[str, Any], *, at: int
) -> float:
    """Look at outsiders while a person edits the filters so that they are in, at a call."""
    here.contacts(3)
    new = [
        here.contact(f"o{n}@example.com", lifecyclestage="lead", jobtitle="lead") for n in range(4)
    ]
    refilter(here, narrow)
    here.choose(here.inclusion)
    here.move(120)
    look(here, new)
    start, edited_at = here.calls().total(), 0.0

    def edit() -> None:
        nonlocal edited_at
        if not edited_at and here.calls().total() == start + at - 1:
            edited_at = here.now().timestamp()
            refilter(here, wide)

    here.at_call("", edit, times=10_000)
    look(here, new)
    return edited_at


def test_C6_a_rejected_list_lets_newcomers_in_again_once_it_is_as_it_was(
    install: Install,
) -> None:
    here = install()
    here.contacts(20)
    stranger, *_ = _outsiders(here, 120)
    here.run()
    refilter(here, EVERYBODY)
    here.move(15)
    look(here, [stranger])
    seen = approval.held(here.services, "contacts")
    approval.reject(here.services, "contacts", seen, by="ann")
    look(here, [stranger])
    assert here.rows()[stranger].reason is Reason.LIST_HELD
    refilter(here, CUSTOMERS)
    here.move(15)
    new = here.contact("new@example.com")
    run = look(here, [stranger, new])
    assert here.rows(run)[stranger].reason is Reason.NOT_IN_LIST
    assert here.rows(run)[new].outcome is Outcome.CREATED
    assert hold(here) is None
    here.settle()
    assert _creates(here) == 21
    assert leaks(here) == []


def test_C6_an_approval_of_what_is_no_longer_so_is_refused(install: Install) -> None:
    here = install()
    here.contacts(20)
    here.run()
    refilter(here, EVERYBODY)
    here.move(15)
    look(here, [])
    lists.show(here.services, "contacts")
    seen = approval.held(here.services, "contacts")
    approval.reject(here.services, "contacts", seen, by="bob")
    with pytest.raises(Misconfigured, match="changed meanwhile"):
        approval.approve(here.services, "contacts", seen, by="ann")


def test_C6_the_brake_is_one_for_all_workers_and_outlives_them(install: Install) -> None:
    here = install()
    here.contacts(20)
    new = _outsiders(here, 3)
    here.run()
    other = here.worker()
    refilter(here, EVERYBODY)
    here.move(15)
    lists.show(here.services, "contacts")
    mapping = other.schemas.object("contacts")
    assert other.inclusions.current(mapping)
    refilter(here, CUSTOMERS)
    here.move(15)
    for services in (here.services, other, here.worker()):
        inclusion = services.inclusions.current(mapping)
        assert inclusion
        assert inclusion.hold
        assert inclusion.hold.cause is Cause.FILTER
    assert look(here, new).held == 3


@pytest.mark.parametrize("how", ["members", "filter"])
def test_C7_of_an_emptied_list_nobody_has_left_and_nothing_is_written(
    install: Install, how: str
) -> None:
    here = install()
    old = here.contacts(20)
    here.run()
    written = here.writes()
    if how == "filter":
        refilter(here, NOBODY)
    else:
        item = here.world.portal.lists.lists[here.inclusion]
        item.members.become(set(), int(here.now().timestamp() * 1000))
    here.move(15)
    for key in old[:5]:
        here.change(key, firstname="Changed")
    run = look(here, old)
    assert here.writes() == written
    assert run.held == 20
    found = hold(here)
    assert found
    assert found.cause is (Cause.FILTER if how == "filter" else Cause.EMPTIED)
    if how == "members":
        assert {row.reason for row in here.rows(run).values()} == {Reason.LIST_HELD}
    assert all(link_of(here, key) for key in old)
    assert all(len(here.twins(key)) == 1 for key in old)
    with pytest.raises(Misconfigured, match="is held"):
        here.start()


def test_C7_a_list_run_under_way_meets_an_empty_list_and_writes_nothing(install: Install) -> None:
    here = install()
    here.contacts(20)
    look(here, [])
    lists.show(here.services, "contacts")
    item = here.world.portal.lists.lists[here.inclusion]
    run = here.start()
    item.members.become(set(), int(here.now().timestamp() * 1000))
    here.settle()
    assert here.the_run(run).state is RunState.COMPLETE
    assert here.writes() == []
