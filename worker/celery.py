"""The Celery application: ``celery -A worker worker|beat|flower``."""

import os
import sys
from pathlib import Path
from typing import Any

import celery
from celery.signals import worker_init

from guestlist import failpoint
from guestlist.store.fresh import make_if_fresh
from schemas.settings import Settings
from worker import heartbeat, logs, memory, tracing
from worker.options import celery_options, chosen_pool
from worker.settings import SettingsError, load
from worker.task import SyncTask


def _settings() -> Settings:
    return load(os.environ).settings


def _options() -> dict[str, Any]:
    """Return Celery's own settings; ours that can not be used end the process with all problems.

    As an error they would stand below a page of Celery's calls.
    """
    try:
        settings = _settings()
    except SettingsError as error:
        sys.stderr.write(f"the settings can not be used:\n{error}\n")
        raise SystemExit(os.EX_CONFIG) from None
    return celery_options(settings, pool=chosen_pool(sys.argv))


def _arm_failpoints(**_: Any) -> None:
    """Let a test of this worker kill it at a named step; never outside of development."""
    folder = os.environ.get(failpoint.ENV)
    if folder and _settings().development:
        failpoint.arm(Path(folder))


def _make_state(**_: Any) -> None:
    """Make the database of a new installation: this may be the first of its processes."""
    settings = _settings()
    make_if_fresh(settings.database_url, settings.state_dir)


app = celery.Celery(
    "guestlist",
    task_cls=SyncTask,
    include=["tasks.producers", "tasks.sync", "tasks.upkeep"],
)
app.add_defaults(_options)
logs.configure_celery(_settings)
heartbeat.install(app)
memory.install()
tracing.install()
worker_init.connect(_make_state, weak=False, dispatch_uid="guestlist.state")
worker_init.connect(_arm_failpoints, weak=False, dispatch_uid="guestlist.failpoints")
