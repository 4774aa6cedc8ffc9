"""An inclusion list's own filters, evaluated here on a record as it is now.

Three answers: yes, no, and ``None`` for what can not be known.  A part this module does not know
for certain (another filter type, a value of the past, a new shape) is never guessed; it only
leaves the answer open where the answer depends on it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from guestlist.domain.filter_operators import read_operation
from guestlist.domain.filter_shape import NotKnown, Operation, Situation, member, understood
from guestlist.domain.ternary import Answer, every, some

DEEPEST = 20
"""Branches inside branches; HubSpot's own editor stops far earlier."""

_BRANCH_KEYS = frozenset(
    {"filterBranchType", "filterBranchOperator", "filterBranches", "filters"},
)
_FILTER_KEYS = frozenset({"filterType", "property", "operation"})


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class PropertyFilter:
    """One property's value put to a test."""

    property: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class Unknowable:
    """A part whose answer is not in the record's current values."""

    what: str


Part = Every | Some | PropertyFilter | Unknowable


@dataclass(frozen=True, slots=True)
class ListFilter:
    """A list's filters, read once and evaluated for many records."""

    root: Part
    properties: frozenset[str]
    """All a record has to carry to be evaluated."""
    unknowable: tuple[str, ...]
    """The parts that can not be known, by name, each once."""

    @property
    def knowable(self) -> bool:
        return not self.unknowable

    def evaluate(
        self, properties: Mapping[str, str | None], now: datetime, tz: ZoneInfo | None
    ) -> Answer:
        """Return whether a record with these values belongs; ``None``: can not be known.

        *tz* is the portal's time zone, in which HubSpot counts days; ``None``: not known.
        """
        return _answer(self.root, Situation(properties, now, tz))


def parse(filter_branch: Mapping[str, Any] | None) -> ListFilter:
    """Read HubSpot's ``filterBranch``.  Whatever it holds, this answers and never raises."""
    root = _branch(filter_branch, depth=0)
    leaves = tuple(_leaves(root))
    names = (what for leaf in leaves if (what := _open(leaf)) is not None)
    return ListFilter(
        root=root,
        properties=frozenset(name for leaf in leaves for name in _properties(leaf)),
        unknowable=tuple(dict.fromkeys(names)),
    )


def _answer(part: Part, situation: Situation) -> Answer:
    match part:
        case Every(parts):
            return every(_answer(each, situation) for each in parts)
        case Some(parts):
            return some(_answer(each, situation) for each in parts)
        case PropertyFilter(name, operation):
            return operation.test(situation.values.get(name) or None, situation)
        case Unknowable():
            return None


def _branch(branch: Any, *, depth: int) -> Part:
    """Read a branch; one without any part is left open, since nobody says whom it means."""
    try:
        understood(branch, _BRANCH_KEYS)
        kind = member(branch, "filterBranchType", str).upper()
        filters = member(branch, "filters", list, [])
        branches = member(branch, "filterBranches", list, [])
    except NotKnown as unknown:
        return Unknowable(unknown.what)
    if kind not in {"AND", "OR"}:
        return Unknowable(f"{kind} branch")
    if depth == DEEPEST or not (filters or branches):
        return Unknowable("empty branch" if depth < DEEPEST else "branches too deep")
    parts = [_filter(each) for each in filters]
    parts += [_branch(each, depth=depth + 1) for each in branches]
    return Every(tuple(parts)) if kind == "AND" else Some(tuple(parts))


def _filter(filter: Any) -> Part:
    try:
        kind = member(filter, "filterType", str).upper()
        if kind != "PROPERTY":
            return Unknowable(kind)
        understood(filter, _FILTER_KEYS)
        operation = read_operation(member(filter, "operation", dict))
        return PropertyFilter(member(filter, "property", str), operation)
    except NotKnown as unknown:
        return Unknowable(unknown.what)


def _leaves(part: Part) -> Iterator[PropertyFilter | Unknowable]:
    match part:
        case Every(parts) | Some(parts):
            for each in parts:
                yield from _leaves(each)
        case PropertyFilter() | Unknowable():
            yield part


def _open(leaf: PropertyFilter | Unknowable) -> str | None:
    match leaf:
        case PropertyFilter(_, operation):
            return operation.open
        case Unknowable(what):
            return what


def _properties(leaf: PropertyFilter | Unknowable) -> tuple[str, ...]:
    match leaf:
        case PropertyFilter(name, operation):
            return (name, *operation.properties)
        case Unknowable():
            return ()
