"""What a person or a program may do on the console: each role may all that the ones before may."""

from enum import StrEnum


class Role(StrEnum):
    """Least first."""

    VIEWER = "viewer"
    """Sees everything, values of records included."""
    OPERATOR = "operator"
    """Starts, pauses and cancels runs, retries and ignores errors."""
    ADMIN = "admin"
    """Chooses the list, gives access."""

    def may(self, needed: "Role") -> bool:
        """Return whether this role is *needed* or above it."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
