"""Follow an object, or stop: from then on, and only then, its changes are looked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from guestlist.domain.cursor import overdue
from guestlist.domain.errors import SyncError
from guestlist.engine import clocks
from guestlist.engine.services import Services
from guestlist.store import cursors, follows, halt, inclusion, members
from guestlist.store.cursors import Place
from guestlist.store.follows import Follow
from guestlist.store.halt import Halt
from schemas.mapping import ObjectMapping
from schemas.records import Cursor
from schemas.settings import Lane, PollSettings

HUBSPOT = "hubspot"
AUDIT = "audit"
FORMULAS = "formulas"


def salesforce_stream(type: str) -> str:
    return f"salesforce:{type}"


def joins_stream(list_id: str) -> str:
    return f"joins:{list_id}"


def leaves_stream(list_id: str) -> str:
    return f"leaves:{list_id}"


@dataclass(frozen=True, slots=True)
class Following:
    """What is followed of one object, and how far each stream was read."""

    object: str
    follow: Follow | None
    places: tuple[Place, ...]
    halt: Halt | None = None
    """The one that is on, or the latest: nobody looks while everything is paused."""

    def late(self, polls: PollSettings, *, now: datetime) -> tuple[str, ...]:
        """Return the streams that nobody looked at for too long."""
        if self.follow is None or not self.follow.on or (self.halt and self.halt.on):
            return ()
        began = [self.follow.started_at]
        if self.halt and self.halt.lifted_at:
            began.append(self.halt.lifted_at)
        return tuple(
            place.stream
            for place in self.places
            if overdue(
                max(*began, place.looked_at or began[0]), interval(place.stream, polls), now=now
            )
        )


def interval(stream: str, polls: PollSettings) -> timedelta:
    """Return how often a stream is looked at."""
    seconds = {
        HUBSPOT: polls.hubspot_s,
        AUDIT: polls.audit_s,
        FORMULAS: polls.formulas_s,
        "salesforce": polls.salesforce_s,
        "joins": polls.joins_s,
        "leaves": polls.leaves_s,
    }
    return timedelta(seconds=seconds[stream.partition(":")[0]])


def turn_on(services: Services, name: str, *, by: str) -> Follow | None:
    """Follow an object from now on, by the CRMs' clocks; ``None``: it is followed already.

    Raises ``Misconfigured`` when its mapping does not fit the CRMs.
    """
    mapping = services.schemas.object(name)
    services.schemas.compiled(name)
    services.accounts.pin()
    at_hubspot = clocks.of_hubspot(services.hubspot.on(Lane.INTERACTIVE))
    at_salesforce = clocks.of_salesforce(services.salesforce.on(Lane.INTERACTIVE))
    now = services.clock()
    with services.database.begin() as connection:
        if not follows.on(connection, name, since=at_hubspot, by=by, now=now):
            return None
        streams = [place.stream for place in cursors.of_object(connection, name)]
        cursors.drop(connection, name, streams)
        members.drop(connection, name)
        begin_at = {HUBSPOT: at_hubspot, AUDIT: at_hubspot, FORMULAS: at_hubspot}
        begin_at |= {salesforce_stream(each): at_salesforce for each in mapping.salesforce_types}
        for stream, at in begin_at.items():
            cursors.start(connection, name, stream, Cursor(at))
        return follows.get(connection, name)


def turn_off(services: Services, name: str, *, by: str) -> bool:
    """Stop following; what was found already is still looked at.  ``False``: it was not followed.

    What changes until it is turned on again is not looked for then.
    """
    services.schemas.object(name)
    with services.database.begin() as connection:
        return follows.off(connection, name, by=by, now=services.clock())


def status(services: Services) -> list[Following]:
    """Return every object of the settings with what is followed of it."""
    with services.database.read() as connection:
        last = halt.last(connection)
        return [
            Following(
                name,
                follows.get(connection, name),
                tuple(cursors.of_object(connection, name)),
                last,
            )
            for name in sorted(services.settings.objects)
        ]


def each_followed(services: Services, look: Callable[[Services, str], None]) -> None:
    """Let *look* look at each object that is followed; one that has to wait stops no other.

    While everything is paused nothing is looked at.
    """
    with services.database.read() as connection:
        if halt.get(connection):
            return
        names = [each.object for each in follows.all(connection) if each.on]
    for name in names:
        try:
            look(services, name)
        except SyncError as error:
            structlog.get_logger().warning(
                "poll_waits", object=name, poll=look.__name__, error=type(error).__name__
            )


def usable(services: Services, mapping: ObjectMapping) -> bool:
    """Tell whether the inclusion list can decide.

    While it can not, changes stay unread: looked at now, they would be held and forgotten.
    """
    services.accounts.confirm_hubspot()
    inclusion = services.inclusions.current(mapping)
    if inclusion is None or inclusion.problem is None:
        return True
    reason = inclusion.problem.value
    structlog.get_logger().warning("poll_held", object=mapping.name, reason=reason)
    return False


def begin_list(connection: Connection, name: str, list_id: str, *, since: datetime) -> None:
    """Begin to follow a list: of its members only those who join it *since* are looked at.

    What is known of another list before it is forgotten; chosen again, it is a new one.
    """
    ours = {joins_stream(list_id), leaves_stream(list_id)}
    others = [
        place.stream
        for place in cursors.of_object(connection, name)
        if place.stream.startswith(("joins:", "leaves:")) and place.stream not in ours
    ]
    cursors.drop(connection, name, others)
    members.drop(connection, name, but=list_id)
    for stream in ours:
        cursors.start(connection, name, stream, Cursor(since))


def chosen_for(connection: Connection, name: str, list_id: str, *, now: datetime) -> timedelta:
    """Return for how long the list has been the chosen one, while its object was followed."""
    follow, choice = follows.get(connection, name), inclusion.get(connection, name)
    begun = [follow.started_at] if follow else []
    if choice and choice.list_id == list_id:
        begun.append(choice.chosen_at)
    return now - max(begun, default=now)
