"""The lanes as queues, and which task takes which: one table for the whole system."""

from kombu import Exchange, Queue

from schemas.settings import Lane

_EXCHANGE = Exchange("guestlist", type="direct")

QUEUES = tuple(Queue(lane.value, _EXCHANGE, routing_key=lane.value) for lane in Lane)

SYNC_RECORDS = "tasks.sync.sync_records"
ENUMERATE_LIST = "tasks.producers.enumerate_list"
POLL_HUBSPOT = "tasks.producers.poll_hubspot"
POLL_SALESFORCE = "tasks.producers.poll_salesforce"
POLL_JOINS = "tasks.producers.poll_joins"
POLL_LEAVES = "tasks.producers.poll_leaves"
POLL_FORMULAS = "tasks.producers.poll_formulas"
POLL_AUDIT = "tasks.producers.poll_audit"
SWEEP = "tasks.upkeep.sweep"
PRUNE = "tasks.upkeep.prune"
ALERT = "tasks.upkeep.alert"

ROUTES = {
    task: {"queue": Lane.UPKEEP.value}
    for task in (
        ENUMERATE_LIST,
        POLL_HUBSPOT,
        POLL_SALESFORCE,
        POLL_JOINS,
        POLL_LEAVES,
        POLL_FORMULAS,
        POLL_AUDIT,
        SWEEP,
        PRUNE,
        ALERT,
    )
}
"""``sync_records`` has no fixed route: its lane is that of the work it carries."""
