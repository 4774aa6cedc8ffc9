"""``guestlist audit``: compare everything now, instead of waiting for the night."""

import click

from console.commands.sync import started
from console.exits import Exit
from console.options import of_object
from console.session import Session, pass_session
from guestlist.engine.auditing import start_audit


@click.command()
@click.option("--wait", is_flag=True, help="Watch it to its end.")
@of_object
@pass_session
def audit(session: Session, *, wait: bool, object_name: str | None) -> Exit:
    """Look at all that is linked or in the list, and mend what differs, through the gate."""
    name = session.object_name(object_name)
    run = start_audit(session.connected, name, by=session.who)
    return started(session, run, wait=wait)
