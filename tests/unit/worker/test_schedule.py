from importlib import import_module
from pathlib import Path

import celery
import pytest

from schemas.settings import Lane, PollSettings, Settings
from worker.celery import app
from worker.heartbeat import HeartbeatScheduler
from worker.options import TICK_S, celery_options
from worker.queues import ROUTES, SYNC_RECORDS


def test_every_task_that_is_routed_or_scheduled_is_there() -> None:
    for name in ("tasks.producers", "tasks.sync", "tasks.upkeep"):
        import_module(name)
    scheduled = celery_options(Settings())["beat_schedule"].values()
    assert {*ROUTES, SYNC_RECORDS} <= {*app.tasks}
    assert {entry["task"] for entry in scheduled} <= {*ROUTES}


def test_polls_wait_behind_no_records() -> None:
    assert {route["queue"] for route in ROUTES.values()} == {Lane.UPKEEP.value}


def test_beat_asks_as_often_as_the_settings_say_and_no_tick_outlives_the_next() -> None:
    polls = PollSettings(hubspot_s=5, leaves_s=20)
    schedule = celery_options(Settings(polls=polls))["beat_schedule"]
    assert schedule["poll_hubspot"]["schedule"] == 5
    assert schedule["poll_leaves"]["schedule"] == 20
    assert schedule["poll_audit"]["schedule"] == TICK_S
    assert all(entry["options"]["expires"] == entry["schedule"] for entry in schedule.values())


def test_beat_makes_the_folder_of_its_schedule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a new machine nobody else did: the state of the others may be in PostgreSQL."""
    monkeypatch.setenv("GUESTLIST_PROBE_DIR", str(tmp_path / "probes"))
    folder = tmp_path / "not" / "there"
    scheduler = HeartbeatScheduler(
        celery.Celery("new"), schedule_filename=str(folder / "beat-schedule")
    )
    scheduler.close()
    assert list(folder.glob("beat-schedule*"))
    assert folder.stat().st_mode & 0o777 == 0o700
