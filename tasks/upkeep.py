"""Find what a lost message, a killed worker or a due time left behind; forget what is old; tell
somebody what is wrong.
"""

from guestlist.engine import alerting
from guestlist.engine.sweep import sweep as sweep_once
from guestlist.engine.upkeep import prune as prune_once
from worker.celery import app
from worker.courier import courier
from worker.wiring import services


@app.task
def sweep() -> None:
    """Send again what waits for a worker."""
    sweep_once(services())


@app.task
def prune() -> None:
    """Forget what is too old to be needed."""
    prune_once(services())


@app.task
def alert() -> None:
    """Look for what is wrong, and see that somebody is told."""
    alerting.check(services())
    courier(services())
