"""The daily request allowance, and what the org says about its limits."""

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.salesforce.call import Call, Reply
from sandbox.salesforce.errors import SalesforceError

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_HOUR = 3600.0
_ROLLING = 24
_OTHERS = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDeliveredPlatformEvents": 25_000,
    "DailyStreamingApiEvents": 1_000_000,
    "DailyWorkflowEmails": 75_000,
    "DataStorageMB": 1_024,
    "FileStorageMB": 1_024,
    "HourlyPublishedPlatformEvents": 250_000,
    "SingleEmail": 5_000,
}


@dataclass(slots=True)
class Usage:
    """Requests by hour, and the figure the header last showed."""

    hours: deque[list[float]] = field(default_factory=deque)
    shown: int = 0
    shown_at: float = float("-inf")

    def spend(self, now: float, calls: int = 1) -> None:
        """Count *calls*."""
        hour = now // _HOUR
        if self.hours and self.hours[-1][0] == hour:
            self.hours[-1][1] += calls
        else:
            self.hours.append([hour, calls])

    def used(self, now: float) -> int:
        """Return the calls of the last 24 hours."""
        oldest = now // _HOUR - _ROLLING
        while self.hours and self.hours[0][0] <= oldest:
            self.hours.popleft()
        return int(sum(calls for _, calls in self.hours))

    def reported(self, now: float, lag: float) -> int:
        """Return the figure of the header: renewed at most every *lag* seconds."""
        if not 0 <= now - self.shown_at < lag:
            self.shown, self.shown_at = self.used(now), now
        return self.shown


def check_allowance(org: "Org") -> None:
    """Refuse a request once the day's allowance is spent."""
    if org.usage.used(org.clock.timestamp()) + org.options.spent >= org.options.daily_limit:
        message = "TotalRequests Limit exceeded."
        raise SalesforceError("REQUEST_LIMIT_EXCEEDED", message, status=403)


def usage_header(org: "Org", caller: str) -> dict[str, str]:
    """Return the usage header, which lags behind the truth."""
    options = org.options
    used = org.usage.reported(org.clock.timestamp(), options.usage_lag)
    shown = f"api-usage={used + options.spent}/{options.daily_limit}"
    if options.bursts_in_usage:
        shown += "; api-bursts=1/750"
    if options.per_app_usage and caller:
        shown += f"; per-app-api-usage={used}/{options.daily_limit}(appName={caller})"
    return {"sforce-limit-info": shown}


def limits(call: Call) -> Reply:
    """Answer ``/limits``."""
    org = call.org
    if not org.options.view_setup:
        message = "User does not have View Setup and Configuration"
        raise SalesforceError("INSUFFICIENT_ACCESS", message, status=403)
    used = org.usage.used(org.clock.timestamp()) + org.options.spent
    remaining = max(0, org.options.daily_limit - used)
    apps = {client.caller: {"Max": 0, "Remaining": 0} for client in org.clients.values()}
    body: dict[str, object] = {
        "DailyApiRequests": {"Max": org.options.daily_limit, "Remaining": remaining, **apps}
    }
    body |= {name: {"Max": most, "Remaining": most} for name, most in _OTHERS.items()}
    return Reply(200, body)


def record_count(call: Call) -> Reply:
    """Answer ``/limits/recordCount``: an estimate that leaves out empty objects."""
    org = call.org
    wanted = call.query.get("sObjects", "")
    names = [name.strip() for name in wanted.split(",") if name.strip()] or list(org.tables)
    tables = [table for name in names if (table := org.table_named(name))]
    exact = {table.name: len(table.rows) - len(table.bin) for table in tables}
    counts = {
        name: _estimate(count) if org.options.stale_record_counts else count
        for name, count in exact.items()
    }
    shown = [{"count": count, "name": name} for name, count in counts.items() if count]
    return Reply(200, {"sObjects": shown})


def _estimate(count: int) -> int:
    """Round down to two digits: close for large objects, blind for small ones."""
    step: int = 10 ** max(1, len(str(count)) - 2)
    return count // step * step
