"""Enumerate what may need a look, and hand it over page by page."""

from guestlist.engine import auditing, changes, formulas, joining, leaving
from guestlist.engine.producer import enumerate_run
from worker.celery import app
from worker.wiring import services


@app.task
def enumerate_list(run_id: str) -> None:
    """Go on enumerating what a run is over, a list or not, from its checkpoint.

    Messages and other releases know it by this name.
    """
    enumerate_run(services(), run_id)


@app.task
def poll_hubspot() -> None:
    """Look for what changed in HubSpot."""
    changes.poll_hubspot(services())


@app.task
def poll_salesforce() -> None:
    """Look for what changed in Salesforce."""
    changes.poll_salesforce(services())


@app.task
def poll_joins() -> None:
    """Look for who joined an inclusion list."""
    joining.poll_joins(services())


@app.task
def poll_leaves() -> None:
    """Read inclusion lists whole, when it is time, to see who left."""
    leaving.poll_leaves(services())


@app.task
def poll_formulas() -> None:
    """Compare mapped formulas, when it is time."""
    formulas.poll_formulas(services())


@app.task
def poll_audit() -> None:
    """Compare everything, when it is time."""
    auditing.poll_audit(services())
