"""What each CRM lets us call, and how a lane's part of it becomes paces that are kept exactly."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from guestlist.domain.budget import Day, stops_at
from schemas.records import Crm
from schemas.settings import BudgetSettings, Lane, Settings

BURST = "burst"
"""HubSpot calls that count in the 10-second window: all but searches."""
SEARCH = "search"
"""HubSpot: CRM searches have a window of one second, and none of ten."""
CALL = "call"
"""Salesforce has no window; calls count by the day."""
METERED = frozenset({BURST, SEARCH, CALL})
"""Kinds that count in the CRM's day; Salesforce does not count requests for a token."""
DAY = "day"
"""In ``Limiter.penalise``: every kind of call of that CRM."""

_SPARE = 0.01
"""Part of a window left free for calls that overtake each other on the way."""


class Told(NamedTuple):
    """What the headers of one answer say of the allowance; ``None``: nothing."""

    day: Day | None = None
    window: "Window | None" = None
    """How many calls of this kind are allowed."""
    left: int | None = None
    """How many of these are left right now, for whoever else uses the same credential too."""


class Pace(NamedTuple):
    """One call every *spacing* microseconds; up to *tolerance* ahead of that."""

    spacing: int
    tolerance: int

    def behind(self, places: int) -> "Pace":
        """Return a pace that leaves so many calls of the burst to whoever goes first."""
        return Pace(self.spacing, max(self.spacing, self.tolerance - places * self.spacing))


@dataclass(frozen=True, slots=True)
class Window:
    """At most *calls* in any *seconds*, wherever one lays the window."""

    calls: float
    seconds: float

    def pace(self, share: float) -> Pace:
        """Return the pace of all calls that may use up *share* of the window.

        burst + rate x seconds never exceeds the window, so no two paces of it ever do.
        """
        burst = max(1, int(self.calls * 0.025))
        whole = (self.calls * (1 - _SPARE) - burst) / self.seconds
        rate = min(self.calls * share / self.seconds, max(whole, 0.5 / self.seconds))
        spacing = round(1_000_000 / rate)
        return Pace(spacing, spacing * burst)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one account of one CRM may be called, by all our processes together."""

    account: str
    """Tells accounts apart without telling who they are."""
    windows: Mapping[str, Window] = field(default_factory=dict)
    """By kind of call; a kind without a window only counts by the day."""
    daily: int | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    """Lane -> part it may use up; a lane that is not named may use everything."""

    budget: BudgetSettings = field(default_factory=BudgetSettings)

    def part(self, lane: str, *, retry: bool = False) -> float:
        """Return the part of a day after which such a call stops."""
        share = self.shares.get(lane, 1.0)
        return stops_at(lane, retry=retry, share=share, budget=self.budget)

    def cap(self, lane: str, *, retry: bool = False) -> int:
        """Return our own calls a day after which such a call stops; 0: no cap is set."""
        return max(1, int(self.daily * self.part(lane, retry=retry))) if self.daily else 0

    def remembers(self, lane: str) -> bool:
        """Tell whether a wiped counter counts for *lane* as if nothing was used: someone waits."""
        return lane == Lane.INTERACTIVE

    def within(self, kind: str, told: Window) -> "Allowance":
        """Return this allowance with a window no larger than the CRM says it is."""
        window = self.windows.get(kind)
        if window is None or told.calls / told.seconds >= window.calls / window.seconds:
            return self
        calls = told.calls * window.seconds / told.seconds
        return replace(self, windows={**self.windows, kind: Window(calls, window.seconds)})

    def paces(self, kind: str, lane: str) -> list[tuple[str, Pace]]:
        """Return every pace a call of *lane* counts in, the lane's own queue first.

        A call counts in the window of its own share and of each larger one: lanes with
        smaller shares together never use up what a larger share has more.  In these it leaves
        a part of the burst alone, so that lanes with larger shares do not wait in its line.
        """
        window = self.windows.get(kind)
        if window is None:
            return []
        own = self.shares.get(lane, 1.0)
        larger = sorted(share for share in {1.0, *self.shares.values(), own} if share >= own)
        counted = [
            (f"{share:g}", window.pace(share).behind(min(place, 1)))
            for place, share in enumerate(larger)
        ]
        return [(f"queue:{lane}", window.pace(own)), *counted]


def allowances(settings: Settings) -> dict[Crm, Allowance]:
    """Return both CRMs' allowances as the settings state them."""
    shares = {str(lane): part.share for lane, part in settings.lanes.items()}
    hubspot, salesforce = settings.hubspot, settings.salesforce
    windows = {
        BURST: Window(hubspot.burst_per_10s, 10.0),
        SEARCH: Window(hubspot.search_per_second, 1.0),
    }
    return {
        Crm.HUBSPOT: Allowance(
            _fingerprint(hubspot.base_url, hubspot.token.reveal() or hubspot.client_id),
            windows,
            hubspot.daily,
            shares,
            settings.budget,
        ),
        Crm.SALESFORCE: Allowance(
            _fingerprint(salesforce.login_url, salesforce.client_id),
            {},
            salesforce.daily_calls,
            shares,
            settings.budget,
        ),
    }


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
