"""Which records a condition can possibly match, found through indexes."""

from collections.abc import Iterable

from sandbox.salesforce.dates import read_instant, stamp
from sandbox.salesforce.paths import Resolver
from sandbox.salesforce.record import Record
from sandbox.salesforce.soql_tree import And, Comparison, Condition, In, Or, Path

_STAMPED = frozenset({"SystemModstamp", "LastModifiedDate"})
Found = dict[int, Record]


def candidates(resolver: Resolver, condition: Condition | None) -> Iterable[Record]:
    """Return a superset of the live records that match, as small as the indexes allow."""
    found = _found(resolver, condition) if condition else None
    return list(resolver.table.rows.values()) if found is None else found.values()


def _found(resolver: Resolver, condition: Condition) -> Found | None:
    """Return None when no index helps."""
    match condition:
        case And(conditions):
            narrowed = [_found(resolver, inner) for inner in conditions]
            return min((found for found in narrowed if found is not None), key=len, default=None)
        case Or(conditions):
            union: Found = {}
            for inner in conditions:
                found = _found(resolver, inner)
                if found is None:
                    return None
                union |= found
            return union
        case In(path, values, negated=False):
            strings = values if isinstance(values, list) else [value.value for value in values]
            return _holding(resolver, path, strings)
        case Comparison(path, "=", value) if value.kind == "string":
            return _holding(resolver, path, [value.value])
        case Comparison(path, ">" | ">=" | "=", value) if value.kind == "datetime":
            return _stamped(resolver, path, value.value)
        case _:
            return None


def _holding(resolver: Resolver, path: Path, values: Iterable[object]) -> Found | None:
    table = resolver.table
    name = table.names.get(path.text.lower())
    found: Found = {}
    if name == "Id":
        for value in values:
            if isinstance(value, str) and (record := table.find(value)):
                found[id(record)] = record
        return found
    index = table.lookups.get(name) if name else None
    if index is None:
        return None
    for value in values:
        if value is None:
            return None
        for record in index.get(str(value).lower(), ()):
            found[id(record)] = record
    return found


def _stamped(resolver: Resolver, path: Path, text: str) -> Found | None:
    table = resolver.table
    moment = read_instant(text)
    if table.names.get(path.text.lower()) not in _STAMPED or moment is None:
        return None
    return {id(record): record for record in table.stamped_since(stamp(moment))}
