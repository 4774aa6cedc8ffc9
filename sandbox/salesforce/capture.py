"""What changed in a window: getUpdated and getDeleted, to the minute."""

from datetime import datetime, timedelta

from sandbox.salesforce.call import Call, Reply
from sandbox.salesforce.dates import read_instant, stamp
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.record import Table

UPDATED_WINDOW = timedelta(days=30)
DELETED_WINDOW = timedelta(days=15)
MOST_IDS = 600_000
_MINUTE = timedelta(minutes=1)


def updated(call: Call, table: Table) -> Reply:
    """Answer /sobjects/X/updated: ids of live records saved in the window."""
    start, end = _window(call, table, UPDATED_WINDOW)
    first, last = stamp(start), stamp(end)
    ids = [
        record.id
        for record in table.stamped_since(first)
        if (shown := record.shown)
        and not shown.get("IsDeleted")
        and first <= shown["SystemModstamp"] < last
    ]
    if len(ids) > MOST_IDS:
        raise SalesforceError("EXCEEDED_ID_LIMIT", f"more than {MOST_IDS} ids in the window")
    return Reply(200, {"ids": ids, "latestDateCovered": _covered(call, end)})


def deleted(call: Call, table: Table) -> Reply:
    """Answer /sobjects/X/deleted: what is in the bin since the window, unless purged."""
    start, end = _window(call, table, DELETED_WINDOW)
    now = call.org.clock.now()
    purged = call.org.options.delete_log_purged_at
    earliest = max(stamp(now - DELETED_WINDOW), stamp(purged) if purged else "")
    if stamp(start) < earliest and purged:
        message = "startDate before org replication enabled date"
        raise SalesforceError("INVALID_REPLICATION_DATE", message)
    rows = [
        {"id": record.id, "deletedDate": record.shown["SystemModstamp"]}
        for record in table.bin.values()
        if record.shown
        and record.shown.get("IsDeleted")
        and stamp(start) <= record.shown["SystemModstamp"] < stamp(end)
    ]
    body = {
        "deletedRecords": rows,
        "earliestDateAvailable": earliest,
        "latestDateCovered": _covered(call, end),
    }
    return Reply(200, body)


def _window(call: Call, table: Table, reach: timedelta) -> tuple[datetime, datetime]:
    if not table.spec.replicateable:
        raise SalesforceError("INVALID_TYPE_FOR_OPERATION", f"{table.name} is not replicable")
    start, end = _minute(call, "start"), _minute(call, "end")
    if end - start < _MINUTE:
        message = "The endDate must be at least one minute greater than the startDate"
        raise SalesforceError("INVALID_REPLICATION_DATE", message)
    if start < call.org.clock.now() - reach - _MINUTE:
        message = f"startDate cannot be more than {reach.days} days ago"
        raise SalesforceError("INVALID_REPLICATION_DATE", message)
    return start, end


def _minute(call: Call, name: str) -> datetime:
    """Read a bound of the window, its seconds cut off."""
    moment = read_instant(call.query.get(name, "").replace(" ", "+"))
    if moment is None:
        message = f"Invalid date for {name}: {call.query.get(name)}"
        raise SalesforceError("INVALID_REPLICATION_DATE", message)
    return moment.replace(second=0)


def _covered(call: Call, end: datetime) -> str:
    """Return how far the answer is complete: not past the start of a running transaction."""
    now = call.org.clock.now()
    covered = min(end, now.replace(second=0, microsecond=0))
    started = call.org.oldest_transaction()
    if started is not None:
        running = datetime.fromtimestamp(started, now.tzinfo)
        covered = min(covered, running.replace(second=0, microsecond=0))
    return stamp(covered)
