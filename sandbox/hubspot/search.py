"""Search: matching on the stale index, answering with fresh records."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.digits import is_whole
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.record import Record
from sandbox.hubspot.rendering import Projection
from sandbox.hubspot.search_filters import (
    FILTER,
    Condition,
    compile_condition,
    key_of,
    read_groups,
)
from sandbox.hubspot.shapes import each, members, text, whole
from sandbox.hubspot.store import ObjectStore

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

PAGE, RESULTS, BODY = 200, 10_000, 3_000
"""Most results of a page and of a query, and characters of a body."""

_FAR = 2**62


_SORT = members("propertyName", propertyName=text, direction=text)


def _sort_rule(value: Any) -> None:
    """Take a property's name, or an object with it and a direction."""
    if not isinstance(value, str):
        _SORT(value)


_REQUEST = members(
    query=text,
    limit=whole,
    after=text,
    properties=each(text),
    sorts=each(_sort_rule),
    filters=each(FILTER),
    filterGroups=each(members(filters=each(FILTER))),
)


def search(portal: "Portal", call: Call) -> Answer:
    store = portal.store_of(call.params["type"])
    if len(call.request.body.decode(errors="replace")) > BODY:
        raise invalid(f"The request body is longer than {BODY} characters")
    body = call.body(_REQUEST)
    limit, after = _limit(body), _after(body)
    if after + limit > RESULTS:
        raise invalid(f"Paging past {RESULTS} results of a query is not supported")
    groups = [_conditions(portal, store, group) for group in read_groups(body)]
    found = list(_matches(portal, store, groups, str(body.get("query") or "")))
    _sort(portal, store, found, body.get("sorts"))
    if portal.options.short_pages and limit > 1:
        limit -= portal.rng.randint(0, limit // 2)
    projection = Projection(portal, store, map(str, body.get("properties") or ()))
    results = [
        projection.render(record)
        for number in (view.number for view in found[after : after + limit])
        if (record := store.live(str(number)))
    ]
    answer: dict[str, Any] = {"total": len(found), "results": results}
    if limit and after + limit < len(found):
        answer["paging"] = {"next": {"after": str(after + limit)}}
    return Answer(200, answer)


def _limit(body: Mapping[str, Any]) -> int:
    limit = 10 if body.get("limit") is None else int(body["limit"])
    if not 0 <= limit <= PAGE:
        raise invalid(f"limit must be at most {PAGE}, but was {limit}")
    return limit


def _after(body: Mapping[str, Any]) -> int:
    """Return how many results to pass over: HubSpot's cursor is that number as a text."""
    text = str(body.get("after") or 0)
    if not is_whole(text):
        raise invalid(f"after was not a number: {text}")
    return int(text)


def _conditions(
    portal: "Portal", store: ObjectStore, group: Iterable[Mapping[str, Any]]
) -> list[Condition]:
    return [_condition(portal, store, item) for item in group]


def _condition(portal: "Portal", store: ObjectStore, item: Mapping[str, Any]) -> Condition:
    name = str(item.get("propertyName", ""))
    if name.startswith("associations."):
        return _associated(portal, store, name, item)
    definition = portal.schemas[store.type.id].known(name, portal.now_ms())
    if definition is None and name not in store.derived:
        raise invalid(f"There was a problem with the request: property {name} does not exist")
    as_text = portal.options.object_id_sorts_as_text
    return compile_condition(item, store, key_of(definition, name, ids_as_text=as_text))


def _associated(
    portal: "Portal", store: ObjectStore, name: str, item: Mapping[str, Any]
) -> Condition:
    """The pseudo-property ``associations.{type}``: records linked with one of these ids."""
    other = portal.store_of(name.partition(".")[2])
    if item["operator"] not in {"EQ", "IN"}:
        raise invalid(f"operator {item['operator']} is not supported for {name}")
    wanted = set(map(str, item.get("values") or [item.get("value")]))

    def test(record: Record) -> bool:
        links = portal.associations.of((store.type.id, record.id), other.type.id)
        return any(id in wanted for id, _ in links)

    return Condition(name, "ASSOCIATED", (), str, test)


def _matches(
    portal: "Portal", store: ObjectStore, groups: list[list[Condition]], query: str
) -> Iterator[Record]:
    """Yield the index's view of every record that passes, each once."""
    portal.index.settle(portal.now_ms())
    words = query.lower().split()
    getters = [store.getter(name) for name in store.type.searchable]
    passes = _any_group(groups)
    is_stale = portal.index.is_stale
    for record in _candidates(store, groups):
        if is_stale(store.type.id, record.number):
            continue
        if passes(record) and _has_words(record, words, getters):
            yield record
    for _, view in portal.index.stale(store.type.id):
        if view is None or view.archived_at is not None:
            continue
        if passes(view) and _has_words(view, words, getters):
            yield view


def _any_group(groups: list[list[Condition]]) -> Callable[[Record], bool]:
    tests = [[condition.test for condition in group] for group in groups]
    if not tests:
        return lambda _record: True
    if len(tests) == 1:
        alone = tests[0]
        return lambda record: all(test(record) for test in alone)
    return lambda record: any(all(test(record) for test in group) for group in tests)


def _has_words(
    record: Record, words: list[str], getters: list[Callable[[Record], str | None]]
) -> bool:
    if not words:
        return True
    texts = [(get(record) or "").lower() for get in getters]
    return all(any(word in text for text in texts) for word in words)


def _candidates(store: ObjectStore, groups: list[list[Condition]]) -> Iterator[Record]:
    """Yield live records that may pass: all of them, or those an index of ours leads to."""
    if not groups:
        yield from store.all_live()
        return
    numbers: set[int] = set()
    for group in groups:
        ways = [way for condition in group if (way := _way(store, condition))]
        if not ways:
            yield from store.all_live()
            return
        _, fetch = min(ways, key=lambda way: way[0])
        numbers.update(fetch())
    for number in numbers:
        record = store.live(str(number))
        if record:
            yield record


Way = tuple[int, Callable[[], Iterable[int]]]
"""How many records a condition leads to, and their numbers."""


def _way(store: ObjectStore, condition: Condition) -> Way | None:
    name = condition.name
    if condition.operator in {"EQ", "IN"} and (name == "hs_object_id" or name in store.unique):
        return len(condition.values), lambda: _by_value(store, condition)
    if condition.key is str or condition.operator not in {
        "GT",
        "GTE",
        "EQ",
        "LT",
        "LTE",
        "BETWEEN",
    }:
        return None
    keys = [condition.key(value) for value in condition.values]
    if name == store.type.modified:
        low, high = _bounds(condition.operator, keys)
        return store.changes.count(low, high), lambda: store.changes.between(low, high)
    if name == "hs_object_id" and condition.operator in {"GT", "GTE"}:
        start = bisect_right(store.numbers, int(keys[0]) - (condition.operator == "GTE"))
        return len(store.numbers) - start, lambda: store.numbers[start:]
    return None


def _bounds(operator: str, keys: list[int]) -> tuple[int, int]:
    match operator:
        case "GT" | "GTE":
            return keys[0], _FAR
        case "LT" | "LTE":
            return -_FAR, keys[0]
        case _:
            return keys[0], keys[-1]


def _by_value(store: ObjectStore, condition: Condition) -> Iterator[int]:
    for value in condition.values:
        if condition.name == "hs_object_id":
            if is_whole(value):
                yield int(value)
        else:
            found = store.unique[condition.name].get(value.strip().lower())
            if found:
                yield int(found)


def _sort(portal: "Portal", store: ObjectStore, found: list[Record], sorts: Any) -> None:
    """Sort in place: by the one rule, else oldest first; ties by id."""
    found.sort(key=lambda record: (record.created, record.number))
    if not sorts:
        return
    if len(sorts) > 1:
        raise invalid("Only one sort is supported")
    rule = sorts[0]
    if isinstance(rule, str):
        name, descending = rule.removeprefix("-"), rule.startswith("-")
    else:
        name = str(rule.get("propertyName", ""))
        descending = str(rule.get("direction", "ASCENDING")).upper().startswith("DESC")
    definition = portal.schemas[store.type.id].known(name, portal.now_ms())
    if definition is None and name not in store.derived:
        raise invalid(f"There was a problem with the request: property {name} does not exist")
    as_text = portal.options.object_id_sorts_as_text
    key, get = key_of(definition, name, ids_as_text=as_text), store.getter(name)

    def rank(record: Record) -> tuple[bool, Any]:
        """Unset values come last, either way."""
        text = get(record)
        value = None if text is None else key(text)
        return (value is None) != descending, value if value is not None else 0

    found.sort(key=rank, reverse=descending)
