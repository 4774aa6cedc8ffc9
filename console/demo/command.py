"""``guestlist demo``: two sandbox CRMs kept in step, and the proof that it was right."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import click

from console.exits import Exit
from console.session import Refusal, Session, pass_session

FEWEST = 50
"""Below that not every kind of contact would be met."""


@click.command()
@click.option(
    "--contacts",
    default=2000,
    show_default=True,
    metavar="N",
    type=click.IntRange(min=FEWEST),
    help="How many to make up.",
)
@click.option("--seed", default="1", show_default=True, metavar="S", help="Which world.")
@click.option("--list-only", is_flag=True, help="End after the list syncs.")
@click.option("--serve", is_flag=True, help="Keep everything running until Ctrl-C.")
@pass_session
def demo(session: Session, *, contacts: int, seed: str, list_only: bool, serve: bool) -> Exit:
    """Sync a made-up list on this machine, then follow both sides, and prove that it was right.

    Needs no account and no network. Exit code 0 only if the proof holds.
    """
    if session.asked.env or session.asked.config:
        raise Refusal("the demo works in a folder of its own: leave --env and --config out")
    from console.demo.performance import World, perform

    with _ended_by_signals():
        try:
            return perform(session, World(contacts, seed), list_only=list_only, serve=serve)
        except KeyboardInterrupt:
            session.printer.say("\ninterrupted: everything that was started has ended")
            raise


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the demo in order, as Ctrl-C does."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before: dict[int, Any] = {
        number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
