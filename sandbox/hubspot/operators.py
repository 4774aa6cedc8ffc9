"""Property operations of list filters that compare values: one test per operation type."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.hubspot.digits import decimal
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.shapes import not_set

Operation = Mapping[str, Any]
Test = Callable[[str], bool]
"""Does one set value pass?"""

EVER = "HAS_EVER_"
NEVER = "HAS_NEVER_"


def test_of(operation: Operation) -> Test:
    """Return the test for the operation's base operator (HAS_EVER asks it of history)."""
    kind, operator = kind_of(operation), str(operation.get("operator", ""))
    maker = _MAKERS.get(kind)
    table = OPERATORS.get(kind)
    if maker is None or table is None or operator not in table:
        raise invalid(f"Operator {operator} is not supported for operation type {kind}")
    return maker(operation, base_operator(operator))


def kind_of(operation: Operation) -> str:
    """Return the operation type in capitals; guides also show it in lower case."""
    return str(operation.get("operationType", "")).upper()


def base_operator(operator: str) -> str:
    """Return what HAS_EVER_x and HAS_NEVER_x ask of each version."""
    if operator.startswith((EVER, NEVER)):
        return _HISTORIC[operator.removeprefix(EVER).removeprefix(NEVER)]
    return operator


_HISTORIC = {
    "BEEN_EQUAL_TO": "IS_EQUAL_TO",
    "CONTAINED": "CONTAINS",
    "BEEN_ANY_OF": "IS_ANY_OF",
    "BEEN_EXACTLY": "IS_EXACTLY",
    "CONTAINED_ALL": "CONTAINS_ALL",
}

_EQUAL = {"IS_EQUAL_TO", "IS_NOT_EQUAL_TO"}
_EQUAL_EVER = {"HAS_EVER_BEEN_EQUAL_TO", "HAS_NEVER_BEEN_EQUAL_TO"}

OPERATORS: Mapping[str, frozenset[str]] = {
    "ALL_PROPERTY": frozenset({"IS_KNOWN", "IS_UNKNOWN", "IS_BLANK", "IS_NOT_BLANK"}),
    "STRING": frozenset(
        _EQUAL
        | _EQUAL_EVER
        | {"CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH", "ENDS_WITH"}
        | {"HAS_EVER_CONTAINED", "HAS_NEVER_CONTAINED"}
    ),
    "MULTISTRING": frozenset(
        _EQUAL
        | {"CONTAINS", "CONTAINS_EXACTLY", "DOES_NOT_CONTAIN", "DOES_NOT_CONTAIN_EXACTLY"}
        | {"STARTS_WITH", "ENDS_WITH"}
    ),
    "NUMBER": frozenset(
        _EQUAL
        | _EQUAL_EVER
        | {"IS_GREATER_THAN", "IS_GREATER_THAN_OR_EQUAL_TO"}
        | {"IS_LESS_THAN", "IS_LESS_THAN_OR_EQUAL_TO"}
    ),
    "NUMBER_RANGED": frozenset({"IS_BETWEEN", "IS_NOT_BETWEEN"}),
    "BOOL": frozenset(_EQUAL | _EQUAL_EVER),
    "ENUMERATION": frozenset(
        {"IS_ANY_OF", "IS_NONE_OF", "IS_EXACTLY", "IS_NOT_EXACTLY"}
        | {"CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL"}
        | {"HAS_EVER_BEEN_ANY_OF", "HAS_NEVER_BEEN_ANY_OF"}
        | {"HAS_EVER_BEEN_EXACTLY", "HAS_NEVER_BEEN_EXACTLY"}
        | {"HAS_EVER_CONTAINED_ALL", "HAS_NEVER_CONTAINED_ALL"}
    ),
}
"""Operators by operation type, as the lists API describes them."""


def _required(operation: Operation, name: str) -> Any:
    value = operation.get(name)
    if value is None:
        raise not_set(name)
    return value


def _texts(operation: Operation) -> list[str]:
    values = _required(operation, "values")
    if not values:
        raise invalid(f"{kind_of(operation)} operation requires values")
    return [str(value) for value in values]


