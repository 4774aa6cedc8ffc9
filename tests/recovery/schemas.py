"""A database's schema as the code of one release sees it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from guestlist.store.database import Database
from guestlist.store.schema import _config as config_for


class Column(NamedTuple):
    """What a statement may rely on."""

    kind: str
    nullable: bool
    filled: bool
    """Somebody who does not name it in an INSERT gets a default."""


class Schema(NamedTuple):
    """Columns by table, and the sets of columns that have to be unique."""

    tables: Mapping[str, Mapping[str, Column]]
    unique: frozenset[tuple[str, frozenset[str]]]


def revisions(url: str) -> list[str]:
    """Return every revision, oldest first."""
    database = Database(url)
    with database.read() as conn:
        scripts = ScriptDirectory.from_config(config_for(conn))
        found = [each.revision for each in scripts.walk_revisions()]
    database.dispose()
    return found[::-1]


def at(url: str, revision: str) -> Schema:
    """Bring a database to a revision, and return its schema."""
    database = Database(url)
    with database.begin() as conn:
        command.upgrade(config_for(conn), revision)
    with database.read() as conn:
        looked = inspect(conn)
        names = [name for name in looked.get_table_names() if name != "alembic_version"]
        tables = {name: dict(_columns(looked.get_columns(name))) for name in names}
        unique = frozenset(
            (name, frozenset(str(column) for column in each["column_names"]))
            for name in names
            for each in _sets(looked, name)
        )
    database.dispose()
    return Schema(tables, unique)


def _sets(looked: Any, table: str) -> Iterator[Any]:
    """Yield the constraints and indexes that let no two rows be alike."""
    yield from looked.get_unique_constraints(table)
    yield from (each for each in looked.get_indexes(table) if each["unique"])


def _columns(found: Any) -> Iterator[tuple[str, Column]]:
    for each in found:
        kind = type(each["type"]).__name__
        filled = each["default"] is not None or bool(each.get("autoincrement") is True)
        yield each["name"], Column(kind, bool(each["nullable"]), filled)


def broken(old: Schema, new: Schema) -> Iterator[str]:
    """Yield what statements of the code for *old* can not rely on in *new*."""
    for table, columns in old.tables.items():
        if table in new.tables:
            yield from _changed(table, columns, new.tables[table])
        else:
            yield f"{table} is gone"
    for table, names in new.unique - old.unique:
        if table in old.tables and names <= old.tables[table].keys():
            yield f"{table}: {', '.join(sorted(names))} have to be unique now"


def _changed(
    table: str, before: Mapping[str, Column], after: Mapping[str, Column]
) -> Iterator[str]:
    for name, column in before.items():
        if name not in after:
            yield f"{table}.{name} is gone"
        elif after[name].kind != column.kind:
            yield f"{table}.{name} was {column.kind} and is {after[name].kind}"
        elif column.nullable and not after[name].nullable:
            yield f"{table}.{name} has to have a value now"
    for name in after.keys() - before.keys():
        if not (after[name].nullable or after[name].filled):
            yield f"{table}.{name} is new and has neither NULL nor a default"
