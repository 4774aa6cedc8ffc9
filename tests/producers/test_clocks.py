"""E13: a night in which the clocks change, a leap day, a year's end, a clock that jumps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from guestlist.engine.sync import sync
from tests.engine.judge import nobody_outside_was_written, nothing_is_there_twice
from tests.producers.conftest import Followed

MOMENTS = [
    datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 59, 59, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 28, 23, 59, 59, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=[f"{each:%Y-%m-%dT%H:%M}" for each in MOMENTS])
def test_E13_edits_around_a_moment_at_which_clocks_trip_arrive_once(
    followed: Followed, moment: datetime
) -> None:
    watcher = followed()
    here = watcher.here
    ada = here.contact("ada@example.com")
    watcher.tick()
    here.move((moment - here.now()).total_seconds() - 30)
    here.change(ada, jobtitle="At the moment")
    here.move(29.5)
    here.contact("bob@example.com", ago=timedelta(seconds=0))
    watcher.tick(3)
    (twin,) = here.twins(ada)
    assert here.values(twin)["Title"] == "At the moment"
    writes = here.writes()
    assert sorted(entry.operation for entry in writes) == ["create", "create", "update"]
    watcher.tick(5)
    assert here.writes() == writes
    nothing_is_there_twice(here)


@pytest.mark.parametrize("hours", [-1, 1])
def test_E13_a_worker_whose_clock_is_an_hour_off_writes_nothing_twice(
    followed: Followed, hours: int
) -> None:
    """Ahead it takes every lease and proof for over; behind it leaves held records alone."""
    watcher = followed()
    here = watcher.here
    for n in range(4):
        here.contact(f"p{n}@example.com")
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    message = here.post.waiting.popleft()
    off = replace(here.worker(), clock=lambda: here.now() + timedelta(hours=hours))
    here.at_call("batch/read", lambda: sync(off, message.run_id, list(message.keys)))
    here.carry_out(message)
    here.move(timedelta(hours=2).total_seconds())
    watcher.tick(3)
    assert here.the_run(run).created + here.the_run(run).unchanged == 4
    nothing_is_there_twice(here)
    nobody_outside_was_written(here)
