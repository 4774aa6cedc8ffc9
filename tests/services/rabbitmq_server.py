"""A private RabbitMQ on loopback, with a state of its own that is gone after the test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import kombu
from kombu.exceptions import OperationalError

from tests.services.processes import free_port, missing, running, wait_until

SCRIPT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Debian's; the one on PATH there wants to be its service's own user."""
START_S = 90.0
"""Erlang takes its time on a busy machine."""


@dataclass(frozen=True, slots=True)
class RabbitServer:
    url: str
    port: int


def rabbit_binary() -> str | None:
    return str(SCRIPT) if SCRIPT.exists() else shutil.which("rabbitmq-server")


@contextmanager
def running_rabbit(directory: Path) -> Iterator[RabbitServer]:
    """Start one in *directory*, and the name server of Erlang beside it."""
    binary, names = rabbit_binary(), shutil.which("epmd")
    if binary is None or names is None:
        missing("RabbitMQ", remedy="install rabbitmq-server")
    port, names_port = free_port(), free_port()
    environment = _environment(directory, port=port, names_port=names_port)
    epmd = [names, "-address", "127.0.0.1", "-port", str(names_port)]
    with (
        running(epmd, log=directory / "epmd.log"),
        running([binary], log=directory / "rabbitmq.log", environment=environment) as process,
    ):
        url = f"amqp://guest:guest@127.0.0.1:{port}//"

        def answers() -> bool:
            assert process.poll() is None, "RabbitMQ ended at once; see rabbitmq.log"
            return _answers(url)

        wait_until(answers, what=f"RabbitMQ on port {port}", patience=START_S)
        yield RabbitServer(url, port)


def _environment(directory: Path, *, port: int, names_port: int) -> dict[str, str]:
    (directory / "enabled_plugins").write_text("[].\n")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(names_port),
        "RABBITMQ_NODENAME": f"guestlist{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
        "RABBITMQ_LOG_BASE": str(directory / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        "RABBITMQ_CONF_ENV_FILE": str(directory / "none.conf"),
        "RABBITMQ_CONFIG_FILE": str(directory / "none"),
    }


def _answers(url: str) -> bool:
    try:
        with kombu.Connection(url, connect_timeout=2) as connection:
            connection.connect()
            return True
    except (OSError, OperationalError):
        return False
