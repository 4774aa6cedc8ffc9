"""C1, C2, C3: who leaves or changes while we look is not written once it is known."""

import random

import pytest

from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from sandbox.crm import CRM
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.gate.conftest import leaks, link_of, look
from tests.sandbox.hubspot.filter_branches import any_of, property_filter

PROOF_AGE_S = 30.0
STAGES = ("customer", "lead")
CUSTOMER = property_filter("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=["customer"])


def test_C1_who_leaves_at_any_call_is_not_written_later_than_a_proof_may_be_old(
    install: Install,
) -> None:
    here = install()
    here.contacts(3)
    here.run()
    calls = here.calls().total()
    assert calls > 8
    here.close()
    for at in range(1, calls + 1):
        _leaves_at_call(install(), at)


def _leaves_at_call(here: Installation, at: int) -> None:
    leaver, *_ = here.contacts(3)
    left: list[float] = []

    def leave() -> None:
        if here.calls().total() == at - 1 and not left:
            left.append(here.now().timestamp())
            here.change(leaver, lifecyclestage="lead")

    here.at_call("", leave, times=1000)
    here.run()
    late = [e for e in here.writes() if e.contact_id == leaver and left and e.at > left[0]]
    assert all(entry.at - left[0] <= PROOF_AGE_S for entry in late)
    assert len(here.writes(CRM.SALESFORCE)) >= 2
    here.close()


def test_C1_a_worker_that_slept_after_its_page_proves_anew(install: Install) -> None:
    here = install()
    leaver, stayer = here.contacts(2)

    def sleep() -> None:
        here.change(leaver, lifecyclestage="lead")
        here.move(60)

    here.at_call("contacts/batch/read", sleep)
    here.run()
    assert [entry.contact_id for entry in here.writes(CRM.SALESFORCE)] == [stayer]
    assert leaks(here) == []


def test_C1_a_worker_that_slept_after_its_proof_does_not_write(install: Install) -> None:
    here = install()
    (leaver,) = here.contacts(1)
    here.choose(here.world.portal.create_list("Unknowable", _by_another_list(here)))
    here.move(120)

    def sleep() -> None:
        here.change(leaver, lifecyclestage="lead")
        here.move(60)

    here.at_call("memberships/batch/read", lambda: here.at_call("includeFilters", sleep))
    look(here, [leaver])
    assert here.writes() == []
    assert here.rows()[leaver].reason is Reason.NOT_IN_LIST


def _by_another_list(here: Installation) -> dict[str, object]:
    """A filter that can not be evaluated here: the same customers, by way of another list."""
    return any_of([{"filterType": "IN_LIST", "listId": here.inclusion, "operator": "IN_LIST"}])


@pytest.mark.parametrize("knowable", [True, False], ids=["evaluated here", "not evaluated here"])
@pytest.mark.parametrize("lag", [0, 5, 30, 60])
def test_C2_no_edit_leaks_before_the_list_is_re_evaluated(
    install: Install, lag: int, *, knowable: bool
) -> None:
    here = install()
    dice = random.Random(f"{lag} {knowable}")
    people = here.contacts(12)
    if not knowable:
        here.choose(here.world.portal.create_list("By list", _by_another_list(here)))
    here.move(120)
    with here.set(CRM.HUBSPOT, list_lag=float(lag)):
        here.run()
        for step in range(40):
            _edit_both_sides(here, dice, people, step)
            look(here, dice.sample(people, 6))
    assert leaks(here) == []
    assert len(here.writes()) > 40


def _edit_both_sides(here: Installation, dice: random.Random, people: list[str], step: int) -> None:
    """A few edits, most of them of what the list's filter asks for, seconds apart."""
    for key in dice.sample(people, 3):
        here.change(key, lifecyclestage=dice.choice(STAGES), jobtitle=f"Title {step}")
        here.move(dice.choice([0.5, 3, 20]))
    twins = [twin for key in dice.sample(people, 3) for twin in here.twins(key)]
    for twin in twins:
        here.world.org.update(twin, {"Title": f"From Salesforce {step}"}, caller="user")
    here.move(dice.choice([0.1, 2, 10, 70]))


def test_C3_who_left_is_out_both_ways_keeps_the_link_and_comes_back_from_where_it_stopped(
    install: Install,
) -> None:
    here = install()
    (key,) = here.contacts(1)
    here.run()
    linked, (twin,) = link_of(here, key), here.twins(key)
    here.change(key, lifecyclestage="lead")
    written = here.writes()
    for step in range(50):
        here.change(key, phone=f"+1 202 555 01{step:02}")
        here.world.org.update(twin, {"Title": f"Title {step}"}, caller="user")
        look(here, [key])
        assert here.rows()[key].reason is Reason.LEFT_LIST
        here.move(7)
    assert here.writes() == written
    kept = link_of(here, key)
    assert kept
    assert linked
    assert (kept.twin_id, kept.agreed) == (linked.twin_id, linked.agreed)
    here.change(key, lifecyclestage="customer")
    assert look(here, [key]).outcomes[Outcome.UPDATED] == 1
    assert here.values(twin)["Phone"] == "+1 202 555 0149"
    record = here.world.portal.store_of("contacts").records[key]
    assert here.world.portal.store_of("contacts").value(record, "jobtitle") == "Title 49"
    assert leaks(here) == []


def test_C3_leaving_deletes_nothing(install: Install) -> None:
    here = install()
    keys = here.contacts(5)
    here.run()
    for key in keys[:4]:
        here.change(key, lifecyclestage="lead")
    look(here, keys)
    assert all(len(here.twins(key)) == 1 for key in keys)
    assert {entry.operation for entry in here.writes()} <= {"create", "update"}
