"""The queue between producers and workers: holds what was published until a test delivers it."""

import json
from collections import deque
from collections.abc import Sequence
from typing import Literal, NamedTuple

from schemas.settings import Lane


class Message(NamedTuple):
    """One task's call, as it would lie on a lane's queue."""

    task: Literal["sync", "enumerate"]
    run_id: str
    keys: tuple[str, ...]
    lane: Lane

    @property
    def body(self) -> str:
        """What the broker would hold of it."""
        return json.dumps([self.run_id, self.keys])


class Post:
    """A publisher that remembers all it was given; ``waiting`` is what nobody has taken yet."""

    def __init__(self) -> None:
        self.published: list[Message] = []
        self.waiting: deque[Message] = deque()

    def sync(self, run_id: str, keys: Sequence[str], *, lane: Lane) -> None:
        self._add(Message("sync", run_id, tuple(keys), lane))

    def enumerate(self, run_id: str) -> None:
        self._add(Message("enumerate", run_id, (), Lane.UPKEEP))

    def emptied(self) -> bool:
        """Say no: what was lost is found by its age."""
        return False

    def lose(self) -> None:
        """Forget every message, as a broker does that comes back empty."""
        self.waiting.clear()

    def _add(self, message: Message) -> None:
        self.published.append(message)
        self.waiting.append(message)
