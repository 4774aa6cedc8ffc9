"""Say that everything is paused, wherever somebody may wait for it."""

from console.session import Session
from console.words import when
from guestlist.store import halt
from guestlist.store.halt import Halt


def told(on: Halt) -> str:
    """Return the sentence."""
    return f"everything is paused, by {on.by} since {when(on.at)}"


def warn_if_halted(session: Session) -> bool:
    """Say so, and how it ends; ``False``: there is nothing to say."""
    with session.database.read() as connection:
        on = halt.get(connection)
    if on:
        session.printer.warn(f"{told(on)}: nothing begins until `guestlist sync resume`")
    return on is not None
