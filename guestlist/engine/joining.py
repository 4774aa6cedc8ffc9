"""Find who joined the inclusion list: by time of joining, from where the last look ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from guestlist.connectors.hubspot import HubSpot
from guestlist.domain.errors import Split
from guestlist.domain.membership import joiners, joins_since
from guestlist.domain.outcome import RunKind
from guestlist.engine import clocks
from guestlist.engine.follow import begin_list, chosen_for, each_followed, joins_stream, usable
from guestlist.engine.reader import Found, Reader, reading
from guestlist.engine.services import Services
from guestlist.store import cursors, members
from guestlist.store.columns import to_ms
from schemas.records import ListDefinition, Member
from schemas.settings import Lane


def poll_joins(services: Services) -> None:
    """Look for who joined the inclusion list of every object that is followed."""
    each_followed(services, _joins)


def _joins(services: Services, name: str) -> None:
    mapping = services.schemas.object(name)
    inclusion = services.inclusions.current(mapping)
    if inclusion is None or not usable(services, mapping) or inclusion.definition is None:
        return
    definition, hubspot = inclusion.definition, services.hubspot.on(Lane.CHANGES)
    if not _begin(services, hubspot, name, definition):
        return
    every_s, list_id = services.settings.polls.joins_s, definition.list_id
    stream = joins_stream(list_id)
    with reading(services, name, stream, every_s=every_s, list_id=list_id) as reader:
        if reader and not reader.full(RunKind.JOINS):
            _read_joins(reader, hubspot, list_id)


def _begin(services: Services, hubspot: HubSpot, name: str, definition: ListDefinition) -> bool:
    """Make the streams of a list that was just chosen; ``False``: it is still being filled."""
    list_id = definition.list_id
    with services.database.read() as connection:
        if cursors.get(connection, name, joins_stream(list_id)):
            return True
        chosen = chosen_for(connection, name, list_id, now=services.clock())
    now, settle = clocks.of_hubspot(hubspot), timedelta(seconds=services.settings.guards.settle_s)
    since = joins_since(definition, chosen_at=now - chosen, read_at=now, settle=settle)
    if since is None:
        return False
    with services.database.begin() as connection:
        begin_list(connection, name, list_id, since=since)
    return True


def _read_joins(reader: Reader, hubspot: HubSpot, list_id: str) -> None:
    """Go through the list by time of joining, from the last page that was there before.

    That page is read again each time, and goes on when it is full.  A place that HubSpot has
    forgotten starts the list over: who is known is not told again.
    """
    after = reader.place.token
    while True:
        asked_at = reader.services.clock()
        try:
            page = hubspot.joins(list_id, after=after)
        except Split:
            if after is None:
                raise
            after = None
            continue
        generation = to_ms(clocks.of_hubspot(hubspot))
        entering = _Entering(reader, list_id, page.members, generation, asked_at)
        done, after = page.after is None, page.after or after
        if not reader.move(reader.place.cursor, token=after, done=done, find=entering.find):
            return
        if done or reader.full(RunKind.JOINS):
            break
    if reader.found:
        log = structlog.get_logger()
        log.info("joins_found", object=reader.object, list=list_id, records=reader.found)


class _Entering(NamedTuple):
    """A page of members that is to be taken in."""

    reader: Reader
    list_id: str
    members: Sequence[Member]
    generation: int
    asked_at: datetime

    def find(self, conn: Connection) -> list[Found]:
        place, now = self.reader.place, self.reader.services.clock()
        of = (conn, self.reader.object, self.list_id)
        entered = members.enter(*of, self.members, generation=self.generation, now=now)
        if not entered:
            return []
        known = place.looked_at is not None
        since = place.cursor.at
        return [Found(RunKind.JOINS, joiners(entered, since=since, known=known), self.asked_at)]
