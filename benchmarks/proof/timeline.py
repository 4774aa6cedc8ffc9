"""When each contact was in the list, from the journal: by its filter, and as last evaluated."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


class Timeline:
    """A yes or no over time: as it began, and each change of it."""

    def __init__(self, *, began: bool) -> None:
        self._at: list[float] = []
        self._values = [began]

    def turn(self, at: float, *, to: bool) -> None:
        """Note the value from then on; times do not go back."""
        if to is not self._values[-1]:
            self._at.append(at)
            self._values.append(to)

    def ever(self) -> bool:
        return any(self._values)

    def at(self, moment: float) -> bool:
        return self._values[bisect_right(self._at, moment)]

    def within(self, start: float, end: float) -> bool:
        """Tell whether it was ever true from *start* to *end*, both included."""
        first, last = bisect_right(self._at, start), bisect_right(self._at, end)
        return any(self._values[first : last + 1])


class Lists:
    """Everybody's membership in one list."""

    def __init__(
        self, journal: Sequence[Row], *, list_id: str, before: frozenset[str], lag_s: float
    ) -> None:
        """Read *journal*, oldest first; *before*: who was in when it began.

        The list as evaluated follows its filter after *lag_s*.
        """
        self._before = before
        self._true: dict[str, Timeline] = {}
        self._evaluated: dict[str, Timeline] = {}
        for entry in journal:
            if entry["crm"] == "hubspot" and list_id in entry["lists"]:
                key, inside = entry["contact_id"], entry["lists"][list_id]["by_filter"]
                self.by_filter(key).turn(entry["at"], to=inside)
                self.as_evaluated(key).turn(entry["at"] + lag_s, to=inside)

    def by_filter(self, key: str) -> Timeline:
        return self._true.setdefault(key, Timeline(began=key in self._before))

    def as_evaluated(self, key: str) -> Timeline:
        return self._evaluated.setdefault(key, Timeline(began=key in self._before))
