"""``guestlist import``: bring people from Salesforce into HubSpot, the e-mail address first."""

from pathlib import Path

import click

from console.commands.sync import started
from console.exits import Exit
from console.options import of_object
from console.session import Refusal, Session, pass_session
from guestlist.domain.errors import Misconfigured
from guestlist.domain.reference import salesforce_ids
from guestlist.engine.importing import import_ids, start_import


@click.command("import")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Lead or Contact; all: both.")
@click.option("--where", metavar="SOQL", help="Only rows that meet a SOQL condition.")
@click.option(
    "--ids",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Only these: a file of Salesforce ids, one a line, such as a report's first column.",
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many records.")
@click.option("--wait", is_flag=True, help="Follow the run to its end.")
@of_object
@pass_session
def import_(
    session: Session,
    *,
    types: tuple[str, ...],
    where: str | None,
    ids: Path | None,
    limit: int | None,
    wait: bool,
    object_name: str | None,
) -> Exit:
    """Bring leads and contacts of Salesforce into HubSpot.

    Everybody comes with the e-mail address only.  Who is then in the inclusion list gets the full
    sync, and without a list everybody does; the others stay as they are until they are in it.
    """
    name = session.object_name(object_name)
    if ids and (types or where):
        raise Refusal("--ids says which records; --type and --where do not go with it")
    services = session.connected
    chosen = types or services.schemas.object(name).salesforce_types
    session.insist(
        f"This creates a HubSpot contact for each of {_what(chosen, where, ids)} that has none. "
        "Start it?"
    )
    if ids:
        run = import_ids(services, name, _read(ids)[:limit], by=session.who)
    else:
        run = start_import(services, name, types=chosen, where=where, by=session.who, limit=limit)
    return started(session, run, wait=wait)


def _what(types: tuple[str, ...], where: str | None, ids: Path | None) -> str:
    if ids:
        return f"the records of {ids}"
    return " and ".join(types) + (f" where {where}" if where else "")


def _read(path: Path) -> list[str]:
    """Return the ids in the first column of a file; anything else is refused by its line."""
    try:
        return salesforce_ids(path.read_text(encoding="utf-8-sig"))
    except Misconfigured as error:
        raise Refusal(f"{path}: {error}") from None
