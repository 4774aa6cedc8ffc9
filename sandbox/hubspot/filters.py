"""A list's filterBranch, checked and compiled to one predicate: an OR of ANDs of filters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sandbox.hubspot import filter_shape, operators, time_operators
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.instants import parse
from sandbox.hubspot.operators import EVER, NEVER, Operation, base_operator, kind_of
from sandbox.hubspot.record import Record
from sandbox.hubspot.shapes import not_set
from sandbox.hubspot.store import ObjectStore

Predicate = Callable[[Record, int], bool]
"""Does a record pass, at a time in milliseconds?"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a filter may refer to."""

    store: ObjectStore
    knows: Callable[[str], bool]
    """Is this a property of the object type?"""
    zone: tzinfo
    is_member: Callable[[str, int], bool]
    """Is the record with this number in that list?"""
    list_exists: Callable[[str], bool]
    """Is there a list of the same object type with that id?"""


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled definition and what its truth depends on."""

    passes: Predicate
    names: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    timed: bool = False
    """True when the answer may change while nothing is written."""


def compile_branch(branch: Any, scope: Scope) -> Filter:
    """Return the predicate of a whole definition, or raise the 400 for what it can not be."""
    filter_shape.check(branch)
    _check_shape(branch, "OR")
    children = branch.get("filterBranches") or []
    if branch.get("filters") or not children:
        raise invalid("Root OR filter branch must have at least one sub-branch and no filters")
    return _any_of([_and_branch(child, scope) for child in children])


def _check_shape(branch: Any, wanted: str) -> None:
    kind = branch.get("filterBranchType")
    if kind != wanted:
        raise invalid(f"Filter branch of type {kind} where {wanted} is expected")


def _and_branch(branch: Any, scope: Scope) -> Filter:
    _check_shape(branch, "AND")
    if branch.get("filterBranches"):
        kind = branch["filterBranches"][0].get("filterBranchType")
        raise invalid(f"Filter branch type {kind} is not supported")
    return _all_of([_filter(item, scope) for item in branch.get("filters") or []])


def _all_of(parts: Sequence[Filter]) -> Filter:
    tests = tuple(part.passes for part in parts)
    if len(tests) == 1:
        return parts[0]
    return _joined(parts, lambda record, now: all(test(record, now) for test in tests))


def _any_of(parts: Sequence[Filter]) -> Filter:
    tests = tuple(part.passes for part in parts)
    if len(tests) == 1:
        return parts[0]
    return _joined(parts, lambda record, now: any(test(record, now) for test in tests))


def _joined(parts: Sequence[Filter], passes: Predicate) -> Filter:
    return Filter(
        passes,
        names=frozenset().union(*(part.names for part in parts)),
        lists=frozenset().union(*(part.lists for part in parts)),
        timed=any(part.timed for part in parts),
    )


def _filter(item: Any, scope: Scope) -> Filter:
    kind = str(item["filterType"]).upper()
    match kind:
        case "PROPERTY":
            return _property(item, scope)
        case "IN_LIST":
            return _in_list(item, scope)
        case "CONSTANT":
            accept = item.get("shouldAccept", True) in (True, "true")
            return Filter(lambda _record, _now: accept)
        case _:
            raise invalid(f"Filter type {kind} is not supported")


def _in_list(item: Mapping[str, Any], scope: Scope) -> Filter:
    _demand(item, "listId", "operator")
    list_id, operator = str(item["listId"]), str(item["operator"]).upper()
    if not scope.list_exists(list_id):
        raise invalid(f"IN_LIST filter refers to list {list_id}: there is none of this object type")
    if operator not in {"IN_LIST", "NOT_IN_LIST"}:
        raise invalid(f"Operator {operator} is not supported for filter type IN_LIST")
    inside = operator == "IN_LIST"
    is_member = scope.is_member
    return Filter(
        lambda record, _now: is_member(list_id, record.number) == inside,
        lists=frozenset({list_id}),
    )


def _property(item: Mapping[str, Any], scope: Scope) -> Filter:
    _demand(item, "property", "operation")
    name, operation = str(item["property"]), item["operation"]
    _demand_known(name, scope)
    kind, operator = kind_of(operation), str(operation["operator"])
    blank = operation.get("includeObjectsWithNoValueSet") in (True, "true")
    if kind == "ALL_PROPERTY":
        return _known(name, operator, scope)
    if kind.startswith("COMPARATIVE_"):
        return _comparative(name, operation, scope, blank=blank)
    if kind in time_operators.OPERATORS:
        return _timed(name, operation, scope, blank=blank)
    test = operators.test_of(operation)
    if operator.startswith((EVER, NEVER)):
        return _historic(name, test, ever=operator.startswith(EVER), blank=blank)
    get = scope.store.getter(name)

    def passes(record: Record, _now: int) -> bool:
        value = get(record)
        return blank if value is None else test(value)

    return Filter(passes, names=frozenset({name}))


def _demand(item: Mapping[str, Any], *names: str) -> None:
    if missing := [name for name in names if item.get(name) is None]:
        raise not_set(*missing)


def _demand_known(name: str, scope: Scope) -> None:
    if not scope.knows(name):
        raise invalid(f"The following properties did not exist for the object: {name}")


def _known(name: str, operator: str, scope: Scope) -> Filter:
    get = scope.store.getter(name)
    match operator:
        case "IS_KNOWN" | "IS_NOT_BLANK":
            return Filter(lambda record, _now: get(record) is not None, names=frozenset({name}))
        case "IS_UNKNOWN" | "IS_BLANK":
            return Filter(lambda record, _now: get(record) is None, names=frozenset({name}))
        case _:
            raise invalid(f"Operator {operator} is not supported for operation type ALL_PROPERTY")


def _historic(name: str, test: operators.Test, *, ever: bool, blank: bool) -> Filter:
    """Ask every version a property ever had; one that never had any passes by *blank*."""

    def passes(record: Record, _now: int) -> bool:
        values = [version.value for version in record.versions(name) if version.value is not None]
        if not values:
            return blank
        return any(map(test, values)) == ever

    return Filter(passes, names=frozenset({name}))


def _updated_at(record: Record, name: str) -> int | None:
    """Return when a property last changed."""
    versions = record.versions(name)
    return versions[-1].ms if versions else None


def _timed(name: str, operation: Operation, scope: Scope, *, blank: bool) -> Filter:
    test = time_operators.time_test_of(operation, scope.zone)
    kind = kind_of(operation)
    get = scope.store.getter(name)
    by_update = kind == "ROLLING_PROPERTY_UPDATED"
    by_update = by_update or str(operation.get("propertyParser", "")).upper() == "UPDATED_AT"

    def passes(record: Record, now: int) -> bool:
        value = get(record)
        ms = _updated_at(record, name) if by_update else parse(value) if value else None
        return blank if ms is None else test(ms, now)

    timed = kind not in time_operators.FIXED
    return Filter(passes, names=frozenset({name}), timed=timed)


def _comparative(name: str, operation: Operation, scope: Scope, *, blank: bool) -> Filter:
    """Compare with another property of the record: as instants, update times, or texts."""
    kind, operator = kind_of(operation), base_operator(str(operation.get("operator") or ""))
    _demand(operation, "comparisonPropertyName")
    other = str(operation["comparisonPropertyName"])
    _demand_known(other, scope)
    both = frozenset({name, other})
    store = scope.store
    if kind == "COMPARATIVE_STRING":
        same = operator != "IS_NOT_EQUAL_TO"
        return Filter(_compare_texts(store, name, other, same=same, blank=blank), names=both)
    if operator not in {"IS_BEFORE", "IS_AFTER"}:
        raise invalid(f"Operator {operator} is not supported for operation type {kind}")
    read = _updated_at if kind == "COMPARATIVE_PROPERTY_UPDATED" else _instant_of(store)

    def passes(record: Record, _now: int) -> bool:
        first, second = read(record, name), read(record, other)
        if first is None or second is None:
            return blank
        return first < second if operator == "IS_BEFORE" else first > second

    return Filter(passes, names=both)


def _instant_of(store: ObjectStore) -> Callable[[Record, str], int | None]:
    def read(record: Record, name: str) -> int | None:
        value = store.value(record, name)
        return parse(value) if value else None

    return read


def _compare_texts(
    store: ObjectStore, name: str, other: str, *, same: bool, blank: bool
) -> Predicate:
    def passes(record: Record, _now: int) -> bool:
        first, second = store.value(record, name), store.value(record, other)
        if first is None or second is None:
            return blank
        return (first.lower() == second.lower()) == same

    return passes
