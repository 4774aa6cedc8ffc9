"""A run over very many records: its page waits for no count, and counts once."""

from console.web import tallies as module
from console.web.tallies import Tallies
from guestlist.domain.outcome import Outcome
from guestlist.engine import launch
from tests.services.processes import wait_until
from tests.web.conftest import Web


def test_a_large_run_is_counted_in_the_background_and_once(admin: Web, monkeypatch) -> None:
    run = launch.start_list(admin.site.services, "contacts", by="anna")
    run = admin.ended(run.id)
    monkeypatch.setattr(module, "LARGE", 10)
    assert "Counting the reasons of 60 records" in admin.get(f"/runs/{run.id}")
    wait_until(lambda: "TOO_LONG" in admin.get(f"/runs/{run.id}"), what="the count")
    first = admin.site.tallies.of(run)
    assert first is admin.site.tallies.of(run)
    assert sum(each.count for each in first or ()) == run.enumerated


def test_a_live_run_is_counted_again_after_a_while(admin: Web) -> None:
    admin.console.workers.rest()
    person = admin.console.outside()
    run = launch.start_records(admin.site.services, "contacts", [person], by="anna")
    counted = Tallies(admin.site.database)
    assert [each.outcome for each in counted.of(run) or ()] == [None]
    admin.console.workers.working = True
    ended = admin.ended(run.id)
    wait_until(
        lambda: [each.outcome for each in counted.of(ended) or ()] == [Outcome.HELD],
        what="the new count",
    )


def test_of_many_runs_the_latest_counts_are_kept(admin: Web, monkeypatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    person, counted = admin.console.outside(), Tallies(admin.site.database)
    runs = [
        admin.ended(launch.start_records(admin.site.services, "contacts", [person], by="a").id)
        for _ in range(3)
    ]
    for run in runs:
        counted.of(run)
    assert list(counted._kept) == [run.id for run in runs[1:]]
