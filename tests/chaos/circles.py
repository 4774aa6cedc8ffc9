"""Who has to do with whom."""

from collections.abc import Iterable


class Circles:
    """Names in groups; names that are joined are in one."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the one name that stands for the group."""
        path = []
        while (above := self._above.setdefault(name, name)) != name:
            path.append(name)
            name = above
        for each in path:
            self._above[each] = name
        return name

    def join(self, names: Iterable[str]) -> None:
        """Put names into one group, with all that were in theirs."""
        first: str | None = None
        for name in names:
            if first is None:
                first = self.of(name)
            else:
                self._above[self.of(name)] = first
