"""Turn ``PROPERTY OPERATOR VALUE`` triples into the filter of an active list."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from guestlist.domain.errors import Misconfigured
from schemas.records import FieldDescription


class Criterion(NamedTuple):
    """One condition as a person writes it; several values are separated by ``;``."""

    property: str
    operator: str
    value: str


_KNOWN = {"IS_KNOWN": "ALL_PROPERTY", "IS_UNKNOWN": "ALL_PROPERTY"}
_OPERATORS: Mapping[str, Mapping[str, str]] = {
    "string": dict.fromkeys(
        (
            "IS_EQUAL_TO",
            "IS_NOT_EQUAL_TO",
            "CONTAINS",
            "DOES_NOT_CONTAIN",
            "STARTS_WITH",
            "ENDS_WITH",
        ),
        "MULTISTRING",
    ),
    "number": dict.fromkeys(
        (
            "IS_EQUAL_TO",
            "IS_NOT_EQUAL_TO",
            "IS_GREATER_THAN",
            "IS_GREATER_THAN_OR_EQUAL_TO",
            "IS_LESS_THAN",
            "IS_LESS_THAN_OR_EQUAL_TO",
        ),
        "NUMBER",
    ),
    "bool": dict.fromkeys(("IS_EQUAL_TO", "IS_NOT_EQUAL_TO"), "BOOL"),
    "enumeration": dict.fromkeys(
        ("IS_ANY_OF", "IS_NONE_OF", "CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL"), "ENUMERATION"
    ),
    "date": dict.fromkeys(
        (
            "IS_LESS_THAN_X_DAYS_AGO",
            "IS_MORE_THAN_X_DAYS_AGO",
            "IS_LESS_THAN_X_DAYS_FROM_NOW",
            "IS_MORE_THAN_X_DAYS_FROM_NOW",
        ),
        "ROLLING_DATE_RANGE",
    ),
}
_SAME_AS = {"datetime": "date", "phone_number": "string"}
"""Property types that take another's operators."""


def operators_of(type: str) -> list[str]:
    """Return what can be asked of a property of that type."""
    kind = _SAME_AS.get(type, type)
    return [*_OPERATORS.get(kind, _OPERATORS["string"]), *_KNOWN]


def filter_branch(
    criteria: Sequence[Criterion], properties: Mapping[str, FieldDescription]
) -> dict[str, Any]:
    """Return HubSpot's filter for contacts that meet every criterion.

    Raises ``Misconfigured`` for an unknown property, an operator its type lacks, or a
    value that is no option of it.
    """
    if not criteria:
        message = "an active list needs at least one filter: --filter PROPERTY OPERATOR VALUE"
        raise Misconfigured(message)
    filters = [_filter(each, properties) for each in criteria]
    return _branch("OR", branches=[_branch("AND", filters=filters)])


def _branch(
    operator: str,
    *,
    branches: Sequence[Mapping[str, Any]] = (),
    filters: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    return {
        "filterBranchType": operator,
        "filterBranchOperator": operator,
        "filterBranches": list(branches),
        "filters": list(filters),
    }


def _filter(criterion: Criterion, properties: Mapping[str, FieldDescription]) -> dict[str, Any]:
    described = _property(criterion.property, properties)
    operator = criterion.operator.upper()
    kind = _SAME_AS.get(described.type, described.type)
    operators = {**_OPERATORS.get(kind, _OPERATORS["string"]), **_KNOWN}
    if operator not in operators:
        message = (
            f"{described.name} is of type {described.type}: it has no operator {operator}; "
            f"there are {', '.join(sorted(operators))}"
        )
        raise Misconfigured(message)
    operation_type = operators[operator]
    operation = {
        "operationType": operation_type,
        "operator": operator,
        "includeObjectsWithNoValueSet": False,
    }
    operation |= _OPERANDS[operation_type](criterion.value, described)
    return {"filterType": "PROPERTY", "property": described.name, "operation": operation}


def _property(name: str, properties: Mapping[str, FieldDescription]) -> FieldDescription:
    if name in properties:
        return properties[name]
    near = get_close_matches(name, properties, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    message = f"HubSpot has no property {name!r}{hint}"
    raise Misconfigured(message)


def _values(value: str) -> list[str]:
    return [part for each in value.split(";") if (part := each.strip())]


def _strings(value: str, _described: FieldDescription) -> dict[str, Any]:
    return {"values": _values(value)}


def _options(value: str, described: FieldDescription) -> dict[str, Any]:
    values = _values(value)
    unknown = [each for each in values if described.options and each not in described.options]
    if unknown:
        known = ", ".join(sorted(described.options))
        message = f"{', '.join(unknown)} is no option of {described.name}; there are {known}"
        raise Misconfigured(message)
    return {"values": values}


def _boolean(value: str, described: FieldDescription) -> dict[str, Any]:
    if value.lower() not in {"true", "false"}:
        message = f"{described.name} is true or false, not {value!r}"
        raise Misconfigured(message)
    return {"value": value.lower() == "true"}


def _number(value: str, described: FieldDescription) -> dict[str, Any]:
    try:
        return {"value": float(value)}
    except ValueError:
        message = f"{described.name} is a number, not {value!r}"
        raise Misconfigured(message) from None


def _days(value: str, described: FieldDescription) -> dict[str, Any]:
    if not value.isdecimal():
        message = f"the filter on {described.name} takes a number of days, not {value!r}"
        raise Misconfigured(message)
    return {"numberOfDays": int(value), "requiresTimeZoneConversion": True}


def _nothing(_value: str, _described: FieldDescription) -> dict[str, Any]:
    return {}


_OPERANDS: Mapping[str, Callable[[str, FieldDescription], dict[str, Any]]] = {
    "MULTISTRING": _strings,
    "ENUMERATION": _options,
    "BOOL": _boolean,
    "NUMBER": _number,
    "ROLLING_DATE_RANGE": _days,
    "ALL_PROPERTY": _nothing,
}
