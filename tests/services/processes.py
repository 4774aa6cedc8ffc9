"""Servers the tests start for themselves: found on the machine, private, gone with the test run."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

PATIENCE = 30.0


def missing(service: str, *, remedy: str) -> NoReturn:
    """A laptop without the service skips; in CI (CI is set) its absence is a failure."""
    message = f"{service} is not on this machine; {remedy}"
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def wait_until(holds: Callable[[], bool], *, what: str, patience: float = PATIENCE) -> None:
    """Look again until it holds; say what never came true."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"after {patience:g} s: {what} did not come true", pytrace=False)
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: Path,
    user: str | None = None,
    environment: dict[str, str] | None = None,
    directory: Path | None = None,
    own_group: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it also ends if the test process dies.

    In a group of its own it can be killed with all its children, as ``killed`` does.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*_bound_to_us(user), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=directory,
            start_new_session=own_group,
        )
    try:
        yield process
    finally:
        _stop(process)


def killed(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 a process and its whole group: nothing of it gets to clean up."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _bound_to_us(user: str | None) -> list[str]:
    """`setpriv` sends a signal when the parent is gone and changes the user without a shell."""
    if not sys.platform.startswith("linux") or shutil.which("setpriv") is None:
        return []
    switch = [f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    return ["setpriv", "--pdeathsig", "KILL", *switch, "--"]


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
