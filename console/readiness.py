"""What ``/healthz``, ``/readyz`` and ``guestlist health`` say: is it alive, could it work."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from console.exits import Exit, tell
from guestlist.store.database import Database
from guestlist.store.schema import versions
from worker.settings import Loaded

ANSWER_S = 2.0


class Unready(NamedTuple):
    """One thing that does not answer as it should; no address is in it."""

    said: str
    code: Exit


def live() -> dict[str, Any]:
    """Say that this process answers; nothing else is asked, a restart would mend nothing else."""
    return {"status": "ok"}


def unready(database: Database, loaded: Loaded) -> list[Unready]:
    """Return what stands in the way of work: the database, its schema, Redis."""
    return [*_database(database), *_redis(loaded)]


def ready(problems: list[Unready]) -> dict[str, Any]:
    """Return the answer for these problems."""
    said = [each.said for each in problems]
    return {"status": "unready" if said else "ok", "problems": said}


def _database(database: Database) -> Iterator[Unready]:
    try:
        found = versions(database)
    except Exception as error:  # noqa: BLE001
        told = tell(error)
        yield Unready(f"database: {told.message.partition(':')[0]}", told.code)
        return
    if not found.equal:
        yield Unready(f"database: at {found.current}, needs {found.newest}", Exit.CONFIG)


def _redis(loaded: Loaded) -> Iterator[Unready]:
    import redis

    url = loaded.settings.limits_url
    if url is None:
        return
    patience = {"socket_connect_timeout": ANSWER_S, "socket_timeout": ANSWER_S}
    try:
        with redis.Redis.from_url(url, **patience) as client:
            client.ping()
    except redis.RedisError:
        yield Unready("redis: does not answer", Exit.UNREACHABLE)
