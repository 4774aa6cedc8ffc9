"""What a SOQL query says, once parsed."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "LIKE"]


class Path(NamedTuple):
    """A field, possibly of a parent: ``Account.Name``."""

    text: str
    start: int


class Value(NamedTuple):
    """A literal: string, number, boolean, null, date, datetime, or word (``TODAY``)."""

    kind: str
    value: Any
    start: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """``field operator literal``."""

    path: Path
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class In:
    """``field IN (…)`` or ``field NOT IN (…)``."""

    path: Path
    values: tuple[Value, ...] | list[str]
    """Plain strings where every value is one, so that long lists stay cheap."""
    negated: bool


@dataclass(frozen=True, slots=True)
class Not:
    """``NOT condition``."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    conditions: tuple["Condition", ...]


Condition = Comparison | In | Not | And | Or


class Order(NamedTuple):
    """One key of ORDER BY."""

    path: Path
    descending: bool
    nulls_first: bool


class Count(NamedTuple):
    """``COUNT(field)`` in the select list."""

    path: Path
    alias: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. *count* is true for a bare ``COUNT()``."""

    text: str
    paths: tuple[Path, ...]
    counts: tuple[Count, ...]
    count: bool
    sobject: str
    sobject_start: int
    alias: str | None
    where: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int
