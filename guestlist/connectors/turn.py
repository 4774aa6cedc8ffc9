"""What a limiter answers and is told, whoever keeps its counts."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from guestlist.connectors.allowance import Allowance, Told
from guestlist.domain import budget
from guestlist.domain.budget import Day
from guestlist.domain.errors import Waiting
from guestlist.domain.reason import Reason
from schemas.records import CRM_NAMES, Crm

PATIENCE_S = 2.0
"""A longer wait is not slept: the batch goes back into the work table."""
PERSON_S = 60.0
"""As long as somebody waits who has no work table to put the work back into: a person's command,
a plan that is made.  A window is ten seconds long.
"""
SOON_OVER = frozenset({Reason.QUEUED, Reason.RATE_LIMITED})
"""Waits that are worth more patience than a worker has."""
PROBE_S = 120.0
"""How long the one call that tries a CRM out may take before another one does."""
PROBED_AGAIN_S = 5.0
"""How soon the others ask again meanwhile: a probe is mostly answered within a second."""
WINDOW_LEFT = 0.1
"""Part of a window for which a kind of call is left alone when none of it is left."""


class Turn(NamedTuple):
    """Go, or come back in so many seconds."""

    seconds: float
    """0.0: go, it is counted.  More than ``PATIENCE_S``: no place in the queue was taken."""
    reason: Reason = Reason.RATE_LIMITED
    """Why it has to wait."""
    doubted: bool = False
    """The CRM's last calls failed, or its credential was refused: an answer is worth telling."""


class Known(NamedTuple):
    """What all processes together know of one account; ``None``: nothing yet."""

    day: Day | None = None
    """Calls of the day as the CRM counts them, corrected by what was called since."""
    refused: bool = False
    """The credential was refused, and no call was let in since."""


class Limiter(Protocol):
    """Says whose turn it is, and is told what came of it."""

    def acquire(
        self, crm: Crm, kind: str, lane: str, *, queued: bool = False, retry: bool = False
    ) -> Turn:
        """Return whether a call may go; if not, ask again after the wait, then with *queued*.

        *retry*: every record it is for was tried before.
        """

    def hear(self, crm: Crm, kind: str, told: Told, *, turn: Turn, welcome: bool = True) -> None:
        """Take in what an answer says of the allowance; *turn* is the one it went on.

        *welcome*: the CRM let us in, whatever it says of what was asked.  An answer to a call from
        before the trouble ends no trouble.
        """

    def fail(self, crm: Crm) -> None:
        """Take in that a call failed through no fault of its own: no answer, or a 5xx or 429."""

    def refuse(self, crm: Crm) -> None:
        """Take in that a CRM refused our credential; that is over when it lets a call in."""

    def penalise(self, crm: Crm, kind: str, seconds: float) -> None:
        """Let no call of that kind (``day``: of any) go for so many seconds, or longer."""

    def restate(self, accounts: Mapping[Crm, Allowance]) -> None:
        """Go by other allowances of the same accounts from now on."""

    def used(self, crm: Crm) -> dict[str, int]:
        """Return today's calls by kind."""

    def known(self, crm: Crm) -> Known:
        """Return what is known of the account, for people; it asks no CRM."""


def waiting(turn: Turn, crm: Crm) -> Waiting:
    """Name a wait that is too long to be slept, in words for whoever waits."""
    name = CRM_NAMES[crm]
    match turn.reason:
        case Reason.RETRY_AT:
            why = f"{name} failed {budget.FAILURES} times in a row and is left alone for a while"
        case Reason.BUDGET_HELD:
            why = f"{name}: what this may use of the day's API calls is used up"
        case _:
            why = f"{name} takes no more calls at the moment"
    return Waiting(turn.seconds, turn.reason, why)
