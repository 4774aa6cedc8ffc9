"""What polls leave behind is forgotten in time, and never too early."""

from datetime import timedelta

import pytest

from guestlist.domain.outcome import RunKind
from guestlist.engine.upkeep import prune
from guestlist.store import listing, retention, runs
from schemas.records import Crm
from tests.producers.conftest import Followed
from tests.producers.watcher import HUBSPOT, SALESFORCE, once

NOW = timedelta()
DAY = 86_400.0


def test_old_runs_of_polls_are_forgotten_and_others_kept(followed: Followed) -> None:
    watcher = followed(polls__keep_days=2)
    here = watcher.here
    here.contact("ada@example.com", ago=NOW)
    watcher.tick(3)
    asked_for = here.run()
    (joins,) = watcher.runs(RunKind.JOINS)
    here.move(DAY)
    prune(here.services)
    assert watcher.runs(RunKind.JOINS) == [joins]
    here.move(1.5 * DAY)
    prune(here.services)
    assert watcher.runs(RunKind.JOINS) == watcher.runs(RunKind.CHANGES) == []
    assert here.the_run(asked_for) == asked_for
    with here.services.database.read() as connection:
        assert listing.page(connection, joins.id) == []


def test_runs_that_people_started_are_forgotten_much_later(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were kept for ever: a list synced every day added all its rows every day."""
    watcher = followed(polls__keep_days=1, keep_runs_days=100)
    here = watcher.here
    people = here.contacts(5)
    old = here.run()
    here.move(99 * DAY)
    new = here.run()
    prune(here.services)
    assert here.the_run(old) == old
    here.move(2 * DAY)
    monkeypatch.setattr(retention, "ROWS", 2)
    prune(here.services)
    with here.services.database.read() as connection:
        assert runs.get(connection, old.id) is None
        assert listing.page(connection, old.id) == []
    assert here.the_run(new) == new
    assert sorted(here.rows(new)) == sorted(people)


def test_a_run_that_has_not_ended_is_kept(followed: Followed) -> None:
    watcher = followed(polls__keep_days=1)
    watcher.here.contact("ada@example.com", ago=NOW, lifecyclestage="lead")
    watcher.poll(HUBSPOT)
    watcher.here.move(3 * DAY)
    prune(watcher.here.services)
    assert len(watcher.runs(RunKind.CHANGES)) == 1


def test_states_are_forgotten_once_no_overlap_reaches_them(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact = here.contact("o@example.com", ago=NOW, lifecyclestage="lead")
    lead = here.row("Lead", ago=NOW, Email="lead@example.com")
    for _ in range(30):
        watcher.poll(HUBSPOT, SALESFORCE)
        prune(here.services)
    assert watcher.queued(RunKind.CHANGES) == once([contact, lead])
    assert watcher.sighted(Crm.HUBSPOT) == watcher.sighted(Crm.SALESFORCE) == set()


def test_states_are_kept_while_nothing_is_polled(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact = here.contact("o@example.com", ago=NOW, lifecyclestage="lead")
    watcher.poll(HUBSPOT)
    here.move(DAY)
    prune(here.services)
    watcher.poll(HUBSPOT)
    assert watcher.queued(RunKind.CHANGES) == once([contact])
