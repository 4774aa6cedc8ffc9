"""How a record's work can end, and where it can be until then."""

from enum import StrEnum


class Outcome(StrEnum):
    """The one end of a record in a run."""

    CREATED = "created"
    """A twin was created in the other CRM."""
    UPDATED = "updated"
    """At least one side was written."""
    UNCHANGED = "unchanged"
    """Both sides agree; nothing was written."""
    HELD = "held"
    """The gate or a guard said no; the reason says why and what would change it."""
    FAILED = "failed"
    """A CRM, or our check of its live schema, refused the values; a person has to act."""
    CANCELLED = "cancelled"
    """The run was cancelled before this record's turn."""


class WorkState(StrEnum):
    """Where a work row is."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    WAITING = "waiting"
    """Parked until its due time: a retry, a used-up allowance, a stale list."""
    DONE = "done"


class RunState(StrEnum):
    """Where a run is."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    COMPLETE = "complete"
    """Every enumerated record has its outcome."""
    STOPPED = "stopped"
    """Ended by a guard or a setting before the end; the run's reason says why."""


class RunKind(StrEnum):
    """What a run enumerates."""

    LIST = "list"
    RECORDS = "records"
    ERRORS = "errors"
    CHANGES = "changes"
    """What a poll of either CRM found."""
    JOINS = "joins"
    """Who joined the inclusion list."""
    LEAVES = "leaves"
    """Who left it."""
    AUDIT = "audit"
    """Everything linked or in the list, compared on both sides."""
    IMPORT = "import"
    """Records chosen in Salesforce."""


POLLED = (RunKind.CHANGES, RunKind.JOINS, RunKind.LEAVES)
"""What polls start by the hundred; a history shows them only when asked to."""
ASKED_FOR = tuple(kind for kind in RunKind if kind not in POLLED)
