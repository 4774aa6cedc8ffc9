"""A whole installation as real processes: Redis, the sandbox, workers and beat; to be killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
import requests

from tests.services.processes import killed, running, wait_until
from tests.services.redis_server import RedisServer, running_redis

ROOT = Path(__file__).parents[2]
QUICK = {
    "GUESTLIST_FLOW_LEASE_S": "4",
    "GUESTLIST_FLOW_DISPATCH_AFTER_S": "2",
    "GUESTLIST_RETRIES_FIRST_S": "0.5",
    "GUESTLIST_RETRIES_CAP_S": "2",
    "GUESTLIST_GUARDS_SETTLE_S": "1",
}
"""What a killed process leaves behind is found again within seconds."""
NARROW = {
    "GUESTLIST_LANES_BULK_WIDTH": "10",
    "GUESTLIST_HUBSPOT_BURST_PER_10S": "2000",
}
"""Many small batches, and no limit to wait for."""
THREADS = ("--pool", "threads", "--concurrency", "4")
CHILDREN = ("--pool", "prefork", "--concurrency", "2")


class Stage:
    """The processes by name, and how each is started again."""

    def __init__(self, folder: Path, environ: Mapping[str, str], stack: ExitStack) -> None:
        self.folder = folder
        self.environ = dict(environ)
        self.sandbox: dict[str, Any] = {}
        """The sandbox's first line: addresses, credentials, landmarks."""
        self._stack = stack
        self._redis: RedisServer | None = None
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, Sequence[str]] = {}

    # --- processes ----------------------------------------------------------------------------

    def start_redis(self) -> None:
        """Start it empty, on the port of the one before if there was one."""
        port = self._redis.port if self._redis else None
        self._redis = self._stack.enter_context(running_redis(self.folder, port=port))
        self.environ["GUESTLIST_BROKER_URL"] = self._redis.url

    def kill_redis(self) -> None:
        """Kill -9 it: it writes nothing to disk, so all it held is gone."""
        assert self._redis
        self._redis.process.kill()
        self._redis.process.wait()

    def start_sandbox(self, *options: str) -> None:
        self._run("sandbox", [sys.executable, "-m", "sandbox", *options])
        wait_until(lambda: self.log("sandbox").endswith("\n"), what="the sandbox's first line")
        self.sandbox = json.loads(self.log("sandbox").splitlines()[0])
        self.environ |= {
            "GUESTLIST_DEVELOPMENT": "true",
            "GUESTLIST_HUBSPOT_BASE_URL": self.sandbox["hubspot"],
            "GUESTLIST_HUBSPOT_TOKEN": self.sandbox["hubspot_token"],
            "GUESTLIST_SALESFORCE_LOGIN_URL": self.sandbox["salesforce"],
            "GUESTLIST_SALESFORCE_CLIENT_ID": self.sandbox["salesforce_client_id"],
            "GUESTLIST_SALESFORCE_CLIENT_SECRET": self.sandbox["salesforce_client_secret"],
        }

    def celery(self, name: str, *line: str) -> None:
        """Start ``celery -A worker ...`` as anybody in the field would."""
        self._run(name, [sys.executable, "-m", "celery", "-A", "worker", *line])

    def worker(self, name: str, *pool: str) -> None:
        self.celery(name, "worker", "--hostname", f"{name}@stage", *pool)

    def kill(self, name: str) -> None:
        """Kill -9 a process with its children."""
        killed(self._running[name])

    def kill_child(self, name: str) -> None:
        """Kill -9 one child of a prefork worker; its parent lives on."""
        wait_until(lambda: bool(self._children(name)), what=f"a child of {name}")
        os.kill(self._children(name)[-1], signal.SIGKILL)

    def restart(self, name: str) -> None:
        self._run(name, self._commands[name])

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _children(self, name: str) -> list[int]:
        tasks = Path(f"/proc/{self._running[name].pid}/task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text().split()]

    def _run(self, name: str, command: Sequence[str]) -> None:
        self._commands[name] = command
        self._running[name] = self._stack.enter_context(
            running(
                command,
                log=self.folder / f"{name}.log",
                environment=self.environ,
                directory=self.folder,
                own_group=True,
            )
        )

    # --- the command and the sandbox's control -------------------------------------------------

    def guestlist(self, *line: str, code: int = 0) -> dict[str, Any]:
        """Run a command line; the one object it prints."""
        done = subprocess.run(
            [sys.executable, "-c", "from console.cli import main; main()", *line, "--json"],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        told: dict[str, Any] = orjson.loads(done.stdout)
        return told

    def slow_down(self, crm: str, seconds: float) -> None:
        """Let every call of a CRM take so long."""
        rule = {"crm": crm, "kind": "delay", "seconds": seconds}
        answer = requests.post(f"{self.sandbox[crm]}/sandbox/faults", json=rule, timeout=30)
        assert answer.status_code == 200, answer.text

    def hurry(self) -> None:
        """End all slowing down."""
        answer = requests.delete(f"{self.sandbox['hubspot']}/sandbox/faults", timeout=30)
        assert answer.status_code == 200, answer.text

    def journal(self) -> list[dict[str, Any]]:
        """Every write of ours that a CRM accepted."""
        return self._lines("hubspot", "journal?caller=guestlist")

    def records(self, type: str) -> list[dict[str, Any]]:
        """The Salesforce records of a type."""
        return self.rows("salesforce", type)

    def rows(self, crm: str, type: str) -> list[dict[str, Any]]:
        """The records of a type in a CRM."""
        return self._lines(crm, f"{crm}/{type}/records")

    def _lines(self, crm: str, route: str) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.sandbox[crm]}/sandbox/{route}", timeout=30)
        assert answer.status_code == 200, answer.text
        return [orjson.loads(line) for line in answer.content.splitlines()]


@contextmanager
def stage(folder: Path, database_url: str, **more: str) -> Iterator[Stage]:
    """Give an installation in *folder*; nothing runs yet."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("GUESTLIST_")
    }
    environ = {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "GUESTLIST_DATABASE_URL": database_url,
        "GUESTLIST_STATE_DIR": str(folder / "state"),
        "GUESTLIST_PROBE_DIR": str(folder / "probes"),
        **more,
    }
    with ExitStack() as stack:
        yield Stage(folder, environ, stack)
