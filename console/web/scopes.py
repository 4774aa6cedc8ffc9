"""What HubSpot granted, as read last, held against what the mapping in force takes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from console.web import looks
from console.web.pulse import Pulse
from guestlist.domain.scopes import Scope, lacking
from schemas.mapping import ObjectMapping


class Scopes(NamedTuple):
    """The scopes of our credential for HubSpot."""

    read_at: datetime | None
    """``None``: not read yet, or HubSpot did not answer."""
    granted: Sequence[str] | None
    """``None`` once it was read: HubSpot does not tell, as of service keys."""
    lacking: Sequence[Scope]


def scopes_of(pulse: Pulse, objects: Iterable[ObjectMapping]) -> Scopes:
    """Return what is known now."""
    reading = pulse.get(looks.SCOPES)
    if reading is None or (reading.problem and reading.value is None):
        return Scopes(None, None, ())
    granted: frozenset[str] | None = reading.value
    return Scopes(
        reading.at, None if granted is None else sorted(granted), lacking(objects, granted)
    )
