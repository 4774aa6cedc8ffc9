"""Enumerate what a run is over: a page, a checkpoint, a hand-over, never running ahead."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from guestlist import failpoint
from guestlist.connectors.hubspot import HubSpot
from guestlist.domain.errors import Missing, Split, SyncError
from guestlist.domain.outcome import RunKind, RunState
from guestlist.domain.pack import chunks
from guestlist.domain.reason import Reason
from guestlist.engine import importing
from guestlist.engine.auditing import page_of
from guestlist.engine.services import Services
from guestlist.store import halt, runs, work
from guestlist.store.runs import Run
from schemas.settings import Lane

PAGE = 250
"""HubSpot: at most 250 memberships a page."""


class Page(NamedTuple):
    """Records just read, members with the time their page was asked for: their proof."""

    proved: Sequence[tuple[str, datetime | None]]
    after: str | None


def enumerate_run(services: Services, run_id: str) -> None:
    """Hand over page after page until enough records are in flight, or there is no more.

    One producer at a time per run, by lease; whoever finishes records wakes the next.
    """
    token = services.new_id()
    log = structlog.get_logger()
    try:
        with services.keeper.keep(lambda: _renew(services, run_id, token)):
            while _step(services, run_id, token):
                pass
    except Missing:
        _stop(services, run_id, Reason.LIST_UNAVAILABLE)
        log.warning("run_stopped", reason=Reason.LIST_UNAVAILABLE.value)
    except SyncError as error:
        log.warning("producer_waits", error=type(error).__name__)
    finally:
        with services.database.begin() as connection:
            runs.release_producer(connection, run_id, token)


def _step(services: Services, run_id: str, token: str) -> bool:
    """Enumerate one batch; False when there is nothing to do or no room for more."""
    now, until = services.clock(), services.lease_until()
    with services.database.begin() as connection:
        if halt.get(connection):
            return False
        if not runs.take_producer(connection, run_id, token, until=until, now=now):
            return False
        run = runs.get(connection, run_id)
        in_flight = work.in_flight(connection, run_id)
    if run is None or in_flight >= services.settings.flow.in_flight:
        return False
    page = _read(services, run)
    return _hand_over(services, run, page, token) and page.after is not None


def _renew(services: Services, run_id: str, token: str) -> bool:
    now, until = services.clock(), services.lease_until()
    with services.database.begin() as connection:
        return runs.renew_producer(connection, run_id, token, until=until, now=now)


def _read(services: Services, run: Run) -> Page:
    """Read as many records as one task carries."""
    match run.kind:
        case RunKind.AUDIT:
            return _stored(services, run)
        case RunKind.IMPORT:
            return _imported(services, run)
        case _:
            return _listed(services, run)


def _stored(services: Services, run: Run) -> Page:
    width = _room(services, run)
    with services.database.read() as connection:
        keys, after = page_of(connection, run.object, run.cursor, run.list_id, limit=width)
    failpoint.hit("reconcile.page_k")
    return Page([(key, None) for key in keys], after)


def _imported(services: Services, run: Run) -> Page:
    keys, after = importing.page_of(services, run)
    return _within(run, Page([(key, None) for key in keys], after))


def _listed(services: Services, run: Run) -> Page:
    """Read as many pages of the list as one task carries.

    A cursor that HubSpot forgot starts the list over: rows that are there already stay single.
    """
    hubspot = services.hubspot.on(Lane(run.lane))
    width = _room(services, run)
    try:
        page = _pages(services, hubspot, run, run.cursor, width)
    except Split:
        if run.cursor is None:
            raise
        page = _pages(services, hubspot, run, None, width)
    with services.database.begin() as connection:
        runs.add_calls(connection, run.id, hubspot=hubspot.calls)
    return _within(run, page)


def _within(run: Run, page: Page) -> Page:
    """Cut a page where the run's limit is reached."""
    if run.limit and run.enumerated + len(page.proved) >= run.limit:
        return Page(page.proved[: run.limit - run.enumerated], None)
    return page


def _room(services: Services, run: Run) -> int:
    width = services.settings.lanes[Lane(run.lane)].width
    return min(width, run.limit - run.enumerated) if run.limit else width


def _pages(services: Services, hubspot: HubSpot, run: Run, after: str | None, width: int) -> Page:
    proved: list[tuple[str, datetime]] = []
    while True:
        asked_at = services.clock()
        page = hubspot.members(run.list_id or "", after=after, limit=min(PAGE, width))
        proved += [(member.record_id, asked_at) for member in page.members]
        after = page.after
        if after is None or len(proved) >= width:
            return Page(proved, after)


def _hand_over(services: Services, run: Run, page: Page, token: str) -> bool:
    """Queue a page's records, unless another producer or a person overtook the reading of it."""
    now, until = services.clock(), services.lease_until()
    with services.database.begin() as connection:
        if not runs.take_producer(connection, run.id, token, until=until, now=now):
            return False
        added = work.add(connection, run.id, page.proved, now=now)
        runs.checkpoint(
            connection, run.id, cursor=page.after, added=added, enumerating=page.after is not None
        )
        runs.finish_if_done(connection, run.id, now)
    failpoint.hit("run.page_committed")
    lane = Lane(run.lane)
    for keys in chunks([key for key, _ in page.proved], services.settings.lanes[lane].width):
        services.publisher.sync(run.id, keys, lane=lane)
    return True


def _stop(services: Services, run_id: str, reason: Reason) -> None:
    now = services.clock()
    with services.database.begin() as connection:
        runs.set_state(connection, run_id, RunState.STOPPED, reason=reason, now=now)
        work.cancel_waiting(connection, run_id, now=now)
        runs.finish_if_done(connection, run_id, now)