def _string(operation: Operation, operator: str) -> Test:
    return _text_test(operator, [str(_required(operation, "value"))])


def _multistring(operation: Operation, operator: str) -> Test:
    return _text_test(operator, _texts(operation))


def _text_test(operator: str, raw: list[str]) -> Test:
    """Texts compare without regard to case; the negative operators ask for none of the values."""
    wanted = tuple(text.lower() for text in raw)
    tests: Mapping[str, Test] = {
        "IS_EQUAL_TO": lambda value: value.lower() in wanted,
        "IS_NOT_EQUAL_TO": lambda value: value.lower() not in wanted,
        "CONTAINS": lambda value: any(text in value.lower() for text in wanted),
        "CONTAINS_EXACTLY": lambda value: _has_phrase(value, wanted),
        "DOES_NOT_CONTAIN": lambda value: not any(text in value.lower() for text in wanted),
        "DOES_NOT_CONTAIN_EXACTLY": lambda value: not _has_phrase(value, wanted),
        "STARTS_WITH": lambda value: value.lower().startswith(wanted),
        "ENDS_WITH": lambda value: value.lower().endswith(wanted),
    }
    return tests[operator]


def _has_phrase(value: str, phrases: Iterable[str]) -> bool:
    words = f" {' '.join(value.lower().split())} "
    return any(f" {phrase} " in words for phrase in phrases)


def _number(operation: Operation, operator: str) -> Test:
    wanted = _float(_required(operation, "value"))
    compare: Mapping[str, Callable[[float], bool]] = {
        "IS_EQUAL_TO": lambda number: number == wanted,
        "IS_NOT_EQUAL_TO": lambda number: number != wanted,
        "IS_GREATER_THAN": lambda number: number > wanted,
        "IS_GREATER_THAN_OR_EQUAL_TO": lambda number: number >= wanted,
        "IS_LESS_THAN": lambda number: number < wanted,
        "IS_LESS_THAN_OR_EQUAL_TO": lambda number: number <= wanted,
    }
    return _on_number(compare[operator])


def _number_ranged(operation: Operation, operator: str) -> Test:
    low = _float(_required(operation, "lowerBound"))
    high = _float(_required(operation, "upperBound"))
    inside = operator == "IS_BETWEEN"
    return _on_number(lambda number: (low <= number <= high) == inside)


def _float(value: Any) -> float:
    number = decimal(str(value))
    if number is None:
        raise invalid(f"{value} was not a valid number")
    return number


def _on_number(test: Callable[[float], bool]) -> Test:
    """Values that are no numbers never pass."""

    def passes(value: str) -> bool:
        number = decimal(value)
        return number is not None and test(number)

    return passes


def _bool(operation: Operation, operator: str) -> Test:
    value = _required(operation, "value")
    wanted = value if isinstance(value, str) else str(bool(value))
    truth = wanted.lower() == "true"
    if operator == "IS_NOT_EQUAL_TO":
        truth = not truth
    return lambda value: (value == "true") == truth


def _enumeration(operation: Operation, operator: str) -> Test:
    wanted = frozenset(_texts(operation))
    if operator in {"IS_ANY_OF", "IS_NONE_OF"}:
        positive = operator == "IS_ANY_OF"
        return lambda value: wanted.isdisjoint(value.split(";")) != positive
    if operator in {"IS_EXACTLY", "IS_NOT_EXACTLY"}:
        positive = operator == "IS_EXACTLY"
        return lambda value: (wanted == set(value.split(";"))) == positive
    positive = operator == "CONTAINS_ALL"
    return lambda value: wanted.issubset(value.split(";")) == positive


_MAKERS: Mapping[str, Callable[[Operation, str], Test]] = {
    "STRING": _string,
    "MULTISTRING": _multistring,
    "NUMBER": _number,
    "NUMBER_RANGED": _number_ranged,
    "BOOL": _bool,
    "ENUMERATION": _enumeration,
}
