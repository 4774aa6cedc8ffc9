"""``guestlist database``: bring the state's schema to this version."""

import click

from console.session import Session, pass_session


@click.group()
def database() -> None:
    """Bring the database up to date."""


@database.command()
@pass_session
def upgrade(session: Session) -> None:
    """Apply the migrations that are missing, from nothing or from any release."""
    from guestlist.store.schema import upgrade as bring_up

    settings = session.loaded.settings
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = bring_up(settings.database_url)
    body = {"from": before.current, "to": before.newest, "changed": not before.equal}
    came = f"upgraded from {before.current or 'empty'} to {before.newest}"
    words = f"already at {before.newest}" if before.equal else came
    session.printer.show("database", body, lambda: session.printer.line(words))
