"""Sync records: gate, plan, write, report, each record on its own."""

from guestlist import failpoint
from guestlist.engine.sync import sync
from worker.celery import app
from worker.wiring import services


@app.task
def sync_records(run_id: str, keys: list[str]) -> None:
    """Look at these records of a run once more."""
    sync(services(), run_id, keys)
    failpoint.hit("ack.before")
