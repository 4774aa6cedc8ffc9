"""Start, pause, resume and cancel runs."""

from collections.abc import Sequence

from sqlalchemy import Connection

from guestlist.domain.brake import told
from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import RunKind, RunState
from guestlist.domain.pack import chunks
from guestlist.engine.lists import usable
from guestlist.engine.services import Services
from guestlist.engine.sweep import sweep
from guestlist.store import audit, runs, work
from guestlist.store.runs import Run
from guestlist.store.turns import one_at_a_time
from schemas.settings import Lane


def start_list(services: Services, name: str, *, by: str, limit: int | None = None) -> Run:
    """Start a run over every member of the inclusion list.

    Raises ``Misconfigured`` when no usable list is set, the mapping does not fit, or a
    run over the same list is under way.
    """
    services.schemas.compiled(name)
    inclusion, definition = usable(services, name)
    if inclusion.hold:
        message = (
            f"the inclusion list of {name} is held, {told(inclusion.hold.cause)}: see the "
            "difference with `guestlist list show`, then `guestlist list approve` or `reject`"
        )
        raise Misconfigured(message)
    with services.database.begin() as conn:
        one_at_a_time(conn, "start")
        live = runs.under_way(conn, name, definition.list_id)
        if live:
            message = (
                f"run {live.id} over this list is {live.state.value}: "
                f"watch it with `guestlist sync watch {live.id}`, or cancel it first"
            )
            raise Misconfigured(message)
        run = runs.create(
            conn,
            f"r_{services.new_id()}",
            kind=RunKind.LIST,
            object=name,
            lane=Lane.BULK,
            requested_by=by,
            now=services.clock(),
            list_id=definition.list_id,
            list_version=definition.version,
            settings_version=services.settings_version,
            limit=limit,
        )
        _note(services, conn, "run.started", by, run.id)
    services.publisher.enumerate(run.id)
    return run


def start_records(
    services: Services,
    name: str,
    keys: Sequence[str],
    *,
    by: str,
    kind: RunKind = RunKind.RECORDS,
    lane: Lane = Lane.INTERACTIVE,
    parent: str | None = None,
) -> Run:
    """Start a run over these HubSpot records; each still has to pass the gate."""
    now = services.clock()
    with services.database.begin() as conn:
        run = runs.create(
            conn,
            f"r_{services.new_id()}",
            kind=kind,
            object=name,
            lane=lane,
            requested_by=by,
            now=now,
            settings_version=services.settings_version,
            parent=parent,
        )
        added = work.add(conn, run.id, [(key, None) for key in keys], now=now)
        runs.checkpoint(conn, run.id, cursor=None, added=added, enumerating=False)
        runs.finish_if_done(conn, run.id, now)
        _note(services, conn, "run.started", by, run.id)
    for part in chunks(list(keys), services.settings.lanes[lane].width):
        services.publisher.sync(run.id, part, lane=lane)
    return run


def lane_for(services: Services, records: int) -> Lane:
    """A handful goes ahead of everything; many take the lane of long runs."""
    few = services.settings.lanes[Lane.INTERACTIVE].width
    return Lane.INTERACTIVE if records <= few else Lane.BULK


def pause(services: Services, run_id: str, *, by: str) -> Run:
    """Let the batches under way end, and start no more until the run is resumed."""
    return _move(services, run_id, RunState.PAUSED, by=by)


def resume(services: Services, run_id: str, *, by: str) -> Run:
    """Go on with a paused run where it stopped."""
    run = _move(services, run_id, RunState.RUNNING, by=by)
    with services.database.begin() as conn:
        work.undispatch(conn, run_id)
    sweep(services)
    return run


def cancel(services: Services, run_id: str, *, by: str) -> Run:
    """End a run now: what waits is cancelled, batches under way still record what they wrote."""
    run = _move(services, run_id, RunState.CANCELLED, by=by)

    def unit(conn: Connection) -> Run:
        work.cancel_waiting(conn, run_id, now=services.clock())
        runs.finish_if_done(conn, run_id, services.clock())
        return runs.get(conn, run_id) or run

    return services.database.run(unit)


def _move(services: Services, run_id: str, to: RunState, *, by: str) -> Run:
    with services.database.begin() as conn:
        run = runs.get(conn, run_id)
        if run is None:
            message = f"there is no run {run_id!r}: `guestlist runs ls` lists them"
            raise Misconfigured(message)
        if not runs.set_state(conn, run_id, to, now=services.clock()):
            message = f"run {run_id} is {run.state.value}; it can not become {to.value}"
            raise Misconfigured(message)
        _note(services, conn, f"run.{to.value}", by, run_id)
        return runs.get(conn, run_id) or run


def _note(services: Services, conn: Connection, what: str, who: str, run_id: str) -> None:
    audit.append(conn, what, who=who, now=services.clock(), detail={"run": run_id})
