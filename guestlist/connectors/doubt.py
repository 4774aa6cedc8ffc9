"""What a failed call means for the records in it, and for those behind it that were not sent."""

from collections.abc import Callable
from typing import NamedTuple

from guestlist.connectors.peer import NotSent
from guestlist.domain.errors import (
    Misconfigured,
    MissingScope,
    RetryLater,
    SyncError,
    Unauthorized,
    Unusable,
    Waiting,
)
from guestlist.domain.reason import Reason
from guestlist.domain.write import Postponed, Unknown, WriteResult

SOON_S = 10.0
AFTER_REPAIR_S = 300.0
"""A person has to act first."""


Veto = Callable[[], WriteResult | None]
"""Asked between the calls of a write; a result ends it, as that of all not sent yet."""


def no_veto() -> None:
    """Let every call go."""


class Doubt(NamedTuple):
    """Results of the records in the failed call, and of those that were to follow."""

    inside: WriteResult
    behind: WriteResult

    @property
    def nothing_sent(self) -> bool:
        """True when the CRM can not have done anything of the call."""
        return not isinstance(self.inside, Unknown)


def doubt(error: SyncError) -> Doubt:
    """Return what is known after a write call failed: without an answer, nothing is."""
    match error:
        case Waiting():
            postponed = Postponed(error.seconds, Reason(error.reason))
        case NotSent():
            postponed = Postponed(SOON_S, Reason.RETRY_AT)
        case RetryLater():
            unknown = Unknown(str(error), error.correlation_id)
            return Doubt(unknown, Postponed(SOON_S, Reason.RETRY_AT))
        case Unusable():
            return Doubt(Unknown(str(error)), Postponed(SOON_S, Reason.RETRY_AT))
        case MissingScope():
            postponed = Postponed(AFTER_REPAIR_S, Reason.SCOPE_MISSING)
        case Unauthorized():
            postponed = Postponed(AFTER_REPAIR_S, Reason.TOKEN_EXPIRED)
        case Misconfigured():
            postponed = Postponed(AFTER_REPAIR_S, Reason.FIELD_GONE)
        case _:
            postponed = Postponed(SOON_S, Reason.RETRY_AT)
    return Doubt(postponed, postponed)
