"""A batch of rows as one JSON parameter: one statement and one round trip for any number of rows.

Both databases unpack it themselves, so no limit on bound variables applies and the same statement
runs on either.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    bindparam,
    cast,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

from guestlist.store.columns import to_json

ROWS = "batch_rows"
KEYS = "batch_keys"


class _Elements(FunctionElement[Any]):
    """The elements of a JSON array as a table with the column ``value``."""

    name = "elements"
    inherit_cache = True


class _Among(FunctionElement[bool]):
    """True where two columns are a value and one of the strings of a JSON array.

    Not of type Boolean: compared with 1, as that is on SQLite, no index would serve it.
    """

    name = "among"
    inherit_cache = True


class _Item(FunctionElement[str]):
    """One element of a JSON array, by position."""

    name = "item"
    type = String()
    inherit_cache = True


@compiles(_Elements, "sqlite")
def _elements_of_sqlite(element: _Elements, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_Elements, "postgresql")
def _elements_of_postgresql(element: _Elements, compiler: SQLCompiler, **kw: Any) -> str:
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **kw)} AS JSONB))"


@compiles(_Among, "sqlite")
def _among_of_sqlite(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    # As a pair, each key is looked up in the index of both columns; apart, SQLite walks the first.
    first, value, second, keys = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({first}, {second}) IN (SELECT {value}, value FROM json_each({keys}))"  # noqa: S608 # nosec B608


@compiles(_Among, "postgresql")
def _among_of_postgresql(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    # As an array the keys are looked up in the index; joined, each row is held against each key.
    first, value, second, keys = (compiler.process(clause, **kw) for clause in element.clauses)
    array = f"ARRAY(SELECT jsonb_array_elements_text(CAST({keys} AS JSONB)))"
    return f"({first} = {value} AND {second} = ANY({array}))"


@compiles(_Item, "sqlite")
def _item_of_sqlite(element: _Item, compiler: SQLCompiler, **kw: Any) -> str:
    value, position = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_extract({value}, '$[{position}]')"


@compiles(_Item, "postgresql")
def _item_of_postgresql(element: _Item, compiler: SQLCompiler, **kw: Any) -> str:
    value, position = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({value} ->> {position})"


def incoming(*names: str, numbers: frozenset[str] = frozenset()) -> Select[Any]:
    """The parameter :data:`ROWS` as rows; columns in *numbers* are integers, others text."""
    value = _Elements(bindparam(ROWS, type_=String)).table_valued("value").c.value
    items = []
    for position, name in enumerate(names):
        item: ColumnElement[Any] = _Item(value, literal_column(str(position)))
        items.append((cast(item, BigInteger) if name in numbers else item).label(name))
    return select(*items)


def among_keys(
    first: ColumnElement[Any], value: ColumnElement[Any], second: ColumnElement[Any]
) -> ColumnElement[bool]:
    """True where *first* is *value* and *second* one of the parameter :data:`KEYS`.

    The two columns lead an index; every database finds each key in it.
    """
    return _Among(first, value, second, bindparam(KEYS, type_=String))


def rows_parameter(values: Iterable[Iterable[Any]]) -> dict[str, str]:
    return {ROWS: to_json([*values])}


def keys_parameter(values: Iterable[str]) -> dict[str, str]:
    return {KEYS: to_json([*values])}


def insert_into(table: Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the words of *dialect*."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
