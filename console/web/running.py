"""Runs as pages and API ask for them: find, page through, retry."""

from collections.abc import Iterator, Sequence

from console.web.paging import Slice, cut
from console.web.site import site
from guestlist.domain.errors import Misconfigured, Missing
from guestlist.domain.outcome import ASKED_FOR, Outcome, RunKind, RunState, WorkState
from guestlist.domain.reason import Reason
from guestlist.engine import launch
from guestlist.engine.services import Services
from guestlist.store import listing, overview
from guestlist.store import runs as stored
from guestlist.store.listing import WorkRow
from guestlist.store.runs import Run

PAGE = 1000


def find_run(run_id: str) -> Run:
    with site().database.read() as conn:
        run = stored.get(conn, run_id)
    if run is None:
        raise Missing(f"there is no run {run_id!r}")
    return run


def reloaded(run: Run) -> Run:
    """Return a run that was just started as it is stored, its records counted."""
    return find_run(run.id)


def page_of_runs(
    *,
    before: str | None,
    object: str | None,
    state: RunState | None,
    kind: RunKind | None,
    polls: bool,
    limit: int,
) -> Slice[Run]:
    """Return runs, newest first; those that polls start all the time only where asked for."""
    kinds = [kind] if kind else () if polls else ASKED_FOR
    with site().database.read() as conn:
        found = overview.runs_page(
            conn,
            before=before or None,
            object=object,
            states=[state] if state else (),
            kinds=kinds,
            limit=limit + 1,
        )
    return cut(found, limit, lambda run: run.id)


def records_of(
    run_id: str,
    *,
    outcome: Outcome | None = None,
    reason: Reason | None = None,
    state: WorkState | None = None,
) -> Iterator[WorkRow]:
    """Yield a run's records, each page of them in a short transaction of its own."""
    after = ""
    while True:
        with site().database.read() as conn:
            page = listing.page(
                conn,
                run_id,
                state=state,
                outcome=outcome,
                reason=reason,
                after_key=after,
                limit=PAGE,
            )
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].key


def retry_failed(services: Services, run: Run, *, by: str) -> Run:
    """Start a run over what failed in *run*."""
    if not run.finished_at:
        raise Misconfigured(f"{run.id} is {run.state}: it has not ended yet")
    keys = [row.key for row in records_of(run.id, outcome=Outcome.FAILED)]
    return again(services, run.object, keys, by=by, parent=run.id)


def again(
    services: Services, name: str, keys: Sequence[str], *, by: str, parent: str | None = None
) -> Run:
    """Start a run over records that failed: a few ahead of everything, many on the lane of runs."""
    if not keys:
        raise Misconfigured("nothing to retry")
    lane = launch.lane_for(services, len(keys))
    return launch.start_records(
        services, name, keys, by=by, kind=RunKind.ERRORS, lane=lane, parent=parent
    )
