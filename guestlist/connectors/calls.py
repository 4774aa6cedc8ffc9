"""How many calls were made, by kind: what a run cost, and what a process spent."""

import threading
from collections import Counter
from collections.abc import Mapping


class Calls:
    """Counts from several threads; what a part counts, the whole counts too."""

    def __init__(self, whole: "Calls | None" = None) -> None:
        self._whole = whole
        self._lock = threading.Lock()
        self._by_kind: Counter[str] = Counter()

    def add(self, kind: str) -> None:
        with self._lock:
            self._by_kind[kind] += 1
        if self._whole:
            self._whole.add(kind)

    def by_kind(self) -> Mapping[str, int]:
        with self._lock:
            return dict(self._by_kind)

    @property
    def total(self) -> int:
        with self._lock:
            return self._by_kind.total()
