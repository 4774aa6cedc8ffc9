"""The command against both CRMs as servers, SQLite, and workers as threads of this process."""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import orjson
import pytest
import requests
import structlog
from click.testing import CliRunner, Result

from console.cli import cli
from guestlist.engine.producer import enumerate_run
from guestlist.engine.services import Services
from guestlist.engine.sweep import sweep
from guestlist.engine.sync import sync
from sandbox.mount import Addresses, serve
from sandbox.seed import seed
from sandbox.world import World
from schemas.settings import Lane
from worker.reload import Current
from worker.settings import Loaded
from worker.wiring import build

CONTACTS = 120


class Workers:
    """Carries out what is published, on a thread, with the functions the Celery tasks call."""

    def __init__(self) -> None:
        self._asked: Queue[tuple[Any, ...]] = Queue()
        self._current: Current | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="workers", daemon=True)
        self.working = True
        self._rests = threading.Event()

    def sync(self, run_id: str, keys: Sequence[str], *, lane: Lane) -> None:
        self._asked.put((sync, run_id, [*keys]))

    def enumerate(self, run_id: str) -> None:
        self._asked.put((enumerate_run, run_id))

    def emptied(self) -> bool:
        return False

    def employ(self, loaded: Loaded) -> Services:
        """Build the command's services, with these workers at their end."""
        services = build(loaded, self)
        if self._current is None:
            self._current = Current(lambda: build(loaded, self))
            self._thread.start()
        return services

    def _run(self) -> None:
        assert self._current
        while not self._ended.is_set():
            if not self.working:
                self._rests.set()
                self._ended.wait(0.02)
                continue
            try:
                work, *arguments = self._asked.get(timeout=0.1)
            except Empty:
                sweep(self._current())
            else:
                work(self._current(), *arguments)

    def rest(self) -> None:
        """Let what is under way end, and take nothing more until ``working`` is set again."""
        self._rests.clear()
        self.working = False
        assert self._rests.wait(30)

    def end(self) -> None:
        self._ended.set()
        if self._current:
            self._thread.join()
            self._current().database.dispose()


@dataclass
class Console:
    """Runs command lines in an installation of its own, connected to a sandbox."""

    folder: Path
    world: World
    addresses: Addresses
    workers: Workers
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *line: str, input: str | None = None) -> Result:
        return CliRunner().invoke(cli, line, obj=self.workers.employ, input=input)

    def ok(self, *line: str) -> str:
        """Run a line that has to succeed, and return its standard output."""
        done = self(*line)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *line: str, code: int = 0) -> dict[str, Any]:
        """Return the one object that a line prints with ``--json``."""
        done = self(*line, "--json", "--yes")
        assert done.exit_code == code, done.output
        told: dict[str, Any] = orjson.loads(done.stdout)
        return told

    def fault(self, **rule: Any) -> None:
        """Let calls of a CRM go wrong from now on."""
        url = f"{self.addresses.hubspot}/sandbox/faults"
        answer = requests.post(url, json=rule, timeout=30)
        assert answer.status_code == 200, answer.text

    def field(self, place: str, state: str) -> None:
        """Put a field (``salesforce/Contact/Fax``) into a state, as an administrator would."""
        crm, type, name = place.split("/")
        url = f"{self.addresses.hubspot}/sandbox/{crm}/{type}/fields/{name}"
        answer = requests.put(url, json={"state": state}, timeout=30)
        assert answer.status_code == 200, answer.text

    def edit(self, record: str, **properties: str) -> None:
        """Edit a contact as a person in HubSpot would."""
        url = f"{self.addresses.hubspot}/sandbox/hubspot/contacts/update"
        body = {"id": record, "properties": properties}
        answer = requests.post(url, json=body, timeout=30)
        assert answer.status_code == 200, answer.text

    def insert(self, type: str, **fields: str) -> str:
        """Make a record in Salesforce past all its rules, and return its id."""
        url = f"{self.addresses.hubspot}/sandbox/salesforce/{type}/insert"
        answer = requests.post(url, json={"fields": fields, "bypass_rules": True}, timeout=30)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def delete_list(self, list_id: str) -> None:
        """Delete a list as a person in HubSpot would."""
        bearer = {"Authorization": f"Bearer {self.world.credentials.hubspot_user_token}"}
        url = f"{self.addresses.hubspot}/crm/v3/lists/{list_id}"
        answer = requests.delete(url, headers=bearer, timeout=30)
        assert answer.status_code == 204, answer.text

    def journal(self) -> list[Any]:
        """Return every write the CRMs accepted."""
        return self.addresses.listening.call(lambda: list(self.world.journal.entries))

    @property
    def inclusion(self) -> str:
        return str(self.world.landmarks["lists"]["inclusion"])

    def outside(self) -> str:
        """Return a contact with an e-mail address that is not in the inclusion list."""
        return self.addresses.listening.call(self._outside)

    def _outside(self) -> str:
        store = self.world.portal.store_of("contacts")
        return next(
            record.id
            for record in store.all_live()
            if not self.world.portal.membership(record.id)[self.inclusion].by_filter
            and store.value(record, "email")
        )

    def person(self, role: str) -> str:
        return str(self.world.landmarks["people"][role])


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to work in, and nothing set; what the command changed is put back."""
    ours = {name for name in os.environ if name.startswith("GUESTLIST_")}
    for name in (*ours, "GUESTLIST_CONFIG", "GUESTLIST_ENVIRONMENT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    yield tmp_path
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def console(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    world = World("console")
    seed(world, contacts=CONTACTS)
    workers = Workers()
    with serve(world) as addresses:
        environ = _environ(world, addresses)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        try:
            yield Console(installation, world, addresses, workers, environ)
        finally:
            workers.end()


@pytest.fixture
def chosen(console: Console) -> Console:
    """The same, with the inclusion list chosen."""
    console.json("list", "use", console.inclusion)
    return console


def _environ(world: World, addresses: Addresses) -> dict[str, str]:
    held = world.credentials
    return {
        "GUESTLIST_DEVELOPMENT": "true",
        "GUESTLIST_BROKER_URL": "memory://",
        "GUESTLIST_HUBSPOT_BASE_URL": addresses.hubspot,
        "GUESTLIST_HUBSPOT_TOKEN": held.hubspot_token,
        "GUESTLIST_SALESFORCE_LOGIN_URL": addresses.salesforce,
        "GUESTLIST_SALESFORCE_CLIENT_ID": held.salesforce_client_id,
        "GUESTLIST_SALESFORCE_CLIENT_SECRET": held.salesforce_client_secret,
        "GUESTLIST_GUARDS_SETTLE_S": "1",
        "GUESTLIST_RETRIES_FIRST_S": "0.2",
    }
