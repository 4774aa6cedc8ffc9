"""HubSpot's rate limits: ten seconds rolling per app, search per second, and the account's day."""

from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sandbox.hubspot.errors import ApiError, rate_limited
from sandbox.hubspot.options import Options


class App(NamedTuple):
    """Whose allowance a call uses."""

    name: str
    is_oauth: bool = False


class _Window:
    """Times of the calls of the last *seconds*."""

    __slots__ = ("_seconds", "_times")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque()

    def used(self, at: float) -> int:
        times = self._times
        while times and not at - self._seconds < times[0] <= at:
            times.popleft()
        return len(times)

    def add(self, at: float) -> None:
        self._times.append(at)


class Limits:
    """Counts accepted calls; a refused call uses nothing of the rolling windows."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._bursts: dict[App, _Window] = {}
        self._search = _Window(1.0)
        self._day = ""
        self.used_today = 0

    def _roll_day(self, at: float) -> None:
        """Start a new count at midnight of the account's time zone."""
        zone = ZoneInfo(self._options.time_zone)
        day = datetime.fromtimestamp(at, UTC).astimezone(zone).date().isoformat()
        if day != self._day:
            self._day = day
            self.used_today = 0

    def take(self, app: App, at: float, *, search: bool) -> dict[str, str]:
        """Count a call and return its headers, or raise the 429."""
        self._roll_day(at)
        options = self._options
        window = self._search if search else self._burst(app)
        most = self._most(app, search=search)
        used = window.used(at)
        refusal = None
        if options.limits_enabled and not app.is_oauth and self.used_today >= options.daily:
            refusal = "DAILY"
        elif options.limits_enabled and used >= most:
            refusal = "SECONDLY" if search else "TEN_SECONDLY_ROLLING"
        if refusal is None:
            window.add(at)
            used += 1
            self.used_today += not app.is_oauth
        headers = self._headers(app, most, used, search=search)
        if refusal:
            error: ApiError = rate_limited(refusal)
            error.headers.update(headers)
            raise error
        return headers

    def _burst(self, app: App) -> _Window:
        found = self._bursts.get(app)
        if found is None:
            found = self._bursts[app] = _Window(10.0)
        return found

    def _most(self, app: App, *, search: bool) -> int:
        if search:
            return self._options.search_per_second
        return self._options.oauth_burst_per_10s if app.is_oauth else self._options.burst_per_10s

    def _headers(self, app: App, most: int, used: int, *, search: bool) -> dict[str, str]:
        """Search answers lack the burst headers, OAuth apps lack the daily pair."""
        headers: dict[str, str] = {}
        if not app.is_oauth:
            headers["x-hubspot-ratelimit-daily"] = str(self._options.daily)
            left = max(0, self._options.daily - self.used_today)
            headers["x-hubspot-ratelimit-daily-remaining"] = str(left)
        if not search:
            left = max(0, most - used)
            headers["x-hubspot-ratelimit-interval-milliseconds"] = "10000"
            headers["x-hubspot-ratelimit-max"] = str(most)
            headers["x-hubspot-ratelimit-remaining"] = str(left)
            headers["x-hubspot-ratelimit-secondly"] = str(most // 10)
            headers["x-hubspot-ratelimit-secondly-remaining"] = str(min(left, most // 10))
        return headers

    def spend_day(self, *, left: int = 0) -> None:
        """Use the day's allowance up to *left* calls, for tests of a spent quota."""
        self.used_today = max(0, self._options.daily - left)

    def settle(self, at: float) -> None:
        """Bring the day's count up to date."""
        self._roll_day(at)
