"""``guestlist forget``: erase what is known of a person whom a CRM was told to forget."""

import click

from console.options import of_object
from console.session import Session, pass_session
from guestlist.engine.resolve import resolve
from guestlist.store import audit, erasure


@click.command()
@click.argument("record", metavar="RECORD")
@of_object
@pass_session
def forget(session: Session, *, record: str, object_name: str | None) -> None:
    """Erase every value kept of RECORD here; ids, outcomes and times stay.

    Nothing changes in a CRM, and what a later sync reads is kept again.  A contact that HubSpot
    deleted for good is erased by itself as soon as it is looked at.
    """
    name = session.object_name(object_name)
    key = resolve(session.connected, name, record)
    session.insist(f"Erase everything kept of {key}, its conflicts and errors included?")
    now = session.services.clock()
    with session.database.begin() as connection:
        erasure.erase(connection, name, [key])
        detail = {"object": name, "record": key}
        audit.append(connection, "record.erased", who=session.who, now=now, detail=detail)
    session.printer.show(
        "erased", {"object": name, "record": key}, lambda: session.printer.line(f"{key} is erased")
    )
