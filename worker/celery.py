"""The Celery application: ``celery -A worker worker|beat|flower``."""

import os
import sys
from typing import Any

import celery

from schemas.settings import Settings
from worker import heartbeat, logs, memory
from worker.options import celery_options, chosen_pool
from worker.settings import load
from worker.task import SyncTask


def _settings() -> Settings:
    return load(os.environ).settings


def _options() -> dict[str, Any]:
    return celery_options(_settings(), pool=chosen_pool(sys.argv))


app = celery.Celery(
    "guestlist",
    task_cls=SyncTask,
    include=["tasks.producers", "tasks.sync", "tasks.upkeep"],
)
app.add_defaults(_options)
logs.configure_celery(_settings)
heartbeat.install(app)
memory.install()
