"""``guestlist config set``, ``export``, ``versions``, ``restore``: settings beside the file."""

import click

from console.printer import many_of
from console.reports import EditReport, VersionReport, many, one
from console.session import Session, pass_session
from console.versions import draw_edits, show_versions
from schemas.settings import Settings

NOTE = click.option("--note", default="", help="Why, for whoever reads the versions later.")


@click.command("set")
@click.argument("name")
@click.argument("value", required=False)
@NOTE
@pass_session
def set_(session: Session, name: str, value: str | None, note: str) -> None:
    """Give the setting NAME a VALUE; without one, what the settings file says.

    Takes schedules, budgets, guards, retries and thresholds of alerts. It holds for all workers
    at once, until the settings file says something else of it.
    """
    from worker.overrides import proposed, texts

    loaded = session.in_force
    if value is None:
        value = texts(loaded.written).get(name, "")
    _save(session, proposed(loaded, {name: value}), note)


@click.command("export")
@pass_session
def export(session: Session) -> None:
    """Print what was set beside the file, and what the file says of the same tables, as TOML."""
    from worker.overrides import text_of

    text = text_of(session.in_force)
    session.printer.show(
        "config-text", {"toml": text}, lambda: session.printer.line(text.rstrip("\n"))
    )


@click.command("versions")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@pass_session
def versions(session: Session, limit: int) -> None:
    """List the versions of the settings, newest first."""
    from guestlist.store import versions as stored
    from worker.overrides import NAME

    with session.database.read() as conn:
        found = stored.page(conn, NAME, limit=limit)
    now = session.in_force.versions.get(NAME)
    show_versions(session, "config-versions", found, of={}, now=now)


@click.command("restore")
@click.argument("version", type=click.IntRange(0))
@NOTE
@pass_session
def restore(session: Session, version: int, note: str) -> None:
    """Make an earlier VERSION the newest one; 0 is what the settings file says."""
    from worker.overrides import NAME, restored
    from worker.versions import version_of

    loaded = session.in_force
    if version == 0:
        _save(session, loaded.written, note or "as in the settings file")
        return
    found = version_of(session.database, NAME, version)
    _save(session, restored(loaded, found), note or f"as in version {version}")


def _save(session: Session, target: Settings, note: str) -> None:
    """Save after a yes."""
    from worker.overrides import NAME, edits, save
    from worker.versions import Proposed, newest_of
    from worker.wiring import now

    loaded = session.in_force
    newest = newest_of(session.database, NAME)
    changed = edits(loaded.settings, target)
    if changed:
        draw_edits(session, changed)
        session.insist(f"Change {many_of(len(changed), 'setting')}?")
    seen = newest.version if newest else 0
    wanted = Proposed(target, seen, session.who, note)
    made = save(loaded, session.database, wanted, clock=now)
    body = one(VersionReport, made) | {"changes": many(EditReport, changed)}
    session.printer.show(
        "config-version",
        body,
        lambda: session.printer.line(f"version {made.version} of the settings is in force"),
    )


COMMANDS = (set_, export, versions, restore)
