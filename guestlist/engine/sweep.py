"""Send again what waits for a worker: retries that are due, expired leases, lost messages."""

from datetime import timedelta

import structlog

from guestlist import failpoint
from guestlist.domain.pack import chunks, narrowed
from guestlist.engine.approval import look_again
from guestlist.engine.services import Services
from guestlist.store import halt, runs, work
from schemas.settings import Lane

LIMIT = 20_000
"""Records of one run that wait in the broker at most; sweeps go on as workers take them."""


def sweep(services: Services) -> None:
    """Dispatch what no message is known to be under way for; any number of sweeps does no harm.

    While everything is paused they only put an end to what has ended.
    """
    look_again(services)
    now = services.clock()
    after = now - timedelta(seconds=services.settings.flow.dispatch_after_s)
    emptied = services.publisher.emptied()
    with services.database.begin() as conn:
        if emptied:
            work.undispatch_all(conn)
        halted = halt.get(conn) is not None
        batches = [] if halted else work.dispatchable(conn, now=now, after=after, limit=LIMIT)
    # Apart: this locks runs before rows, as whoever ends rows does, and that before it.
    with services.database.begin() as conn:
        idle = [] if halted else runs.idle_producers(conn, now=now)
        for run in runs.unfinished(conn):
            work.cancel_waiting(conn, run.id, now=now)
            runs.finish_if_done(conn, run.id, now)
    if batches:
        failpoint.hit("sweep.stamped")
    for batch in batches:
        lane = Lane(batch.lane)
        width = narrowed(
            services.settings.lanes[lane].width,
            tried=batch.attempts,
            attempts=services.settings.retries.attempts,
        )
        for keys in chunks(batch.keys, width):
            services.publisher.sync(batch.run_id, keys, lane=lane)
    for run_id in idle:
        services.publisher.enumerate(run_id)
    if batches or idle:
        records = sum(len(batch.keys) for batch in batches)
        structlog.get_logger().info("swept", records=records, producers=len(idle))


def wake(services: Services) -> None:
    """Send at once what a person waits for, whose records a batch that has just ended held.

    Several batches may send it: whoever comes second finds nothing to do.
    """
    with services.database.read() as conn:
        waiting = work.held_up(conn, Lane.INTERACTIVE, now=services.clock(), limit=LIMIT)
    for run_id, keys in waiting.items():
        for part in chunks(keys, services.settings.lanes[Lane.INTERACTIVE].width):
            services.publisher.sync(run_id, part, lane=Lane.INTERACTIVE)
