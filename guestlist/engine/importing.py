"""Import from Salesforce: a run over leads and contacts that a person chose there.

The e-mail address comes first.  Once HubSpot had time to put the new contact into its lists, it
is looked at again: members, or everybody where no list is set, get the full sync, and the others
stay as they are.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import RunKind
from guestlist.engine.launch import start_records
from guestlist.engine.services import Services
from guestlist.store import audit, runs
from guestlist.store.runs import Run
from schemas.mapping import ObjectMapping
from schemas.records import Changed, ChangePage
from schemas.settings import Lane


class Choice(NamedTuple):
    """Whom to import: rows of *types* that meet a SOQL condition, or these ids."""

    types: tuple[str, ...] = ()
    where: str | None = None
    ids: tuple[str, ...] = ()


class Place(NamedTuple):
    """What is imported, and how far it is enumerated; kept as the run's cursor."""

    types: tuple[str, ...]
    """Salesforce types still to enumerate, the first one under way."""
    where: str | None
    after_id: str = ""

    def write(self) -> str:
        return orjson.dumps([*self]).decode()

    @classmethod
    def read(cls, text: str) -> "Place":
        types, where, after_id = orjson.loads(text)
        return cls(tuple(types), where, after_id)


def start_import(
    services: Services,
    name: str,
    *,
    types: Sequence[str],
    where: str | None,
    by: str,
    limit: int | None = None,
) -> Run:
    """Start a run over the rows of *types* that meet the SOQL condition *where*.

    Raises ``Misconfigured`` for a type that the object does not map, and for a condition that
    Salesforce does not take: its first page is read before anything starts.
    """
    mapping = services.schemas.object(name)
    refuse_unknown(mapping, types)
    services.schemas.compiled(name)
    place = Place(tuple(types), where)
    salesforce = services.salesforce.on(Lane.INTERACTIVE)
    for each in types:
        _page(salesforce, mapping, Place((each,), where))
    now = services.clock()
    with services.database.begin() as conn:
        run = runs.create(
            conn,
            f"i_{services.new_id()}",
            kind=RunKind.IMPORT,
            object=name,
            lane=Lane.BULK,
            requested_by=by,
            now=now,
            list_id=services.inclusions.chosen_id(mapping),
            settings_version=services.settings_version,
            limit=limit,
        )
        runs.checkpoint(conn, run.id, cursor=place.write(), added=0, enumerating=True)
        detail: dict[str, Any] = {"run": run.id, "types": [*types], "where": where}
        audit.append(conn, "run.started", who=by, now=now, detail=detail)
    services.publisher.enumerate(run.id)
    return run


def import_ids(services: Services, name: str, ids: Sequence[str], *, by: str) -> Run:
    """Start a run over these Salesforce records, as exported from a report."""
    return start_records(services, name, ids, by=by, kind=RunKind.IMPORT, lane=Lane.BULK)


def start(
    services: Services, name: str, choice: Choice, *, by: str, limit: int | None = None
) -> Run:
    """Start an import of what was chosen."""
    if choice.ids:
        return import_ids(services, name, choice.ids[:limit], by=by)
    types, where = choice.types, choice.where
    return start_import(services, name, types=types, where=where, by=by, limit=limit)


def keys_of(services: Services, name: str, choice: Choice) -> Iterator[Sequence[str]]:
    """Yield what was chosen, a page of keys at a time, as a run would enumerate it."""
    if choice.ids:
        yield choice.ids
        return
    mapping = services.schemas.object(name)
    refuse_unknown(mapping, choice.types)
    salesforce = services.salesforce.on(Lane.BULK)
    for each in choice.types:
        for page in salesforce.ids(each, choice.where, external_id=mapping.external_id):
            yield [_key(row) for row in page.changed]


def page_of(services: Services, run: Run) -> tuple[Sequence[str], str | None]:
    """Return a page of keys, and where the import goes on after it; ``None``: that is all."""
    mapping = services.schemas.object(run.object)
    place = Place.read(run.cursor or "")
    page = _page(services.salesforce.on(Lane(run.lane)), mapping, place)
    keys = [_key(row) for row in page.changed]
    after = Place(place.types[1:], place.where)
    if page.more:
        after = place._replace(after_id=page.cursor.id)
    return keys, after.write() if after.types else None


def _key(row: Changed) -> str:
    """Name a row by the contact it says it belongs to, if it does."""
    return row.key if row.key and row.key.isdecimal() else row.id


def _page(salesforce: Salesforce, mapping: ObjectMapping, place: Place) -> ChangePage:
    return next(
        salesforce.ids(
            place.types[0], place.where, after_id=place.after_id, external_id=mapping.external_id
        )
    )


def refuse_unknown(mapping: ObjectMapping, types: Sequence[str]) -> None:
    """Raise ``Misconfigured`` for a type that the object does not map, and for none."""
    unknown = [each for each in types if each not in mapping.salesforce_types]
    if unknown or not types:
        known = ", ".join(mapping.salesforce_types)
        message = f"{mapping.name} maps {known}; {', '.join(unknown) or 'nothing'} can not come in"
        raise Misconfigured(message)
