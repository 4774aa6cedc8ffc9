"""``guestlist mapping diff``, ``export``, ``import``, ``versions``, ``restore``."""

from collections.abc import Sequence
from typing import IO

import click

from console.options import of_object
from console.printer import many_of
from console.reports import EditReport, VersionReport, many, one
from console.session import Session, pass_session
from console.versions import draw_edits, show_versions
from guestlist.domain.edit import Edit, edits
from schemas.mapping import ObjectMapping

TOML = click.argument("file", type=click.File(encoding="utf-8"))
NOTE = click.option("--note", default="", help="Why, for whoever reads the versions later.")


@click.command("diff")
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
@of_object
@pass_session
def diff(session: Session, file: IO[str] | None, object_name: str | None) -> None:
    """Show what importing FILE would change; without one, what was changed beside the settings.

    FILE is TOML as `guestlist mapping export` writes it, or - for standard input.
    """
    from worker.mappings import imported

    name = session.object_name(object_name)
    written = session.in_force.written.objects[name]
    current = session.in_force.settings.objects[name]
    before, after = (current, imported(written, file.read())) if file else (written, current)
    _tell(session, name, edits(before, after))


@click.command("export")
@of_object
@pass_session
def export(session: Session, object_name: str | None) -> None:
    """Print the mapping as it would stand in the settings file."""
    from schemas.mapping_text import text_of

    name = session.object_name(object_name)
    text = text_of(session.in_force.settings.objects[name])
    body = {"object": name, "toml": text}
    session.printer.show("mapping-text", body, lambda: session.printer.line(text.rstrip("\n")))


@click.command("import")
@TOML
@NOTE
@of_object
@pass_session
def import_(session: Session, file: IO[str], note: str, object_name: str | None) -> None:
    """Make a version of the mapping out of FILE; it holds for all workers at once.

    It counts until the settings file says something else about the object.
    """
    from worker.mappings import imported

    name = session.object_name(object_name)
    written = session.in_force.written.objects[name]
    _save(session, name, imported(written, file.read()), note)


@click.command("versions")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@of_object
@pass_session
def versions(session: Session, limit: int, object_name: str | None) -> None:
    """List the versions of the mapping, newest first."""
    from guestlist.store import versions as stored

    name = session.object_name(object_name)
    with session.database.read() as conn:
        found = stored.page(conn, name, limit=limit)
    now = session.in_force.versions.get(name)
    show_versions(session, "mapping-versions", found, of={"object": name}, now=now)


@click.command("restore")
@click.argument("version", type=click.IntRange(0))
@NOTE
@of_object
@pass_session
def restore(session: Session, version: int, note: str, object_name: str | None) -> None:
    """Make an earlier VERSION the newest one; 0 is what the settings file says."""
    from worker.mappings import restored
    from worker.versions import version_of

    name = session.object_name(object_name)
    if version == 0:
        _save(session, name, None, note or "as in the settings file")
        return
    found = version_of(session.database, name, version)
    target = restored(session.in_force.written.objects[name], found)
    _save(session, name, target, note or f"as in version {version}")


def _save(session: Session, name: str, target: ObjectMapping | None, note: str) -> None:
    """Save after a yes; ``None``: as the files say."""
    from worker.mappings import refuse_misfit, refuse_unwanted, save
    from worker.versions import Proposed, newest_of

    loaded, services = session.in_force, session.connected
    wanted = target or loaded.written.objects[name]
    refuse_unwanted(loaded, name, wanted)
    refuse_misfit(services, name, wanted)
    newest = newest_of(services.database, name)
    changed = edits(loaded.settings.objects[name], wanted)
    if changed:
        draw_edits(session, changed)
        session.insist(f"Change the mapping of {name} in {many_of(len(changed), 'place')}?")
    seen = newest.version if newest else 0
    made = save(loaded, services, name, Proposed(target, seen, session.who, note))
    body = one(VersionReport, made) | {"object": name, "changes": many(EditReport, changed)}

    def told() -> None:
        session.printer.line(f"version {made.version} of the mapping of {name} is in force")
        session.printer.say("records in step keep their values until they are looked at")
        session.printer.suggest("guestlist sync start")

    session.printer.show("mapping-version", body, told)


def _tell(session: Session, name: str, changed: Sequence[Edit]) -> None:
    body = {"object": name, "changes": many(EditReport, changed)}
    session.printer.show("mapping-diff", body, lambda: draw_edits(session, changed))
    session.printer.say(many_of(len(changed), "difference"))


COMMANDS = (diff, export, import_, versions, restore)
