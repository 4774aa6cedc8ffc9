"""``guestlist config``: every setting with where it comes from, and everything that is wrong."""

import click

from console.commands.config_change import COMMANDS
from console.options import Section
from console.printer import clean
from console.reports import SettingReport, many
from console.session import Session, pass_session
from worker.settings import DEFAULT, unconnected


@click.group(cls=Section, commands=COMMANDS)
def config() -> None:
    """Show, check and change the settings."""


@config.command()
@click.option("--changed", is_flag=True, help="Only what is not the default.")
@pass_session
def show(session: Session, *, changed: bool) -> None:
    """Print each setting with its source; secrets are masked."""
    from worker.overrides import NAME

    loaded = session.in_force
    shown = [each for each in loaded.shown() if not changed or each.source != DEFAULT]
    body = {
        "file": str(loaded.config) if loaded.config else None,
        "version": loaded.version,
        "in_force": loaded.versions.get(NAME),
        "settings": many(SettingReport, shown),
    }
    rows = [(each.name, each.value, each.source) for each in shown]
    table = session.printer.table
    session.printer.show("config", body, lambda: table(("setting", "value", "source"), rows))


@config.command()
@pass_session
def check(session: Session) -> None:
    """Check all settings; every problem is told at once."""
    loaded, printer = session.in_force, session.printer
    missing = unconnected(loaded.settings)
    body = {
        "ok": True,
        "file": str(loaded.config) if loaded.config else None,
        "not_connected": missing,
    }

    def draw() -> None:
        printer.line("the settings are fine")
        for line in missing:
            printer.line(f"not connected yet: {clean(line)}")

    printer.show("config-check", body, draw)
    printer.suggest("guestlist connect hubspot" if missing else "guestlist doctor")
