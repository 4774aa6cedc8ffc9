"""Enumerate what may need a look, and hand it over page by page."""

from guestlist.engine.producer import enumerate_list as enumerate_members
from worker.celery import app
from worker.wiring import services


@app.task
def enumerate_list(run_id: str) -> None:
    """Go on enumerating the members of a run's list from its checkpoint."""
    enumerate_members(services(), run_id)
