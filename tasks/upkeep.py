"""Find what a lost message, a killed worker or a due time left behind."""

from guestlist.engine.sweep import sweep as sweep_once
from worker.celery import app
from worker.wiring import services


@app.task
def sweep() -> None:
    """Send again what waits for a worker."""
    sweep_once(services())
