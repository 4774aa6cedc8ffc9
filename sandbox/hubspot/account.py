"""The account: its details and what it has used of the day's calls."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.instants import iso, to_ms

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal


def details(portal: "Portal", _call: Call) -> Answer:
    """Return the portal's details; time zones have their legacy names."""
    zone = ZoneInfo(portal.options.time_zone)
    shift = portal.clock.now().astimezone(zone).utcoffset() or timedelta()
    minutes = int(shift.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    body = {
        "portalId": portal.portal_id,
        "accountType": "STANDARD",
        "timeZone": portal.options.time_zone,
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
    return Answer(200, body)


def daily_usage(portal: "Portal", _call: Call) -> Answer:
    """Return the private apps' share of the day."""
    now = portal.clock.now()
    zone = ZoneInfo(portal.options.time_zone)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    resets = (today + timedelta(days=1)).astimezone(UTC)
    portal.limits.settle(portal.clock.timestamp())
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": portal.options.daily,
        "currentUsage": portal.limits.used_today,
        "collectedAt": iso(to_ms(datetime.fromtimestamp(now.timestamp(), UTC))),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(to_ms(resets)),
    }
    return Answer(200, {"results": [usage]})
