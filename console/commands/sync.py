"""``guestlist sync``: start, watch, pause, resume and cancel runs."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from console import forecast
from console.choosing import choosing, refuse_together
from console.exits import Exit
from console.halted import warn_if_halted
from console.options import Section, of_object
from console.planning import allowances, planned, planned_of, read_plan, refuse_moved
from console.printer import count
from console.reports import HaltReport, RunReport, many, one
from console.session import Refusal, Session, pass_session
from console.watching import exit_of, find_run, watch
from console.words import run_line
from guestlist.domain.outcome import Outcome, RunState
from guestlist.engine import halting, launch
from guestlist.engine.resolve import resolve_all
from guestlist.engine.services import Services
from guestlist.store import runs
from guestlist.store.runs import Run


@click.group(cls=Section)
def sync() -> None:
    """Start, watch, pause, resume and cancel a run."""


@sync.command()
@choosing
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Start only if `plan --out` of this file still holds.",
)
@click.option("--wait", is_flag=True, help="Watch it to its end.")
@of_object
@pass_session
def start(
    session: Session,
    records: tuple[str, ...],
    *,
    whole_list: bool,
    limit: int | None,
    plan_file: Path | None,
    wait: bool,
    object_name: str | None,
) -> Exit:
    """Sync every member of the inclusion list, or the records named.

    RECORD is an id, an e-mail address, or a page's address in either CRM.
    """
    refuse_together(list=whole_list, record=records, plan=plan_file)
    refuse_together(limit=limit, record=records)
    name = session.object_name(object_name)
    kept = read_plan(plan_file) if plan_file else None
    if records:
        run = _start_records(session, name, records)
    elif kept and kept["records"] is not None:
        run = _start_planned(session, name, limit, kept)
    else:
        limit = _allowed(session, name, limit, kept)
        _foretell(session, name, limit)
        run = launch.start_list(session.connected, name, by=session.who, limit=limit)
    return started(session, run, wait=wait)


def started(session: Session, run: Run, *, wait: bool) -> Exit:
    """Say what was started, and watch it if asked to."""
    printer = session.printer
    printer.say(f"started {run.id}")
    warn_if_halted(session)
    run = watch(session, run.id) if wait else find_run(session, run.id)
    printer.show("run", one(RunReport, run), lambda: printer.line(f"{run.id} {_state(run)}"))
    if not wait:
        printer.suggest(f"guestlist sync watch {run.id}")
        return Exit.OK
    if run.failed:
        printer.suggest("guestlist errors ls")
    return exit_of(run)


def _state(run: Run) -> str:
    return f"{run.state}: {run_line(run)}"


def _start_records(session: Session, name: str, records: tuple[str, ...]) -> Run:
    services = session.connected
    services.schemas.compiled(name)
    keys = resolve_all(services, name, records)
    return launch.start_records(services, name, keys, by=session.who)


def _start_planned(session: Session, name: str, limit: int | None, kept: Mapping[str, Any]) -> Run:
    """Start the records a plan is about, once it holds."""
    if limit:
        raise Refusal("the plan is about certain records: --limit does not go with it")
    services, keys = session.connected, kept["records"]
    refuse_moved(kept, planned_of(session, name, keys))
    lane = launch.lane_for(services, len(keys))
    return launch.start_records(services, name, keys, by=session.who, lane=lane)


def _allowed(
    session: Session, name: str, limit: int | None, kept: Mapping[str, Any] | None
) -> int | None:
    """Return how many members to sync, once the plan holds or a person agreed to the creates."""
    if kept:
        return _as_planned(session, name, limit, kept)
    if not session.asked.yes:
        _ask_above(session, name, limit)
    return limit


def _as_planned(
    session: Session, name: str, limit: int | None, kept: Mapping[str, Any]
) -> int | None:
    """Return how many members to sync: as many as were planned, or fewer."""
    most: int | None = kept["limit"]
    if most and limit and limit > most:
        raise Refusal(f"the plan is about {most} members, --limit asks for {limit}")
    refuse_moved(kept, planned(session, name, limit=most))
    return limit or most


def _ask_above(session: Session, name: str, limit: int | None) -> None:
    """Ask before a run that would create more than the settings let pass unasked."""
    services = session.connected
    most = services.settings.guards.ask_above_creates
    if _size(services, name, limit) <= most:
        return
    made = planned(session, name, limit=limit)
    creates = sum(
        n for (outcome, _), n in made.preview.outcomes.items() if outcome is Outcome.CREATED
    )
    if creates > most:
        created = f"This creates {count(creates)} records in Salesforce, more than {count(most)}."
        session.insist(f"{created} Start it?")


def _foretell(session: Session, name: str, limit: int | None) -> None:
    """Say what the run may cost of the day, and what is left of it."""
    services = session.connected
    size = _size(services, name, limit)
    if 0 < size < float("inf"):
        cost = forecast.most(int(size))
        for line in forecast.told(cost, allowances(services), services.settings):
            session.printer.say(line)


def _size(services: Services, name: str, limit: int | None) -> float:
    """Return how many records a run can concern at most."""
    inclusion = services.inclusions.current(services.schemas.object(name))
    definition = inclusion.definition if inclusion else None
    members = definition.size if definition else 0
    return min(float("inf") if members is None else members, limit or float("inf"))


@sync.command("watch")
@click.argument("run_id", metavar="[RUN]", required=False)
@pass_session
def watch_(session: Session, run_id: str | None) -> Exit:
    """Follow RUN, or the latest, to its end."""
    warn_if_halted(session)
    run = watch(session, find_run(session, run_id).id)
    printer = session.printer
    printer.show("run", one(RunReport, run), lambda: printer.line(f"{run.id} {_state(run)}"))
    return exit_of(run)


@sync.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@pass_session
def pause(session: Session, run_id: str | None) -> None:
    """Let batches under way of RUN end and start no more, or stop everything.

    Without RUN calls under way end, no run goes on, none that is started begins, and nothing is
    looked for in the CRMs; what changes meanwhile is found after `guestlist sync resume`.
    """
    if run_id:
        return _move(session, run_id, launch.pause)
    begun = halting.halt(session.services, by=session.who)
    _show_halt(session, "paused: calls under way end" if begun else "was paused already")
    return session.printer.suggest("guestlist sync resume")


@sync.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@pass_session
def resume(session: Session, run_id: str | None) -> None:
    """Go on with RUN, or with everything where it stopped.

    A run that was paused by itself goes on when it is named.
    """
    if run_id:
        return _move(session, run_id, launch.resume)
    lifted = halting.lift(session.services, by=session.who)
    _show_halt(session, "goes on" if lifted else "was not paused")
    with session.database.read() as connection:
        alone = runs.recent(connection, limit=1000, states=[RunState.PAUSED])
    for run in alone:
        session.printer.say(f"{run.id} stays paused by itself: guestlist sync resume {run.id}")
    return None


@sync.command()
@click.argument("run_id", metavar="RUN")
@pass_session
def cancel(session: Session, run_id: str) -> None:
    """End RUN now: what it wrote stays, what waits is cancelled."""
    _move(session, run_id, launch.cancel)


def _move(session: Session, run_id: str, move: Callable[..., Run]) -> None:
    run = move(session.services, find_run(session, run_id).id, by=session.who)
    printer = session.printer
    body = {"runs": many(RunReport, [run])}
    printer.show("runs", body, lambda: printer.line(f"{run.id} {_state(run)}"))


def _show_halt(session: Session, what: str) -> None:
    printer, on = session.printer, halting.halted(session.services)
    printer.show("engine", one(HaltReport, on), lambda: printer.line(f"everything {what}"))
