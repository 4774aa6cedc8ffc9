"""HubSpot's property operations, each a small test of one value.

Where HubSpot does not say how it compares (upper and lower case, the ends of a range), the
doubtful values are answered with ``None``.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from guestlist.domain.filter_dates import DATE_OPERATIONS
from guestlist.domain.filter_shape import (
    NotKnown,
    Operation,
    Situation,
    Test,
    decimal,
    member,
    understood,
)
from guestlist.domain.ternary import Answer, negated, some

NEGATIONS: Mapping[str, str] = MappingProxyType(
    {
        "IS_NOT_EQUAL_TO": "IS_EQUAL_TO",
        "DOES_NOT_CONTAIN": "CONTAINS",
        "DOES_NOT_CONTAIN_EXACTLY": "CONTAINS_EXACTLY",
        "DOES_NOT_CONTAIN_ALL": "CONTAINS_ALL",
        "IS_NONE_OF": "IS_ANY_OF",
        "IS_NOT_EXACTLY": "IS_EXACTLY",
        "IS_NOT_BETWEEN": "IS_BETWEEN",
    }
)
"""Operator -> the one it denies."""

EVER, NEVER = "HAS_EVER_", "HAS_NEVER_"
HISTORIC: Mapping[str, str] = MappingProxyType(
    {
        "BEEN_EQUAL_TO": "IS_EQUAL_TO",
        "CONTAINED": "CONTAINS",
        "BEEN_ANY_OF": "IS_ANY_OF",
        "BEEN_EXACTLY": "IS_EXACTLY",
        "CONTAINED_ALL": "CONTAINS_ALL",
    }
)
"""What HAS_EVER_x and HAS_NEVER_x ask of each value a property ever had."""

_KEYS = frozenset(
    {
        "operationType",
        "operator",
        "includeObjectsWithNoValueSet",
        "propertyParser",
        "type",
        "value",
        "values",
        "lowerBound",
        "upperBound",
        "timestamp",
        "requiresTimeZoneConversion",
        "numberOfDays",
        "timeUnit",
        "timeUnitCount",
        "useFiscalYear",
        "timePoint",
        "endpointBehavior",
        "lowerBoundTimePoint",
        "upperBoundTimePoint",
        "lowerBoundEndpointBehavior",
        "upperBoundEndpointBehavior",
        "comparisonPropertyName",
    }
)

_KNOWN = MappingProxyType(
    {"IS_KNOWN": True, "IS_NOT_BLANK": True, "IS_UNKNOWN": False, "IS_BLANK": False}
)


def read_operation(operation: Mapping[str, Any]) -> Operation:
    """Return the test an ``operation`` asks for; raise ``NotKnown`` for what is not certain."""
    kind = member(operation, "operationType", str).upper()
    operator = member(operation, "operator", str).upper()
    name = f"{kind} {operator}"
    if kind == "ALL_PROPERTY" and operator in _KNOWN:
        known = _KNOWN[operator]
        return Operation(lambda value, _: (value is not None) is known)
    understood(operation, _KEYS)
    if member(operation, "propertyParser", str, "VALUE").upper() != "VALUE":
        raise NotKnown(f"{name} of {operation['propertyParser']}")
    read = _READERS.get(kind)
    base = HISTORIC.get(operator.removeprefix(EVER).removeprefix(NEVER))
    test = read(base or NEGATIONS.get(operator, operator), operation) if read else None
    if test is None:
        raise NotKnown(name)
    if base:
        return _of_history(test, name, ever=operator.startswith(EVER))
    properties = (operation["comparisonPropertyName"],) if kind == "COMPARATIVE_DATE" else ()
    return _with_blank(test, operation, denied=operator in NEGATIONS, properties=properties)


def _with_blank(
    test: Test, operation: Mapping[str, Any], *, denied: bool, properties: tuple[str, ...]
) -> Operation:
    """Put the blank and the denial around *test*.

    HubSpot always says what a blank means; where it does not, a blank meets no positive test,
    and whether it meets a denied one stays open.
    """
    included = operation.get("includeObjectsWithNoValueSet")
    blank = included if isinstance(included, bool) else (None if denied else False)

    def answer(value: str | None, situation: Situation) -> Answer:
        if value is None:
            return blank
        met = test(value, situation)
        return negated(met) if denied else met

    return Operation(answer, properties)


def _of_history(test: Test, name: str, *, ever: bool) -> Operation:
    """A value that is held now was held once; of those before nothing is known here."""

    def answer(value: str | None, situation: Situation) -> Answer:
        met = value is not None and test(value, situation)
        return ever if met else None

    return Operation(answer, open=name)


def _string(operator: str, operation: Mapping[str, Any]) -> Test | None:
    return _any_text(operator, [member(operation, "value", str)])


def _multi_string(operator: str, operation: Mapping[str, Any]) -> Test | None:
    return _any_text(operator, _texts(operation))


def _any_text(operator: str, wanted: Sequence[str]) -> Test | None:
    compare = _TEXT_TESTS.get(operator)
    if compare is None:
        return None
    return lambda value, _: some(compare(value, each) for each in wanted)


def _texts(operation: Mapping[str, Any]) -> list[str]:
    values = member(operation, "values", list)
    if not values or not all(isinstance(value, str) and value for value in values):
        raise NotKnown("malformed filter: values")
    return values


def _doubtful(compare: Callable[[str, str], bool]) -> Callable[[str, str], Answer]:
    """Two spellings that only differ in case or outer blanks: HubSpot does not say."""

    def answer(value: str, wanted: str) -> Answer:
        if compare(value, wanted):
            return True
        return None if compare(value.strip().casefold(), wanted.strip().casefold()) else False

    return answer


def _contains(value: str, wanted: str) -> Answer:
    """As a whole: yes.  Only some of several words: HubSpot does not say."""
    if wanted in value:
        return True
    words = wanted.casefold().split()
    return None if any(word in value.casefold() for word in words) else False


def _contains_exactly(value: str, wanted: str) -> Answer:
    """As whole words: yes.  Inside a longer word: HubSpot does not say."""
    if f" {wanted} " in f" {' '.join(value.split())} ":
        return True
    return None if wanted.casefold() in value.casefold() else False


_TEXT_TESTS: Mapping[str, Callable[[str, str], Answer]] = MappingProxyType(
    {
        "IS_EQUAL_TO": _doubtful(str.__eq__),
        "STARTS_WITH": _doubtful(str.startswith),
        "ENDS_WITH": _doubtful(str.endswith),
        "CONTAINS": _contains,
        "CONTAINS_EXACTLY": _contains_exactly,
    }
)


def _number(operator: str, operation: Mapping[str, Any]) -> Test | None:
    wanted = _bound(operation, "value")
    compare = _NUMBER_TESTS.get(operator)
    if compare is None:
        return None
    return _on_number(lambda value: compare(value, wanted))


_NUMBER_TESTS: Mapping[str, Callable[[Decimal, Decimal], bool]] = MappingProxyType(
    {
        "IS_EQUAL_TO": lambda value, wanted: value == wanted,
        "IS_GREATER_THAN": lambda value, wanted: value > wanted,
        "IS_GREATER_THAN_OR_EQUAL_TO": lambda value, wanted: value >= wanted,
        "IS_LESS_THAN": lambda value, wanted: value < wanted,
        "IS_LESS_THAN_OR_EQUAL_TO": lambda value, wanted: value <= wanted,
    }
)


def _number_ranged(operator: str, operation: Mapping[str, Any]) -> Test | None:
    lower, upper = _bound(operation, "lowerBound"), _bound(operation, "upperBound")
    if operator != "IS_BETWEEN":
        return None

    def between(value: Decimal) -> Answer:
        # Whether the ends belong to the range is not documented.
        return None if value in {lower, upper} else lower < value < upper

    return _on_number(between)


def _on_number(compare: Callable[[Decimal], Answer]) -> Test:
    def test(value: str, _: Situation) -> Answer:
        parsed = decimal(value)
        return None if parsed is None else compare(parsed)

    return test


def _bound(operation: Mapping[str, Any], key: str) -> Decimal:
    parsed = decimal(operation.get(key))
    if parsed is None:
        raise NotKnown(f"malformed filter: {key}")
    return parsed


def _bool(operator: str, operation: Mapping[str, Any]) -> Test | None:
    wanted = member(operation, "value", bool)
    if operator != "IS_EQUAL_TO":
        return None
    words = {"true": wanted, "false": not wanted}
    return lambda value, _: words.get(value.strip().lower())


def _enumeration(operator: str, operation: Mapping[str, Any]) -> Test | None:
    wanted = frozenset(_texts(operation))
    compare = _CHOICE_TESTS.get(operator)
    if compare is None:
        return None
    return lambda value, _: compare(frozenset(value.split(";")) - {""}, wanted)


_CHOICE_TESTS: Mapping[str, Callable[[frozenset[str], frozenset[str]], bool]] = MappingProxyType(
    {
        "IS_ANY_OF": lambda chosen, wanted: not chosen.isdisjoint(wanted),
        "IS_EXACTLY": lambda chosen, wanted: chosen == wanted,
        "CONTAINS_ALL": lambda chosen, wanted: chosen >= wanted,
    }
)

_READERS: Mapping[str, Callable[[str, Mapping[str, Any]], Test | None]] = MappingProxyType(
    {
        "STRING": _string,
        "MULTISTRING": _multi_string,
        "NUMBER": _number,
        "NUMBER_RANGED": _number_ranged,
        "BOOL": _bool,
        "ENUMERATION": _enumeration,
        **DATE_OPERATIONS,
    }
)
"""By operationType.  Not here, and so unknowable: what asks when a property changed, and DATE and
COMPARATIVE_STRING, whose operators HubSpot does not document."""
