"""C9: where a membership can not be read nothing is written, and everything is once it can."""

import pytest

from guestlist.domain.errors import SyncError
from guestlist.domain.outcome import RunState
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.judge import accounted
from tests.gate.conftest import leaks, look

MEMBERSHIPS = "*memberships*"
LISTS = "GET /crm/lists/*"
PATIENT = {"retries__attempts": 50, "retries__cap_s": 60}


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.HTML_200, Kind.TRUNCATE, Kind.LOST_RESPONSE])
def test_C9_without_memberships_nothing_is_written_and_nothing_is_lost(
    install: Install, kind: Kind
) -> None:
    here = install(**PATIENT)
    keys = here.contacts(5)
    until = here.now().timestamp() + 600
    here.fault(CRM.HUBSPOT, kind, MEMBERSHIPS, until=until)
    run = look(here, keys)
    assert (run.state, run.created) == (RunState.COMPLETE, 5)
    assert all(entry.at >= until for entry in here.writes())
    accounted(here, run)
    assert leaks(here) == []


def test_C9_an_unreadable_list_is_waited_for(install: Install) -> None:
    here = install(**PATIENT)
    keys = here.contacts(5)
    here.run()
    for key in keys:
        here.change(key, firstname="Changed")
    here.move(60)
    until = here.now().timestamp() + 600
    here.fault(CRM.HUBSPOT, Kind.STATUS, LISTS, until=until, status=503)
    written = len(here.writes())
    run = look(here, keys)
    assert run.updated == 5
    assert all(entry.at >= until for entry in here.writes()[written:])


def test_C9_a_list_that_may_not_be_read_closes_the_gate(install: Install) -> None:
    here = install()
    keys = here.contacts(5)
    until = here.now().timestamp() + 3600
    here.fault(CRM.HUBSPOT, Kind.STATUS, LISTS, status=403, until=until)
    with pytest.raises(SyncError):
        here.start()
    run = look(here, keys)
    assert run.created == 5
    assert all(entry.at >= until for entry in here.writes())
    accounted(here, run)
