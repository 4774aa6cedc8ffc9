"""The shape of a filterBranch: what may stand in its filters, and how deep it may be."""

from collections.abc import Iterable
from typing import Any

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.shapes import ANY, Shape, each, flag, members, text, whole

DEEPEST = 32
"""Levels of a definition; what is deeper could be taken in, but not be shown again."""


def _within(most: int, *, least: int | None = None) -> Shape:
    """Return the shape of a whole number; without *least* it is as far below zero as above."""
    low = -most if least is None else least

    def check(value: Any) -> None:
        whole(value)
        if not low <= int(value) <= most:
            raise invalid(f"{value} is not between {low} and {most}")

    return check


_OFFSET = members(
    years=_within(1_000),
    quarters=_within(1_000),
    months=_within(1_000),
    weeks=_within(10_000),
    days=_within(100_000),
    hours=_within(1_000_000),
    minutes=_within(10_000_000),
    seconds=_within(100_000_000),
    milliseconds=_within(2_000_000_000),
)
_POINT = members(
    timeType=text,
    timezoneSource=text,
    zoneId=text,
    year=whole,
    month=whole,
    day=whole,
    hour=_within(23, least=0),
    minute=_within(59, least=0),
    second=_within(59, least=0),
    millisecond=_within(999, least=0),
    indexReference=members("referenceType", referenceType=text),
    offset=_OFFSET,
)
_OPERATION = members(
    "operator",
    operator=text,
    operationType=text,
    includeObjectsWithNoValueSet=flag,
    value=text,
    values=each(text),
    lowerBound=text,
    upperBound=text,
    timestamp=text,
    year=whole,
    month=whole,
    day=whole,
    numberOfDays=_within(100_000),
    timeUnit=text,
    timeUnitCount=_within(1_000),
    useFiscalYear=flag,
    timePoint=_POINT,
    lowerBoundTimePoint=_POINT,
    upperBoundTimePoint=_POINT,
    comparisonPropertyName=text,
    propertyParser=text,
)
_FILTER = members(
    "filterType",
    filterType=text,
    property=text,
    operation=_OPERATION,
    listId=text,
    operator=text,
    shouldAccept=flag,
)
_AND = members(filterBranchType=text, filterBranches=each(ANY), filters=each(_FILTER))
_OR = members(filterBranchType=text, filterBranches=each(_AND), filters=each(ANY))


def check(branch: Any) -> None:
    """Raise the 400 for a definition that can not be read, or not be shown again."""
    _OR(branch)
    layer: list[Any] = [branch]
    for _ in range(DEEPEST):
        layer = [child for item in layer for child in _children(item)]
    if layer:
        raise invalid(f"The filterBranch is deeper than {DEEPEST} levels")


def _children(value: Any) -> Iterable[Any]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
        case _:
            return ()
