"""The filters of a search request, checked and compiled; texts compare without regard to case."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sandbox.hubspot.digits import decimal
from sandbox.hubspot.errors import invalid, invalid_json
from sandbox.hubspot.instants import parse
from sandbox.hubspot.record import Record
from sandbox.hubspot.schema import Property
from sandbox.hubspot.shapes import each, members, text
from sandbox.hubspot.store import ObjectStore

Test = Callable[[Record], bool]

GROUPS, FILTERS, IN_ALL = 5, 6, 18
"""Most groups, filters in a group, and filters in a request."""

OPERATORS = frozenset(
    {"LT", "LTE", "GT", "GTE", "EQ", "NEQ", "BETWEEN", "IN", "NOT_IN"}
    | {"HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}
)


FILTER = members(
    "propertyName",
    "operator",
    propertyName=text,
    operator=text,
    value=text,
    highValue=text,
    values=each(text),
)


class Condition(NamedTuple):
    """One checked filter. ``key`` turns a stored text into what compares."""

    name: str
    operator: str
    values: tuple[str, ...]
    key: Callable[[str], Any]
    test: Test


def read_groups(body: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    """Return the filter groups, with the legacy top-level ``filters`` as one; checks the limits."""
    groups = [group.get("filters") or [] for group in body.get("filterGroups") or []]
    if body.get("filters"):
        groups.append(body["filters"])
    if len(groups) > GROUPS:
        raise invalid(f"Too many filterGroups. The maximum is {GROUPS}, but was {len(groups)}")
    for group in groups:
        if len(group) > FILTERS:
            raise invalid(f"Too many filters in a group. The maximum is {FILTERS}")
    if sum(map(len, groups)) > IN_ALL:
        raise invalid(f"Too many filters in all groups. The maximum is {IN_ALL}")
    return groups


def key_of(definition: Property | None, name: str, *, ids_as_text: bool) -> Callable[[str], Any]:
    """Return what makes a property's texts comparable."""
    if name == "hs_object_id" and ids_as_text:
        return str
    match definition.type if definition else "string":
        case "number":
            return decimal
        case "date" | "datetime":
            return parse
        case "enumeration":
            return str
        case _:
            return str.lower


def compile_condition(
    item: Mapping[str, Any], store: ObjectStore, key: Callable[[str], Any]
) -> Condition:
    """Return one filter's test, or raise the 400 for a wrong operator or a missing value."""
    name, operator = str(item["propertyName"]), str(item["operator"])
    if operator not in OPERATORS:
        raise invalid_json(
            f'Cannot deserialize value of type `Operator` from String "{operator}": '
            "not one of the values accepted"
        )
    values = _values(item, operator)
    if not operator.endswith("HAS_PROPERTY") and any(key(value) is None for value in values):
        raise invalid(f"There was a problem with the request: invalid value for {name}")
    get = store.getter(name)
    test = _test(get, operator, values, key)
    return Condition(name, operator, values, key, test)


def _values(item: Mapping[str, Any], operator: str) -> tuple[str, ...]:
    if operator.endswith("HAS_PROPERTY"):
        return ()
    if operator in {"IN", "NOT_IN"}:
        values = item.get("values")
        if not isinstance(values, list) or not values:
            raise invalid(f"operator {operator} requires values")
        return tuple(map(str, values))
    bounds = [item.get("value")]
    if operator == "BETWEEN":
        bounds.append(item.get("highValue"))
    if any(bound is None for bound in bounds):
        raise invalid(f"operator {operator} requires a value")
    texts = tuple(map(str, bounds))
    if not all(map(str.strip, texts)):
        name = item["propertyName"]
        raise invalid_json(
            f"value must be non-empty and non-blank, if specified {{propertyName: '{name}'}}"
        )
    return texts


def _test(
    get: Callable[[Record], str | None],
    operator: str,
    values: tuple[str, ...],
    key: Callable[[str], Any],
) -> Test:
    if operator == "HAS_PROPERTY":
        return lambda record: get(record) is not None
    if operator == "NOT_HAS_PROPERTY":
        return lambda record: get(record) is None
    if operator.endswith("CONTAINS_TOKEN"):
        return _token_test(get, values[0], inside=operator == "CONTAINS_TOKEN")
    wanted = [key(value) for value in values]
    if key is str.lower and operator in {"IN", "NOT_IN"}:
        wanted = list(values)  # documented: of texts only values in lower case are found
    if operator in {"NEQ", "NOT_IN"}:
        excluded = set(wanted)
        return lambda record: (text := get(record)) is None or key(text) not in excluded
    passes = _comparison(operator, wanted)

    def test(record: Record) -> bool:
        text = get(record)
        value = None if text is None else key(text)
        return value is not None and passes(value)

    return test


def _comparison(operator: str, keys: list[Any]) -> Callable[[Any], bool]:
    first, last = keys[0], keys[-1]
    match operator:
        case "LT":
            return lambda value: bool(value < first)
        case "LTE":
            return lambda value: bool(value <= first)
        case "GT":
            return lambda value: bool(value > first)
        case "GTE":
            return lambda value: bool(value >= first)
        case "BETWEEN":
            return lambda value: bool(first <= value <= last)
        case _:
            wanted = set(keys)
            return lambda value: value in wanted


_WORD = re.compile(r"[^\s@.,;:/_+-]+")


def _token_test(get: Callable[[Record], str | None], text: str, *, inside: bool) -> Test:
    """Match whole words; ``*`` at either end stands for the rest of a word."""
    words = [word for word in re.split(r"[\s@.,;:/_+-]+", text.lower()) if word]
    patterns = [re.compile(re.escape(word).replace(r"\*", ".*")) for word in words]

    def test(record: Record) -> bool:
        tokens = _WORD.findall((get(record) or "").lower())
        found = all(any(pattern.fullmatch(token) for token in tokens) for pattern in patterns)
        return (found and bool(patterns)) == inside

    return test
