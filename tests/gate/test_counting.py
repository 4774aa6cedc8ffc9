"""C6, C8: what a complete reading of the list finds takes the brake off, or says why it stays."""

from datetime import timedelta

from guestlist.domain.brake import Cause
from guestlist.domain.reason import Reason
from guestlist.engine.follow import turn_on
from guestlist.engine.joining import poll_joins
from guestlist.engine.leaving import poll_leaves
from guestlist.store import audit
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.gate.conftest import choice, hold, leaks, look, refilter
from tests.sandbox.hubspot.filter_branches import where

OF_ACME = where("company", "STRING", "IS_EQUAL_TO", value="Acme")


def _followed(install: Install, members: int, others: int) -> tuple[Installation, list[str]]:
    """Customers that are synced and counted, and others whom an edit of the filters lets in."""
    here = install()
    here.contacts(members)
    here.run()
    strangers = [
        here.contact(f"o{n}@example.com", lifecyclestage="lead", company="Acme")
        for n in range(others)
    ]
    turn_on(here.services, "contacts", by="ann")
    _count(here)
    assert choice(here).baseline.counted_at
    return here, strangers


def _count(here: Installation) -> None:
    """Let beat's readings of the list go by, and do what they find."""
    here.move(3700)
    poll_joins(here.services)
    poll_leaves(here.services)
    here.settle()


def test_C6_edited_filters_that_move_few_are_believed_once_counted(install: Install) -> None:
    here, strangers = _followed(install, members=20, others=5)
    refilter(here, OF_ACME)
    here.move(15)
    look(here, strangers)
    found = hold(here)
    assert found
    assert found.cause is Cause.FILTER
    assert {row.reason for row in here.rows().values()} == {Reason.LIST_HELD}
    _count(here)
    assert hold(here) is None
    here.move(60)
    here.settle()
    look(here, strangers)
    assert all(len(here.twins(key)) == 1 for key in strangers)
    assert leaks(here) == []
    with here.services.database.read() as connection:
        told = [entry.what for entry in audit.recent(connection)]
    assert told.index("list.released") < told.index("list.held")


def test_C6_edited_filters_that_exchange_everybody_stay_held_though_the_size_is_the_same(
    install: Install,
) -> None:
    here, strangers = _followed(install, members=110, others=110)
    refilter(here, OF_ACME)
    _count(here)
    found = hold(here)
    assert found
    assert (found.cause, found.size) == (Cause.FILTER, 110)
    assert (found.entered, found.left) == (110, 110)
    assert all(here.twins(key) == [] for key in strangers)
    _count(here)
    assert hold(here) == found._replace(size=110)
    assert {entry.operation for entry in here.writes(CRM.SALESFORCE)} == {"create"}
    assert len(here.writes(CRM.SALESFORCE)) == 110


def test_C8_a_reading_that_breaks_off_changes_nothing_of_the_brake(install: Install) -> None:
    here, _ = _followed(install, members=20, others=110)
    before = choice(here)
    refilter(here, OF_ACME)
    here.fault(CRM.HUBSPOT, Kind.STATUS, "GET */memberships*", times=40)
    _count(here)
    assert choice(here).baseline == before.baseline
    assert {entry.operation for entry in here.writes()} == {"create"}


def test_a_list_that_grows_slowly_is_followed(install: Install) -> None:
    here, _ = _followed(install, members=20, others=0)
    for step in range(3):
        for number in range(60):
            here.contact(f"new{step}-{number}@example.com", ago=timedelta())
        _count(here)
        assert hold(here) is None
    assert choice(here).baseline.size == 200
