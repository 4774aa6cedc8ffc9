"""The members of one list, in record order and in order of joining."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from typing import Any


class Members:
    """Record numbers with the millisecond of joining; both orders are kept sorted."""

    def __init__(self) -> None:
        self.joined: dict[int, int] = {}
        self.first: dict[int, int] = {}
        """First joining of those who joined more than once or have left."""
        self._numbers: list[int] = []
        self._joins: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.joined)

    def __contains__(self, number: int) -> bool:
        return number in self.joined

    @property
    def last_joined(self) -> int | None:
        return self._joins[-1][0] if self._joins else None

    def add(self, number: int, ms: int) -> bool:
        """Let a record in; say whether it was outside."""
        if number in self.joined:
            return False
        self.joined[number] = ms
        _insert(self._numbers, number)
        _insert(self._joins, (ms, number))
        return True

    def remove(self, number: int) -> bool:
        """Put a record out; say whether it was inside."""
        ms = self.joined.pop(number, None)
        if ms is None:
            return False
        self.first.setdefault(number, ms)
        del self._numbers[bisect_left(self._numbers, number)]
        del self._joins[bisect_left(self._joins, (ms, number))]
        return True

    def become(self, numbers: set[int], ms: int) -> None:
        """Make *numbers* the members; those already inside keep their time of joining."""
        for number in self.joined.keys() - numbers:
            self.first.setdefault(number, self.joined.pop(number))
        for number in numbers - self.joined.keys():
            self.joined[number] = ms
        self._sort()

    def _sort(self) -> None:
        self._numbers = sorted(self.joined)
        self._joins = sorted((ms, number) for number, ms in self.joined.items())

    def first_joined(self, number: int) -> int:
        """Return when the record was let in for the first time."""
        return self.first.get(number, self.joined[number])

    def by_number(self, *, after: int | None, before: int | None, limit: int) -> "Page":
        """Return a page in record order."""
        return _page(self._numbers, after=after, before=before, limit=limit)

    def by_join(
        self, *, after: tuple[int, int] | None, before: tuple[int, int] | None, limit: int
    ) -> "Page":
        """Return a page in order of joining."""
        return _page(self._joins, after=after, before=before, limit=limit)

    def to_json(self) -> dict[str, Any]:
        return {"joined": list(self.joined.items()), "first": list(self.first.items())}

    def restore(self, body: Mapping[str, Iterable[tuple[int, int]]]) -> None:
        self.joined = dict(body["joined"])
        self.first = dict(body["first"])
        self._sort()


class Page:
    """Keys of one page and whether there are others on either side."""

    __slots__ = ("has_next", "has_previous", "keys")

    def __init__(self, keys: list[Any], *, has_previous: bool, has_next: bool) -> None:
        self.keys = keys
        self.has_previous = has_previous
        self.has_next = has_next


def _insert(ordered: list[Any], key: Any) -> None:
    if not ordered or key > ordered[-1]:
        ordered.append(key)
    else:
        insort(ordered, key)


def _page(ordered: list[Any], *, after: Any, before: Any, limit: int) -> Page:
    if before is not None:
        stop = bisect_left(ordered, before)
        start = max(0, stop - limit)
    else:
        start = 0 if after is None else bisect_right(ordered, after)
        stop = min(len(ordered), start + limit)
    return Page(ordered[start:stop], has_previous=start > 0, has_next=stop < len(ordered))
