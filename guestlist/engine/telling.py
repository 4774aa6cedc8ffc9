"""Say in the log what became of single records: ids and codes, never a value."""

import logging
from collections.abc import Iterable

import structlog

from guestlist.domain.ending import Ended, Later
from guestlist.domain.outcome import Outcome
from guestlist.store.runs import Run


def tell(run: Run, endings: Iterable[Ended | Later]) -> None:
    """Log each record that failed; at the level *debug* every one, with what it waits for.

    A batch may hold records of other runs than its message's: each line names its own.
    """
    log = structlog.get_logger().bind(run=run.id, object=run.object)
    every = logging.getLogger(__name__).isEnabledFor(logging.DEBUG)
    for each in endings:
        if isinstance(each, Ended) and each.outcome is Outcome.FAILED:
            log.info("record_failed", record=each.key, reason=each.reason.value)
        elif not every:
            continue
        elif isinstance(each, Ended):
            outcome = each.outcome.value
            log.debug("record_done", record=each.key, outcome=outcome, reason=each.reason.value)
        else:
            log.debug("record_waits", record=each.key, reason=each.reason.value)
