"""``guestlist version``."""

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

import click

from console.session import Session, pass_session


@click.command()
@pass_session
def version(session: Session) -> None:
    """Print the version."""
    try:
        ours = installed("guestlist")
    except PackageNotFoundError:
        ours = "not installed"
    body = {"version": ours, "python": platform.python_version()}
    words = f"guestlist {ours}, Python {platform.python_version()}"
    session.printer.show("version", body, lambda: session.printer.line(words))
