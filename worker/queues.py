"""The lanes as queues, and which task takes which: one table for the whole system."""

from kombu import Exchange, Queue

from schemas.settings import Lane

_EXCHANGE = Exchange("guestlist", type="direct")

QUEUES = tuple(Queue(lane.value, _EXCHANGE, routing_key=lane.value) for lane in Lane)

SYNC_RECORDS = "tasks.sync.sync_records"
ENUMERATE_LIST = "tasks.producers.enumerate_list"
SWEEP = "tasks.upkeep.sweep"

ROUTES = {
    ENUMERATE_LIST: {"queue": Lane.UPKEEP.value},
    SWEEP: {"queue": Lane.UPKEEP.value},
}
"""``sync_records`` has no fixed route: its lane is that of the work it carries."""
