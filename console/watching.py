"""Follow a run to its end."""

import time
from collections.abc import Sequence

from sqlalchemy import Connection

from console.exits import Exit
from console.halted import warn_if_halted
from console.printer import Progress, count
from console.session import Refusal, Session
from console.words import run_line
from guestlist.domain.errors import Missing
from guestlist.domain.explain import describe
from guestlist.domain.outcome import ASKED_FOR, RunState, WorkState
from guestlist.store import listing, runs
from guestlist.store.runs import LIVE, Run

LOOK_EVERY_S = 0.25
NO_WORKER_AFTER_S = 20.0
"""Silence after which a person is asked whether any worker runs."""


def find_run(session: Session, wanted: str | None, *, live: bool = False) -> Run:
    """Return the run of that id, or without one the latest (*live*: the latest that is)."""
    with session.database.read() as connection:
        if wanted:
            found = runs.get(connection, wanted)
        else:
            found = _latest(connection, states=LIVE)
            found = found if found or live else _latest(connection)
    if found:
        return found
    if wanted:
        raise Missing(f"there is no run {wanted!r}: `guestlist runs ls` lists them")
    raise Refusal("no run is under way" if live else "there is no run yet")


def _latest(connection: Connection, states: Sequence[RunState] | None = None) -> Run | None:
    """Return the latest run that somebody asked for; polls start others all the time."""
    found = runs.recent(connection, limit=1, states=states, kinds=ASKED_FOR)
    return next(iter(found), None)


def watch(session: Session, run_id: str) -> Run:
    """Show a run's progress until it has ended, and return it as it then is."""
    printer = session.printer
    try:
        with printer.progress(run_id) as update:
            return follow(session, run_id, update)
    except KeyboardInterrupt:
        printer.say(f"\nthe run goes on: {printer.typed(f'guestlist sync watch {run_id}')}")
        raise


def follow(session: Session, run_id: str, update: Progress) -> Run:
    """Tell *update* how far a run is until it has ended, and return it as it then is."""
    moved_at, told, last = time.monotonic(), False, ""
    while True:
        run = find_run(session, run_id)
        line = _words(run)
        update(run.enumerated - run.waiting, _total(run), line)
        if run.finished_at:
            return run
        now = time.monotonic()
        if line != last:
            moved_at, last = now, line
        elif not told and run.state is RunState.RUNNING and now - moved_at > NO_WORKER_AFTER_S:
            _tell_why(session, run)
            told = True
        time.sleep(LOOK_EVERY_S)


def _tell_why(session: Session, run: Run) -> None:
    """Say what a run that does not move waits for."""
    with session.database.read() as connection:
        tallies = listing.outcomes(connection, run.id)
    waiting = [each for each in tallies if each.state is WorkState.WAITING]
    for each in waiting:
        remedy = describe(each.reason).remedy if each.reason else ""
        session.printer.say(f"{count(each.count)} wait, {each.reason}: {remedy}")
    if not waiting and not warn_if_halted(session):
        session.printer.warn("nothing moves: does a worker run (guestlist worker, and beat)?")


def _words(run: Run) -> str:
    state = "" if run.state is RunState.RUNNING else f"{run.state}: "
    return f"{state}{run_line(run)}"


def _total(run: Run) -> int | None:
    """While the list is still being read nobody knows how long it is."""
    return None if run.enumerating else run.enumerated


def exit_of(run: Run) -> Exit:
    """Return 1 when anything failed, or the run did not get to its end."""
    whole = run.state is RunState.COMPLETE and not run.failed
    return Exit.OK if whole else Exit.PARTIAL
