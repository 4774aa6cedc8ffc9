"""Find who left the inclusion list: by reading all of it, and believing that only when it fits."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from guestlist import failpoint
from guestlist.connectors.hubspot import HubSpot
from guestlist.domain.brake import COMPLETE
from guestlist.domain.errors import Split
from guestlist.domain.membership import doubt, gone, joiners, late_exits
from guestlist.domain.outcome import RunKind
from guestlist.domain.pack import chunks
from guestlist.engine import brake, clocks
from guestlist.engine.follow import each_followed, joins_stream, leaves_stream, usable
from guestlist.engine.reader import BY, Found, Reader, reading
from guestlist.engine.services import Services
from guestlist.store import audit, cursors, links, members, polled
from guestlist.store.columns import from_ms, to_ms
from schemas.mapping import ObjectMapping
from schemas.records import Cursor, ListDefinition, Member
from schemas.settings import Lane

PAGE = 250
"""HubSpot: at most 250 memberships a page."""
_ASKED = 1000
_REMEMBERED = timedelta(days=1)
"""How far back the last write of somebody who left is looked for."""


def poll_leaves(services: Services) -> None:
    """Read the whole inclusion list of every object that is followed, when it is time."""
    each_followed(services, _leaves)


def _leaves(services: Services, name: str) -> None:
    mapping = services.schemas.object(name)
    list_id = services.inclusions.chosen_id(mapping)
    if list_id is None:
        return
    every_s, stream = services.settings.polls.leaves_s, leaves_stream(list_id)
    with reading(
        services, name, stream, every_s=every_s, unfinished=True, list_id=list_id
    ) as reader:
        if reader and usable(services, mapping):
            _Enumeration(reader, services.hubspot.on(Lane.UPKEEP), mapping, list_id).go_on()


class _Enumeration:
    """One reading of a whole list, which may take several tasks.

    Its place is in the stream: the time it began, the list's version then, and HubSpot's word for
    the next page.
    """

    def __init__(
        self, reader: Reader, hubspot: HubSpot, mapping: ObjectMapping, list_id: str
    ) -> None:
        self.reader = reader
        self.hubspot = hubspot
        self.mapping = mapping
        self.list_id = list_id
        self.of = (reader.object, list_id)

    def go_on(self) -> None:
        """Read on from where the last task stopped, or begin anew."""
        place = self.reader.place
        if place.token is None:
            if not self._begin():
                return
        else:
            version, _, after = place.token.partition(" ")
            self.version, self.generation, self.after = int(version), to_ms(place.cursor.at), after
        try:
            if self._pages():
                self._believe(self.hubspot.list(self.list_id))
        except Split:
            # HubSpot has forgotten the place: the next look begins anew.
            self._end()
            raise
        if self.reader.found:
            log = structlog.get_logger()
            log.info("shift_found", object=self.mapping.name, records=self.reader.found)

    def _begin(self) -> bool:
        """Note the list as it is before; one that HubSpot is filling is read another time."""
        definition = self.hubspot.list(self.list_id)
        if definition.processing_status != COMPLETE:
            return False
        began = to_ms(clocks.of_hubspot(self.hubspot))
        self.generation = max(began, to_ms(self.reader.place.cursor.at) + 1)
        self.version, self.after = definition.version, ""
        return True

    def _pages(self) -> bool:
        """Note whom each page shows; ``False``: the list did not end within this task."""
        width = self.reader.services.settings.lanes[Lane.UPKEEP].width
        batch: list[Member] = []
        while True:
            page = self.hubspot.members(self.list_id, after=self.after or None, limit=PAGE)
            failpoint.hit("list.page_k")
            batch += page.members
            if page.after is not None and len(batch) < width:
                self.after = page.after
                continue
            if not self._mark(batch, after=page.after):
                return False
            if page.after is None:
                return True
            if self.reader.tired:
                return False
            self.after, batch = page.after, []

    def _mark(self, batch: Sequence[Member], *, after: str | None) -> bool:
        def find(conn: Connection) -> tuple[Found, ...]:
            members.mark(conn, *self.of, batch, generation=self.generation)
            return ()

        # The last page stays the place until the enumeration is believed or not.
        token = f"{self.version} {self.after if after is None else after}"
        return self.reader.move(
            Cursor(from_ms(self.generation)), token=token, done=False, find=find
        )

    def _believe(self, definition: ListDefinition) -> None:
        """Take in who entered and who left, if the enumeration can be right."""
        services = self.reader.services
        with services.database.read() as connection:
            seen = members.seen_by(connection, *self.of, generation=self.generation)
            known = members.count(connection, *self.of)
        why = doubt(definition, version=self.version, seen=seen, known=known)
        if why is not None:
            structlog.get_logger().warning(
                "enumeration_doubted", object=self.mapping.name, why=why.value, seen=seen
            )
            self._end()
            return
        with services.database.read() as connection:
            absent = members.absent(connection, *self.of, generation=self.generation)
        left = self._out(absent)
        found_at = services.clock()

        def find(conn: Connection) -> list[Found]:
            return self._shift(conn, definition, left, found_at)

        self._end(find)

    def _out(self, absent: Sequence[str]) -> list[str]:
        """Ask about each record that no page showed: a page may have missed it."""
        left: list[str] = []
        for part in chunks(absent, _ASKED):
            memberships = self.hubspot.memberships(self.mapping.hubspot_type_id, part)
            left += gone(part, memberships, self.list_id)
            self.reader.renew()
        return left

    def _shift(
        self, conn: Connection, definition: ListDefinition, left: Sequence[str], found_at: datetime
    ) -> list[Found]:
        services, name = self.reader.services, self.mapping.name
        joins = cursors.get(conn, name, joins_stream(self.list_id))
        known = joins is not None and joins.looked_at is not None
        since = joins.cursor.at if joins else found_at
        shift = members.complete(
            conn,
            *self.of,
            generation=self.generation,
            left=left,
            now=found_at,
            joined_since=None if known else since,
        )
        size = members.count(conn, *self.of)
        brake.counted(
            conn, name, definition, size=size, now=found_at, guards=services.settings.guards
        )
        links.mark_left(conn, name, shift.left, left_at=found_at)
        self._log_late(conn, shift.left, found_at)
        entered = joiners(shift.entered, since=since, known=known)
        failpoint.hit("list.swap")
        return [Found(RunKind.LEAVES, shift.left), Found(RunKind.JOINS, entered)]

    def _log_late(self, conn: Connection, left: Sequence[str], found_at: datetime) -> None:
        """Note whom we wrote so shortly before that they may have been outside already."""
        proof_age = timedelta(seconds=self.reader.services.settings.guards.proof_age_s)
        looks = polled.looks(conn, self.mapping.name, left, since=found_at - _REMEMBERED)
        for late in late_exits(left, looks, found_at=found_at, proof_age=proof_age):
            detail = {
                "object": self.mapping.name,
                "key": late.key,
                "written_at": late.written_at.isoformat(),
                "found_out_at": late.found_out_at.isoformat(),
            }
            audit.append(conn, "list.late_exit", who=BY, now=found_at, detail=detail)
            structlog.get_logger().warning("late_exit", **detail)

    def _end(self, find: Callable[[Connection], Sequence[Found]] = lambda _: ()) -> None:
        self.reader.move(Cursor(from_ms(self.generation)), token=None, done=True, find=find)
