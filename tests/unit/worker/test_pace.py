"""Beat follows the pace of the polls: of the file, and of the versions that lie over it."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
import redis

from guestlist.store.database import Database
from guestlist.store.schema import upgrade
from schemas.settings import PollSettings
from tests.services.processes import running, wait_until
from worker.layers import in_force
from worker.overrides import NAME, proposed, save
from worker.pace import PollPace
from worker.settings import load
from worker.versions import Proposed, newest_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Place:
    """An installation's file and database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "guestlist.toml"
        self.file.write_text("[polls]\nhubspot_s = 3600\n")
        self.environ = {
            "GUESTLIST_CONFIG": str(self.file),
            "GUESTLIST_DATABASE_URL": f"sqlite:///{folder / 'state.db'}",
            "GUESTLIST_STATE_DIR": str(folder),
        }
        upgrade(self.environ["GUESTLIST_DATABASE_URL"])

    def set(self, name: str, value: str) -> None:
        database = Database(self.environ["GUESTLIST_DATABASE_URL"])
        loaded = in_force(load(self.environ), database)
        newest = newest_of(database, NAME)
        target = proposed(loaded, {name: value})
        seen = newest.version if newest else 0
        save(loaded, database, Proposed(target, seen, "anna"), clock=lambda: NOW)
        database.dispose()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_pace_is_told_once_and_again_when_it_changes(place: Place) -> None:
    pace = PollPace(lambda: load(place.environ))
    first = pace.news()
    assert first
    assert first.hubspot_s == 3600
    assert pace.news() is None
    place.set("polls.hubspot_s", "30")
    assert told(pace) == 30
    place.file.write_text("[polls]\nhubspot_s = 45\n")
    assert told(pace) == 45


def told(pace: PollPace) -> float:
    """Wait for news, and return how often changes of HubSpot are to be read."""
    found: list[PollSettings] = []

    def look() -> bool:
        news = pace.news()
        found.extend([news] if news else [])
        return bool(found)

    wait_until(look, what="news")
    return found[0].hubspot_s


def test_settings_that_can_not_be_used_leave_the_pace_as_it_is(place: Place) -> None:
    pace = PollPace(lambda: load(place.environ))
    assert pace.news()
    place.file.write_text("[polls]\nhubspot_s = 'soon'\n")
    tries = [0]

    def looked() -> bool:
        tries[0] += 1
        assert pace.news() is None
        return tries[0] > 20

    wait_until(looked, what="some looks")
    place.file.write_text("[polls]\nhubspot_s = 50\n")
    wait_until(lambda: pace.news() is not None, what="the file that can be used")


def test_a_guard_that_changes_is_no_news(place: Place) -> None:
    pace = PollPace(lambda: load(place.environ))
    assert pace.news()
    place.set("guards.brake_share", "0.3")
    changed = pace._changed
    wait_until(changed, what="the version")
    assert pace.news() is None


@pytest.mark.processes
def test_beat_asks_more_often_without_a_restart(place: Place, redis_url: str) -> None:
    environ = (
        os.environ
        | place.environ
        | {
            "GUESTLIST_BROKER_URL": redis_url,
            "GUESTLIST_PROBE_DIR": str(place.folder / "probes"),
        }
    )
    command = [sys.executable, "-m", "celery", "-A", "worker", "beat"]
    with (
        redis.Redis.from_url(redis_url) as client,
        running(command, log=place.folder / "beat.log", environment=environ),
    ):

        def asked(task: str) -> int:
            messages = client.lrange("upkeep", 0, -1)
            assert isinstance(messages, list)
            return sum(orjson.loads(each)["headers"]["task"] == task for each in messages)

        wait_until(lambda: asked("tasks.upkeep.sweep") > 0, what="beat")
        assert asked("tasks.producers.poll_hubspot") == 0
        place.set("polls.hubspot_s", "1")
        wait_until(lambda: asked("tasks.producers.poll_hubspot") > 1, what="polls at the new pace")
