"""C4, C5: a list that is gone or static stops everybody, and unlinks nobody."""

import pytest

from guestlist.domain.brake import Cause
from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from guestlist.engine import approval, lists
from tests.engine.conftest import Install
from tests.engine.judge import accounted
from tests.engine.world import Installation
from tests.gate.conftest import hold, link_of, look
from tests.sandbox.hubspot.filter_branches import CUSTOMERS

PROOF_AGE_S = 30.0


def test_C4_a_list_deleted_at_any_call_stops_the_writes_and_unlinks_nobody(
    install: Install,
) -> None:
    here = install()
    (old,) = here.contacts(1)
    here.run()
    before = here.calls().total()
    here.change(old, firstname="Changed")
    here.run()
    calls = here.calls().total() - before
    here.close()
    for at in range(1, calls + 1):
        _deleted_at_call(install(), at)


def _deleted_at_call(here: Installation, at: int) -> None:
    (old,) = here.contacts(1)
    here.run()
    here.change(old, firstname="Changed")
    start, deleted_at = here.calls().total(), 0.0

    def delete() -> None:
        nonlocal deleted_at
        if not deleted_at and here.calls().total() == start + at - 1:
            deleted_at = here.now().timestamp()
            here.world.portal.delete_list(here.inclusion)

    here.at_call("", delete, times=1000)
    try:
        accounted(here, here.run())
    except Misconfigured:
        assert hold(here)
    late = [entry for entry in here.writes() if deleted_at and entry.at > deleted_at]
    assert all(entry.at - deleted_at <= PROOF_AGE_S for entry in late)
    here.move(60)
    written = here.writes()
    look(here, [old])
    assert here.writes() == written
    assert here.rows()[old].reason is Reason.LIST_UNAVAILABLE
    assert link_of(here, old)
    assert len(here.twins(old)) == 1
    here.close()


def test_C4_a_list_that_is_back_lets_old_members_go_on_and_newcomers_wait(
    install: Install,
) -> None:
    here = install()
    (old,) = here.contacts(1)
    here.run()
    here.world.portal.delete_list(here.inclusion)
    here.move(60)
    look(here, [old])
    found = hold(here)
    assert found
    assert found.cause is Cause.DELETED
    _restore(here)
    here.move(60)
    here.change(old, firstname="Changed")
    new = here.contact("new@example.com")
    run = look(here, [old, new])
    assert (run.updated, run.held) == (1, 1)
    assert here.rows()[new].reason is Reason.LIST_HELD
    assert here.twins(new) == []


def _restore(here: Installation) -> None:
    here.world.portal.lists.lists[here.inclusion].deleted = None
    here.world.portal.lists.rebuild()


def test_C5_a_list_turned_static_stops_everybody_until_another_is_chosen(
    install: Install,
) -> None:
    here = install()
    old, *_ = here.contacts(3)
    here.run()
    new = here.contact("new@example.com")
    here.world.portal.convert_list(here.inclusion)
    here.move(60)
    here.change(old, firstname="Changed")
    written = here.writes()
    look(here, [old, new])
    assert here.writes() == written
    assert {row.reason for row in here.rows().values()} == {Reason.LIST_NOT_ACTIVE}
    found = hold(here)
    assert found
    assert found.cause is Cause.STATIC
    with pytest.raises(Misconfigured, match="LIST_NOT_ACTIVE"):
        here.start()
    with pytest.raises(Misconfigured, match="static list"):
        approval.approve(
            here.services, "contacts", approval.held(here.services, "contacts"), by="ann"
        )
    other = here.world.portal.create_list("Other customers", CUSTOMERS)
    definition = lists.find_list(here.services, "contacts", other)
    lists.use(here.services, "contacts", definition, by="ann")
    assert look(here, [old, new]).outcomes[Outcome.CREATED] == 1
    assert link_of(here, old)
