"""The CRMs' live schemas as they were last read, so that a task does not ask for them again."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from guestlist.store.batch import insert_into
from guestlist.store.tables import descriptions
from schemas.records import Crm, FieldDescription, ObjectDescription


class Described(NamedTuple):
    """A schema and its age."""

    description: ObjectDescription
    read_at: datetime


def put(conn: Connection, description: ObjectDescription, *, read_at: datetime) -> None:
    """Keep *description*, unless what is kept is newer."""
    row = {"body": _encoded(description), "read_at": read_at}
    insert = insert_into(descriptions, conn.dialect.name).values(
        crm=description.crm, type=description.type, **row
    )
    conn.execute(
        insert.on_conflict_do_update(
            index_elements=["crm", "type"], set_=row, where=descriptions.c.read_at <= read_at
        )
    )


def get(conn: Connection, crm: Crm, type: str) -> Described | None:
    query = select(descriptions.c.body, descriptions.c.read_at).where(
        descriptions.c.crm == crm, descriptions.c.type == type
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    fields = {field["name"]: _field(field) for field in row.body}
    return Described(ObjectDescription(crm, type, fields), row.read_at)


def forget(conn: Connection) -> int:
    """Drop all, so that the next reader asks the CRMs."""
    return conn.execute(delete(descriptions)).rowcount


def _encoded(description: ObjectDescription) -> list[dict[str, Any]]:
    return [
        asdict(field) | {"options": sorted(field.options)} for field in description.fields.values()
    ]


def _field(values: dict[str, Any]) -> FieldDescription:
    known = {name: values[name] for name in FieldDescription.__dataclass_fields__ if name in values}
    return FieldDescription(**known | {"options": frozenset(values["options"])})
