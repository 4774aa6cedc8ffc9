"""Reading a list while it grows, breaks off, forgets its cursor, or is read by two."""

from collections.abc import Sequence

import pytest

from guestlist.domain.outcome import RunState
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.judge import accounted, nothing_is_there_twice
from tests.engine.world import Installation

PAGES = "GET */memberships"


def _pages_asked(here: Installation) -> list[str]:
    """The cursors by which pages are asked for, from now on."""
    asked: list[str] = []

    def watch(_method: str, url: str, _body: bytes) -> None:
        if "/memberships?" in url:
            asked.append(url.partition("after=")[2])

    here.watches.append(watch)
    return asked


@pytest.mark.parametrize("kind", [Kind.TRUNCATE, Kind.HTML_200, Kind.STATUS, Kind.LOST_RESPONSE])
@pytest.mark.parametrize("limit", [None, 5])
def test_a_page_that_breaks_off_is_asked_for_again_not_the_whole_list(
    install: Install, kind: Kind, limit: int | None
) -> None:
    """A broken answer was taken for a forgotten cursor: a run with a limit could end too early."""
    here = install(lanes__bulk__width=2)
    here.contacts(8)
    asked = _pages_asked(here)
    here.fault(CRM.HUBSPOT, kind, PAGES, after=2, times=1)
    run = here.run(limit=limit)
    assert (run.state, run.enumerated) == (RunState.COMPLETE, limit or 8)
    assert asked[2] == asked[3]
    assert _without(asked, 3) == sorted(set(asked), key=asked.index)


def _without(items: Sequence[str], place: int) -> list[str]:
    return [item for number, item in enumerate(items) if number != place]


def test_a_cursor_that_hubspot_forgot_starts_the_list_over(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    keys = here.contacts(8)
    asked = _pages_asked(here)
    here.fault(CRM.HUBSPOT, Kind.STATUS, PAGES, after=2, times=1, status=400)
    run = here.run()
    assert (run.state, run.enumerated) == (RunState.COMPLETE, 8)
    assert asked.count("") == 2
    assert set(here.rows()) == set(keys)
    accounted(here, run)
    nothing_is_there_twice(here)


def test_who_joins_and_leaves_while_the_list_is_read_is_counted_once(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    keys = here.contacts(6)
    here.at_call("/memberships?", lambda: here.change(keys[0], lifecyclestage="other"))
    here.at_call("batch/read", lambda: here.change(keys[0], lifecyclestage="customer"))
    run = here.run()
    accounted(here, run)
    nothing_is_there_twice(here)
    assert run.state is RunState.COMPLETE
