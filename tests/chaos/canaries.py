"""Whether anything that is nobody's business got where others read: logs, and the broker (I10)."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import redis

WORD = b"canary"
"""In every e-mail address, and in every value that people set."""


def in_logs(logs: Iterable[Path], words: Sequence[bytes]) -> Iterator[str]:
    """Yield what a process wrote that holds one of the words."""
    for log in logs:
        for number, line in enumerate(log.read_bytes().splitlines(), 1):
            if any(word in line for word in words):
                yield f"{log.name}:{number}: {line[:200].decode(errors='replace')}"


def in_redis(url: str, words: Sequence[bytes]) -> Iterator[str]:
    """Yield the keys whose values hold one of the words, in messages' bodies too."""
    try:
        with redis.Redis.from_url(url, socket_timeout=10) as client:
            for key in client.scan_iter(count=1000):
                values = b"\n".join(map(_plain, _values(client, key)))
                if any(word in values or word in key for word in words):
                    yield f"Redis: {key.decode(errors='replace')}"
    except redis.RedisError:
        return


def _values(client: Any, key: bytes) -> Iterable[bytes]:
    match client.type(key):
        case b"string":
            return [client.get(key) or b""]
        case b"list":
            return list(client.lrange(key, 0, -1))
        case b"hash":
            return [*client.hgetall(key).values()]
        case b"set":
            return list(client.smembers(key))
        case b"zset":
            return list(client.zrange(key, 0, -1))
        case _:
            return []


def _plain(value: bytes) -> bytes:
    """Return a value with the bodies of messages readable."""
    try:
        held = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    message = held[0] if isinstance(held, list) and held else held
    body = message.get("body", "") if isinstance(message, dict) else ""
    try:
        return value + base64.b64decode(str(body))
    except binascii.Error:
        return value
