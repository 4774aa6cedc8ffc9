"""Find what changed in either CRM: ids and stamps go by, values are read when a record's turn is.

A quiet look makes a constant number of calls and writes nothing but its cursor.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from guestlist import failpoint
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.cursor import Window, covering, record_key, window
from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import RunKind
from guestlist.engine import clocks
from guestlist.engine.follow import HUBSPOT, each_followed, salesforce_stream, usable
from guestlist.engine.reader import Found, Reader, reading
from guestlist.engine.services import Services
from guestlist.store import links, sightings
from schemas.mapping import ObjectMapping
from schemas.records import Changed, ChangePage, Crm
from schemas.settings import Lane


class _Source(NamedTuple):
    """The pages of one window of one side, and under which keys its records are looked at."""

    crm: Crm
    part: Window
    pages: Iterator[ChangePage]
    keys: Callable[[Connection, Sequence[Changed]], Sequence[str]]


def poll_hubspot(services: Services) -> None:
    """Look for changes in HubSpot, of every object that is followed."""
    each_followed(services, _hubspot)


def poll_salesforce(services: Services) -> None:
    """Look for changes in Salesforce, of every type of every object that is followed."""
    each_followed(services, _salesforce)


def _hubspot(services: Services, name: str) -> None:
    mapping, polls = services.schemas.object(name), services.settings.polls
    with reading(services, name, HUBSPOT, every_s=polls.hubspot_s, unfinished=True) as reader:
        if reader is None or not _ready(reader, mapping):
            return
        hubspot = services.hubspot.on(Lane.CHANGES)
        now = clocks.of_hubspot(hubspot)
        overlap = timedelta(seconds=polls.hubspot_overlap_s)
        part = window(reader.place.cursor, reader.place.token, server_time=now, overlap=overlap)
        if not part.empty:
            pages = hubspot.changes(mapping.hubspot_type, part.after, until=part.until)
            _read(reader, _Source(Crm.HUBSPOT, part, pages, _ids))


def _salesforce(services: Services, name: str) -> None:
    mapping, polls = services.schemas.object(name), services.settings.polls
    for type in mapping.salesforce_types:
        stream = salesforce_stream(type)
        with reading(services, name, stream, every_s=polls.salesforce_s, unfinished=True) as reader:
            if reader is not None and _ready(reader, mapping):
                _one_type(reader, mapping, type)


def _one_type(reader: Reader, mapping: ObjectMapping, type: str) -> None:
    services, place = reader.services, reader.place
    salesforce = services.salesforce.on(Lane.CHANGES)
    now = clocks.of_salesforce(salesforce)
    overlap = timedelta(seconds=services.settings.polls.salesforce_overlap_s)
    part = window(place.cursor, place.token, server_time=now, overlap=overlap)
    if part.empty:
        return
    if place.token is None:
        part = _covered(salesforce, type, part)
    pages = salesforce.changes(type, part.after, until=part.until, external_id=mapping.external_id)

    def keys(conn: Connection, changed: Sequence[Changed]) -> Sequence[str]:
        known = links.by_twin(conn, mapping.name, [each.id for each in changed])
        found = (
            record_key(each, known[each.id].key if each.id in known else None) for each in changed
        )
        return [key for key in found if key is not None]

    _read(reader, _Source(Crm.SALESFORCE, part, pages, keys))


def _covered(salesforce: Salesforce, type: str, part: Window) -> Window:
    """Ask up to when Salesforce shows all; where it may not be asked the overlap has to do."""
    try:
        covered = salesforce.latest_covered(type, since=part.after.at, until=part.until)
    except Misconfigured as error:
        structlog.get_logger().info("coverage_unknown", type=type, error=error.__class__.__name__)
        return part
    return covering(part, covered)


def _ready(reader: Reader, mapping: ObjectMapping) -> bool:
    return not reader.full(RunKind.CHANGES) and usable(reader.services, mapping)


def _ids(_conn: Connection, changed: Sequence[Changed]) -> Sequence[str]:
    return [each.id for each in changed]


def _read(reader: Reader, source: _Source) -> None:
    """Take in the pages of a window, as many at a time as one task carries."""
    width = reader.services.settings.lanes[Lane.CHANGES].width
    batch: list[Changed] = []
    for page in source.pages:
        failpoint.hit("poll.page_fetched")
        batch += page.changed
        if page.more and len(batch) < width:
            continue
        if not _take_in(reader, source, page, batch):
            return
        batch = []
        if not page.more or reader.full(RunKind.CHANGES):
            break
    if reader.found:
        log, crm = structlog.get_logger(), source.crm.value
        log.info("changes_found", object=reader.object, crm=crm, records=reader.found)


def _take_in(reader: Reader, source: _Source, page: ChangePage, batch: Sequence[Changed]) -> bool:
    def find(conn: Connection) -> list[Found]:
        new = sightings.unseen(conn, reader.object, source.crm, batch)
        return [Found(RunKind.CHANGES, source.keys(conn, new))] if new else []

    part = source.part
    cursor, token = (page.cursor, part.token) if page.more else (part.passed, None)
    return reader.move(cursor, token=token, done=not page.more, find=find)
