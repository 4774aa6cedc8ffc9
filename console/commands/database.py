"""``guestlist database``: bring the state's schema to this version, and copy the state."""

import sqlite3
from pathlib import Path

import click

from console.options import Section
from console.session import Refusal, Session, pass_session


@click.group(cls=Section)
def database() -> None:
    """Bring the database up to date; back it up."""


@database.command()
@pass_session
def upgrade(session: Session) -> None:
    """Apply the migrations that are missing, from nothing or from any release."""
    from guestlist.store.schema import upgrade as bring_up

    settings = session.loaded.settings
    session.make_state_folder()
    before = bring_up(settings.database_url)
    body = {"from": before.current, "to": before.newest, "changed": not before.equal}
    came = f"upgraded from {before.current or 'empty'} to {before.newest}"
    words = f"already at {before.newest}" if before.equal else came
    session.printer.show("database", body, lambda: session.printer.line(words))


@database.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_session
def backup(session: Session, file: Path) -> None:
    """Copy the SQLite database to FILE while everything runs."""
    from guestlist.store.backup import back_up

    if file.exists():
        raise Refusal(f"{file} is there already: name another file")
    try:
        size = back_up(session.loaded.settings.database_url, file)
    except (OSError, sqlite3.Error) as error:
        raise Refusal(f"{file} can not be written: {error}") from error
    words = f"{file}: {size / 2**20:.1f} MB"
    body = {"file": str(file), "bytes": size}
    session.printer.show("backup", body, lambda: session.printer.line(words))
