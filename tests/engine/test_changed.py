"""What changed in HubSpot since a time: found once, planned, and synced as planned."""

from collections import Counter
from datetime import timedelta

import pytest

from guestlist.domain.errors import Missing
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from guestlist.engine.changed import changed_since
from guestlist.engine.launch import start_records
from guestlist.engine.preview import preview_records
from tests.engine.conftest import Install

LATELY = timedelta(minutes=5)


def test_what_changed_is_counted_as_its_sync_then_counts(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(3)
    new = [here.contact(f"new{n}@example.com", ago=LATELY) for n in range(3)]
    out = here.contact("out@example.com", ago=LATELY, lifecyclestage="lead")
    bad = here.contact("no address", ago=LATELY)
    found = changed_since(here.services, "contacts", 2 * LATELY)
    assert set(found.keys) == {*new, out, bad}

    seen: list[tuple[int, int | None]] = []
    planned = preview_records(
        here.services, "contacts", found.keys, progress=lambda *far: seen.append(far)
    )
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert here.writes() == []
    run = start_records(here.services, "contacts", found.keys, by="tester")
    here.settle()
    rows = here.rows(here.the_run(run)).values()
    assert Counter((row.outcome, row.reason) for row in rows) == planned.outcomes
    assert planned.outcomes == {
        (Outcome.CREATED, Reason.SYNCED): 3,
        (Outcome.HELD, Reason.NOT_IN_LIST): 1,
        (Outcome.HELD, Reason.BAD_EMAIL): 1,
    }


def test_the_very_moment_counts_and_the_one_before_does_not(install: Install) -> None:
    here = install()
    ada = here.contact("ada@example.com", ago=LATELY)
    (changed,) = here.services.hubspot.read("contacts", [ada], ["email"]).values()
    at = changed.modified_at
    assert changed_since(here.services, "contacts", at).keys == [ada]
    assert changed_since(here.services, "contacts", at + timedelta(milliseconds=1)).keys == []


def test_hubspots_clock_decides_what_is_still_to_come(install: Install) -> None:
    here = install()
    with pytest.raises(Missing, match="still to come: HubSpot says it is"):
        changed_since(here.services, "contacts", here.now() + timedelta(hours=1))
