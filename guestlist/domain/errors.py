"""What went wrong, named by what to do about it.  Every error survives pickling."""

from guestlist.domain.write import Refused


class SyncError(Exception):
    """Base of every error this system raises on purpose."""


class RetryLater(SyncError):
    """The same call may succeed later: a timeout, a 5xx, a lost connection, a locked portal."""

    def __init__(self, message: str, correlation_id: str = "") -> None:
        super().__init__(message, correlation_id)
        self.message = message
        self.correlation_id = correlation_id

    def __str__(self) -> str:
        return self.message


class Waiting(SyncError):
    """An allowance is used up: come back in *seconds*, for *reason* (an explain code)."""

    def __init__(self, seconds: float, reason: str, message: str = "") -> None:
        super().__init__(seconds, reason, message)
        self.seconds = seconds
        self.reason = reason
        self.message = message or f"{reason}: come back in {seconds:.1f} s"

    def __str__(self) -> str:
        return self.message


class Split(SyncError):
    """The CRM refused the batch as a whole: send halves, down to single records.

    A single record refused this way is the culprit: *refused* is what its CRM said.
    """

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused)
        self.refused = refused

    def __str__(self) -> str:
        return self.refused.message


class Missing(SyncError):
    """What was asked for is not there, or not one: a deleted list, an unknown id, two of a name."""


class Misconfigured(SyncError):
    """Nothing can pass until a person changes a setting; the message says which."""


class Unauthorized(Misconfigured):
    """Nothing can pass until a person renews a credential or grants a scope, named in it."""


class MissingScope(Unauthorized):
    """The credential is good, and may not do this: an administrator grants the scope it names."""


class OtherAccount(Unauthorized):
    """The credentials are good, and of another account than everything stored here."""


class Fault(SyncError):
    """A fault of our own, named by its kind alone: its words may hold a person's data."""


class Unusable(SyncError):
    """The answer is not what was promised (truncated, HTML, wrong shape): retry, never guess."""
