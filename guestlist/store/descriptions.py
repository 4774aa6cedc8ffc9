"""What the CRMs last said of themselves, schemas and owners, so that no task asks again."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, tuple_
from sqlalchemy.engine import Connection

from guestlist.store.batch import insert_into
from guestlist.store.tables import descriptions
from schemas.records import Crm, FieldDescription, ObjectDescription, Owner

_OWNERS = "@owners"
"""Stands where an object type does; no object is called so."""
_ONE = select(descriptions.c.body, descriptions.c.read_at).where(
    descriptions.c.crm == bindparam("of_crm"), descriptions.c.type == bindparam("of_type")
)


class Described(NamedTuple):
    """A schema and its age."""

    description: ObjectDescription
    read_at: datetime


class Listed(NamedTuple):
    """A CRM's owners, and how old the reading is."""

    owners: tuple[Owner, ...]
    read_at: datetime


def put(conn: Connection, description: ObjectDescription, *, read_at: datetime) -> None:
    """Keep *description*, unless what is kept is newer."""
    _put(conn, description.crm, description.type, _encoded(description), read_at=read_at)


def get(conn: Connection, crm: Crm, type: str) -> Described | None:
    row = _get(conn, crm, type)
    if row is None:
        return None
    fields = {field["name"]: _field(field) for field in row.body}
    return Described(ObjectDescription(crm, type, fields), row.read_at)


def put_owners(conn: Connection, crm: Crm, owners: Sequence[Owner], *, read_at: datetime) -> None:
    """Keep a CRM's *owners*, unless those kept are newer."""
    _put(conn, crm, _OWNERS, [owner._asdict() for owner in owners], read_at=read_at)


def get_owners(conn: Connection, crm: Crm) -> Listed | None:
    row = _get(conn, crm, _OWNERS)
    return row and Listed(tuple(map(_owner, row.body)), row.read_at)


def newest(conn: Connection, of: Iterable[tuple[Crm, str]]) -> datetime | None:
    """Return when the youngest of these schemas was read."""
    places = [tuple_(*each) for each in of]
    place = tuple_(descriptions.c.crm, descriptions.c.type)
    found: datetime | None = conn.execute(
        select(func.max(descriptions.c.read_at)).where(place.in_(places))
    ).scalar_one()
    return found


def _put(
    conn: Connection, crm: Crm, type: str, body: list[dict[str, Any]], *, read_at: datetime
) -> None:
    row = {"body": body, "read_at": read_at}
    insert = insert_into(descriptions, conn.dialect.name).values(crm=crm, type=type, **row)
    conn.execute(
        insert.on_conflict_do_update(
            index_elements=["crm", "type"], set_=row, where=descriptions.c.read_at <= read_at
        )
    )


def _get(conn: Connection, crm: Crm, type: str) -> Any:
    return conn.execute(_ONE, {"of_crm": crm, "of_type": type}).one_or_none()


def _owner(values: dict[str, Any]) -> Owner:
    return Owner(**{name: values[name] for name in Owner._fields})


def _encoded(description: ObjectDescription) -> list[dict[str, Any]]:
    return [
        asdict(field) | {"options": sorted(field.options)} | _times(field)
        for field in description.fields.values()
    ]


def _times(field: FieldDescription) -> dict[str, Any]:
    return {"since": field.since.isoformat()} if field.since else {}


def _field(values: dict[str, Any]) -> FieldDescription:
    known = {name: values[name] for name in FieldDescription.__dataclass_fields__ if name in values}
    since = values.get("since")
    read = {
        "options": frozenset(values["options"]),
        "since": datetime.fromisoformat(since) if since else None,
    }
    return FieldDescription(**known | read)
