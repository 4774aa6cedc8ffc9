"""Turn a parsed condition into a function of a record's values, with SOQL's own comparisons."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from sandbox.salesforce.dates import read_day, read_instant, stamp
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ids import full
from sandbox.salesforce.paths import Getter, Resolved, Resolver
from sandbox.salesforce.record import Values
from sandbox.salesforce.schema.field import NUMBER_TYPES
from sandbox.salesforce.soql_dates import named_days
from sandbox.salesforce.soql_lexer import soql_error
from sandbox.salesforce.soql_like import like
from sandbox.salesforce.soql_tree import And, Comparison, Condition, In, Not, Or, Path, Value

Predicate = Callable[[Values], bool]
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Z]{3})?", re.ASCII)


class Compiler:
    """Compiles the conditions of one query; *today* fixes the meaning of date words."""

    def __init__(self, resolver: Resolver, today: date) -> None:
        self.resolver = resolver
        self.today = today

    def compile(self, condition: Condition) -> Predicate:
        """Return the test of *condition*."""
        match condition:
            case And(conditions):
                tests = [self.compile(inner) for inner in conditions]
                return lambda values: all(test(values) for test in tests)
            case Or(conditions):
                tests = [self.compile(inner) for inner in conditions]
                return lambda values: any(test(values) for test in tests)
            case Not(inner):
                test = self.compile(inner)
                return lambda values: not test(values)
            case In():
                return self._in(condition)
            case Comparison():
                return self._comparison(condition)

    def _field(self, path: Path) -> Resolved:
        resolved = self.resolver.resolve(path)
        if not resolved.spec.filterable:
            message = f"field '{path.text}' can not be filtered in a query call"
            raise self._invalid(path.start, message)
        return resolved

    def _invalid(self, start: int, message: str) -> SalesforceError:
        return soql_error(self.resolver.text, start, message, code="INVALID_FIELD")

    def _in(self, condition: In) -> Predicate:
        field = self._field(condition.path)
        values = condition.values
        if isinstance(values, list) and field.spec.type in ("id", "reference"):
            wanted: set[Any] = {self._id15(value, condition.path) for value in values}
            return _member(_id_getter(field.get), wanted, negated=condition.negated)
        if isinstance(values, list) and _textual(field):
            wanted = {value.lower() for value in values}
            return _member(_folded(field.get), wanted, negated=condition.negated)
        tests = [self._equals(field, condition.path, value) for value in self._listed(condition)]
        if condition.negated:
            return lambda record: not any(test(record) for test in tests)
        return lambda record: any(test(record) for test in tests)

    def _listed(self, condition: In) -> list[Value]:
        values = condition.values
        if isinstance(values, list):
            return [Value("string", value, condition.path.start) for value in values]
        return list(values)

    def _equals(self, field: Resolved, path: Path, value: Value) -> Predicate:
        return self._compare(field, Comparison(path, "=", value))

    def _comparison(self, condition: Comparison) -> Predicate:
        return self._compare(self._field(condition.path), condition)

    def _compare(self, field: Resolved, condition: Comparison) -> Predicate:
        value, operator, get = condition.value, condition.operator, field.get
        if value.kind == "null":
            return self._null(condition, get)
        kind = field.spec.type
        if kind == "address":
            raise self._operator(condition)
        if operator == "LIKE":
            return self._like(field, condition)
        if kind in ("id", "reference"):
            self._expect(condition, "string", "ID", quoted=True)
            wanted = self._id15(value.value, condition.path)
            return _ordered(_id_getter(get), operator, wanted)
        if kind == "boolean":
            return self._boolean(condition, get)
        if kind in NUMBER_TYPES:
            self._expect(condition, "number", kind, quoted=False)
            return _ordered(get, operator, value.value)
        if kind in ("date", "datetime"):
            return _within(get, operator, *self._range(condition, kind))
        self._expect(condition, "string", "string", quoted=True)
        return _ordered(_folded(get), operator, value.value.lower())

    def _expect(self, condition: Comparison, kind: str, name: str, *, quoted: bool) -> None:
        if condition.value.kind == kind:
            return
        should = "should" if quoted else "should not"
        message = (
            f"value of filter criterion for field '{condition.path.text}' must be of type {name} "
            f"and {should} be enclosed in quotes"
        )
        raise self._invalid(condition.path.start, message)

    def _null(self, condition: Comparison, get: Getter) -> Predicate:
        match condition.operator:
            case "=":
                return lambda values: get(values) is None
            case "!=":
                return lambda values: get(values) is not None
            case _:
                raise self._operator(condition)

    def _operator(self, condition: Comparison) -> SalesforceError:
        message = f"invalid operator {condition.operator} for field '{condition.path.text}'"
        code = "INVALID_QUERY_FILTER_OPERATOR"
        return soql_error(self.resolver.text, condition.path.start, message, code=code)

    def _boolean(self, condition: Comparison, get: Getter) -> Predicate:
        self._expect(condition, "boolean", "boolean", quoted=False)
        wanted = condition.value.value
        match condition.operator:
            case "=":
                return lambda values: bool(get(values)) is wanted
            case "!=":
                return lambda values: bool(get(values)) is not wanted
            case _:
                raise self._operator(condition)

    def _like(self, field: Resolved, condition: Comparison) -> Predicate:
        if not _textual(field):
            raise self._operator(condition)
        pattern = like(condition.value.value)
        get = field.get

        def test(values: Values) -> bool:
            value = get(values)
            return value is not None and pattern.fullmatch(value) is not None

        return test

    def _id15(self, value: str, path: Path) -> str:
        if not _ID.fullmatch(value) or (len(value) == 18 and full(value) is None):
            message = f"invalid ID field: {value}"
            code = "INVALID_QUERY_FILTER_OPERATOR"
            raise soql_error(self.resolver.text, path.start, message, code=code)
        return value[:15]

    def _range(self, condition: Comparison, kind: str) -> tuple[str, str]:
        """Return the half-open range a date literal stands for, in the stored form."""
        value = condition.value
        if value.kind == "word":
            word, count = value.value
            days = named_days(word, count, self.today)
            if days is None:
                raise soql_error(
                    self.resolver.text, value.start, f"unexpected token: '{value.value[0]}'"
                )
            first, after = (day.isoformat() for day in days)
            end = "T00:00:00.000+0000" if kind == "datetime" else ""
            return first + end, after + end
        self._expect(condition, kind, "dateTime" if kind == "datetime" else kind, quoted=False)
        bounds = _day(value.value) if kind == "date" else _second(value.value)
        if bounds is None:
            raise soql_error(self.resolver.text, value.start, f"Invalid date: {value.value}")
        return bounds


def _textual(field: Resolved) -> bool:
    return field.spec.soap_type == "xsd:string"


def _day(text: str) -> tuple[str, str] | None:
    day = read_day(text)
    return (text, text + "~") if day else None


def _second(text: str) -> tuple[str, str] | None:
    """Return one whole second: SOQL compares datetimes without their milliseconds."""
    moment = read_instant(text)
    if moment is None:
        return None
    at = stamp(moment)
    return at, at + "~"


def _within(get: Getter, operator: str, first: str, after: str) -> Predicate:
    """Compare with a range: the stored forms sort as text."""
    tests: dict[str, Callable[[str], bool]] = {
        "=": lambda value: first <= value < after,
        "!=": lambda value: not first <= value < after,
        "<": lambda value: value < first,
        "<=": lambda value: value < after,
        ">": lambda value: value >= after,
        ">=": lambda value: value >= first,
    }
    test, absent = tests[operator], operator == "!="

    def check(values: Values) -> bool:
        value = get(values)
        return absent if value is None else test(value)

    return check


def _ordered(get: Getter, operator: str, wanted: Any) -> Predicate:
    match operator:
        case "=":
            return lambda values: get(values) == wanted
        case "!=":
            return lambda values: get(values) != wanted
        case "<":
            return lambda values: (value := get(values)) is not None and value < wanted
        case "<=":
            return lambda values: (value := get(values)) is not None and value <= wanted
        case ">":
            return lambda values: (value := get(values)) is not None and value > wanted
        case _:
            return lambda values: (value := get(values)) is not None and value >= wanted


def _member(get: Getter, wanted: set[Any], *, negated: bool) -> Predicate:
    if negated:
        return lambda values: get(values) not in wanted
    return lambda values: get(values) in wanted


def _folded(get: Getter) -> Getter:
    def folded(values: Values) -> str | None:
        value = get(values)
        return value.lower() if value is not None else None

    return folded


def _id_getter(get: Getter) -> Getter:
    def id15(values: Values) -> str | None:
        value = get(values)
        return value[:15] if value is not None else None

    return id15
