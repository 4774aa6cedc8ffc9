"""What a look at a record may do, from the settings and from what is followed."""

from guestlist.domain.facts import Look
from guestlist.domain.outcome import RunKind
from guestlist.engine.services import Services
from guestlist.store import follows


def look_for(services: Services, object: str, kind: RunKind) -> Look:
    """Return the terms of a look now, for a run of *kind*."""
    with services.database.read() as connection:
        follow = follows.get(connection, object)
    return Look(
        kind=kind,
        now=services.clock(),
        guards=services.settings.guards,
        followed_since=follow.since if follow and follow.on else None,
    )
