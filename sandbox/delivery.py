"""What happens to one request on its way through the network: as a rule nothing, or one fault."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.wire import Response


class Ending(StrEnum):
    """How the answer leaves: complete, cut in the middle of its body, or not at all."""

    WHOLE = "whole"
    CUT = "cut"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Treatment:
    """One request's fate. ``instead`` answers without the CRM ever seeing the request."""

    wait: float = 0.0
    """Seconds before the CRM applies it; past the client's time limit this is a zombie write."""
    times: int = 1
    """How often the CRM applies it; the last answer counts."""
    hold: float = 0.0
    """Seconds between applying it and answering."""
    instead: Response | None = None
    ending: Ending = Ending.WHOLE


PLAIN = Treatment()
