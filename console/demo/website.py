"""The console of a demo that stays up."""

import re
import socket
import sys
import urllib.error
import urllib.request
from typing import NamedTuple

from console.demo.stage import Stage

PORT = 8080
"""Tried first: the one of an installation; any free one otherwise."""
PATIENCE_S = 30.0
_RUN = "from console.cli import main; main()"
_TOLD = re.compile(r"^user (\S+), password (\S+)$", re.MULTILINE)


class Website(NamedTuple):
    """Where it is, and how to get in."""

    url: str
    user: str
    password: str


def open_website(stage: Stage) -> Website:
    """Serve the console, and return the password it made up."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    part = stage.processes.start("web", [sys.executable, "-c", _RUN, "web", "--port", str(port)])
    stage.processes.wait_until(lambda: _answers(url), what="the console", patience=PATIENCE_S)
    told = _TOLD.search(part.log.read_text(encoding="utf-8"))
    user, password = told.groups() if told else ("admin", "(see the log)")
    return Website(url, user, password)


def _free_port() -> int:
    for port in (PORT, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    return PORT


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:  # noqa: S310 # nosec B310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
