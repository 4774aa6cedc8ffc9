"""Find Salesforce formula fields whose value changed: that moves no stamp, so they are compared."""

from collections.abc import Iterator, Sequence

import structlog

from guestlist.connectors.salesforce import Lookup
from guestlist.domain.mapping import CompiledMapping, FieldPair
from guestlist.domain.outcome import RunKind
from guestlist.engine.follow import FORMULAS, each_followed, usable
from guestlist.engine.reader import Found, Reader, reading
from guestlist.engine.services import Services
from guestlist.store import linked, links
from guestlist.store.links import Link
from schemas.records import SalesforceRecord
from schemas.settings import Lane

PAGE = 2000
"""Links whose formulas are compared at a time: a call for each Salesforce type."""


def poll_formulas(services: Services) -> None:
    """Compare the mapped formulas of every object that is followed, when it is time."""
    each_followed(services, _formulas)


def _formulas(services: Services, name: str) -> None:
    every_s = services.settings.polls.formulas_s
    with reading(services, name, FORMULAS, every_s=every_s, unfinished=True) as reader:
        if reader is None:
            return
        mapping = services.schemas.compiled(name)
        pairs = {type: _calculated(services, mapping, type) for type in mapping.types}
        mapped = {type: each for type, each in pairs.items() if each}
        if not mapped:
            reader.move(reader.place.cursor, token=None, done=True)
        elif usable(services, mapping.object):
            _compare(reader, mapping, mapped)


def _calculated(services: Services, mapping: CompiledMapping, type: str) -> tuple[FieldPair, ...]:
    _, described = services.schemas.described(mapping.object.name)
    fields = described[type].fields
    calculated = {name for name, field in fields.items() if field.calculated}
    return tuple(pair for pair in mapping.types[type].pairs if pair.salesforce in calculated)


def _compare(
    reader: Reader, mapping: CompiledMapping, pairs: dict[str, tuple[FieldPair, ...]]
) -> None:
    """Go through all links, a page at a time; the stream's token is the last key."""
    services, after_key = reader.services, reader.place.token or ""
    while not reader.full(RunKind.CHANGES):
        with services.database.read() as connection:
            keys = linked.page(connection, reader.object, after_key=after_key, limit=PAGE)
            known = links.get_many(connection, reader.object, keys)
        moved = [*_moved(services, [*known.values()], pairs)]
        done = len(keys) < PAGE
        after_key = "" if done else keys[-1]
        if not _queue(reader, moved, token=after_key or None, done=done):
            return
        if done:
            break
    if reader.found:
        log = structlog.get_logger()
        log.info("formulas_found", object=mapping.object.name, records=reader.found)


def _queue(reader: Reader, keys: Sequence[str], *, token: str | None, done: bool) -> bool:
    found = Found(RunKind.CHANGES, keys)
    return reader.move(reader.place.cursor, token=token, done=done, find=lambda _: [found])


def _moved(
    services: Services, known: Sequence[Link], pairs: dict[str, tuple[FieldPair, ...]]
) -> Iterator[str]:
    """Yield the keys of links where a formula no longer holds what both sides agreed on."""
    by_twin = {link.twin_id: link for link in known if link.left_at is None}
    lookups = [
        Lookup(
            type,
            [pair.salesforce for pair in of_type],
            {"Id": [link.twin_id for link in by_twin.values() if link.twin_type == type]},
        )
        for type, of_type in pairs.items()
    ]
    wanted = [each for each in lookups if each.where["Id"]]
    if not wanted:
        return
    for type, rows in services.salesforce.on(Lane.UPKEEP).lookup(wanted).items():
        for row in rows:
            link = by_twin.get(row.id)
            if link and any(_differs(pair, row, link) for pair in pairs[type]):
                yield link.key


def _differs(pair: FieldPair, row: SalesforceRecord, link: Link) -> bool:
    """What both sides hold blank is not among the agreed values."""
    agreed = link.agreed.get(pair.hubspot)
    value = pair.read_salesforce(row.fields.get(pair.salesforce))
    return value != (agreed.salesforce if agreed else None)
