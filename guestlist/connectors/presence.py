"""Which of our processes were heard of lately: each leaves the time of day in Redis now and then.

By the clock of Redis, so that clocks which differ do no harm.  Whoever was killed stays for an
hour; the last one of a kind stays for good, since its silence is what one wants to hear of.
"""

import contextlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import redis

from schemas.settings import Settings

EVERY_S = 10.0
"""How often a process says that it is there."""
FRESH_S = 3 * EVERY_S
"""Whoever was not heard of for longer is not counted among those who are there."""
FORGOTTEN_S = 3600.0
_TIMEOUT_S = 2.0


class Kind(StrEnum):
    """The processes whose silence stops the sync."""

    WORKER = "worker"
    BEAT = "beat"


class Heard(NamedTuple):
    """What is known of one kind of process."""

    ages: Mapping[str, float]
    """Node -> seconds since it was heard of."""

    @property
    def age(self) -> float | None:
        """Seconds since any of them was heard of; ``None``: none ever was."""
        return min(self.ages.values(), default=None)

    @property
    def present(self) -> int:
        return sum(age <= FRESH_S for age in self.ages.values())


class Presence:
    """Notes and reads who is there; without a Redis that all share nobody knows."""

    def __init__(self, client: "redis.Redis | None") -> None:
        self._client = client

    def note(self, kind: Kind, node: str) -> None:
        """Say that *node* is there; a Redis that does not answer is told next time."""
        if self._client is None:
            return
        with contextlib.suppress(redis.RedisError):
            self._note(self._client, kind, node)

    def heard(self, kind: Kind) -> Heard | None:
        """Return who was heard of; ``None``: nobody can know, or Redis does not answer."""
        if self._client is None:
            return None
        try:
            now = self._now(self._client)
            found: Any = self._client.hgetall(_key(kind))
        except redis.RedisError:
            return None
        return Heard({node.decode(): max(0.0, now - float(at)) for node, at in found.items()})

    def _note(self, client: "redis.Redis", kind: Kind, node: str) -> None:
        now = self._now(client)
        found: Any = client.hgetall(_key(kind))
        old = [name for name, at in found.items() if now - float(at) > FORGOTTEN_S]
        client.hset(_key(kind), node, repr(now))
        if others := [name for name in old if name.decode() != node]:
            client.hdel(_key(kind), *others)

    def _now(self, client: "redis.Redis") -> float:
        seconds, microseconds = client.time()
        return float(seconds) + microseconds / 1_000_000


def open_presence(settings: Settings) -> Presence:
    """Return the presence that all processes of these settings share."""
    if settings.limits_url is None:
        return Presence(None)
    client = redis.Redis.from_url(
        settings.limits_url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
    )
    return Presence(client)


def _key(kind: Kind) -> str:
    return f"guestlist:presence:{kind.value}"
