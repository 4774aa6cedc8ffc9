"""The console on Flask's test client or on a port, both CRMs as servers, workers as threads."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from waitress import create_server
from werkzeug.test import TestResponse

from console.web.app import create_app
from console.web.credentials import digest, hash_password, new_token
from console.web.site import EXTENSION, Site
from guestlist.domain.role import Role
from guestlist.store import access, runs
from guestlist.store.runs import Run
from guestlist.store.schema import upgrade
from tests.console.conftest import Console, console, installation
from tests.services.processes import wait_until
from worker.settings import Loaded, load

__all__ = ["console", "installation"]

PASSWORD = "correct horse battery"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
ORIGIN = "http://localhost"


@dataclass
class Clock:
    """The time of day, and as far ahead of it as a test wants."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Web:
    """One console, and a browser without a screen that may sign in."""

    app: APIFlask
    console: Console
    loaded: Loaded
    clock: Clock
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    @property
    def site(self) -> Site:
        here: Site = self.app.extensions[EXTENSION]
        return here

    def now(self) -> datetime:
        return self.site.clock()

    def add_user(self, name: str, role: Role = Role.ADMIN) -> None:
        with self.site.database.begin() as conn:
            hashed = hash_password(PASSWORD)
            access.put_user(conn, name, role=role, password=hashed, who="test", now=self.now())

    def sign_in(self, name: str = "admin", role: Role = Role.ADMIN) -> None:
        self.add_user(name, role)
        answer = self.client.post(
            "/login", data={"name": name, "password": PASSWORD}, headers={"Origin": ORIGIN}
        )
        assert answer.status_code == 303, answer.text

    def token(self, role: Role = Role.ADMIN, name: str = "script") -> dict[str, str]:
        """Return the header of a new token."""
        token = new_token()
        with self.site.database.begin() as conn:
            access.add_token(
                conn, name, digest=digest(token), role=role, who="test", now=self.now()
            )
        return {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **how: Any) -> str:
        """Return a page that has to be there."""
        answer = self.client.get(path, **how)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer.text

    def csrf(self) -> str:
        found = CSRF.search(self.get("/"))
        assert found
        return found[1]

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form as a browser on our own page would."""
        data = {"csrf": self.csrf(), **form}
        return self.client.post(path, data=data, headers={"Origin": ORIGIN})

    def state(self) -> bytes:
        """Return every byte of the database's files."""
        path = self.loaded.settings.database_url.removeprefix("sqlite:///")
        files = (Path(f"{path}{suffix}") for suffix in ("", "-wal"))
        return b"".join(file.read_bytes() for file in files)

    def runs(self) -> list[Run]:
        with self.site.database.read() as conn:
            return runs.recent(conn)

    def ended(self, run_id: str) -> Run:
        """Return the run once it has ended."""

        def look() -> Run | None:
            with self.site.database.read() as conn:
                return runs.get(conn, run_id)

        def has_ended() -> bool:
            run = look()
            return run is not None and run.finished_at is not None

        wait_until(has_ended, what=f"the end of {run_id}")
        run = look()
        assert run
        return run

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve it on a port of its own, with the threads that read the world."""
        server: Any = create_server(self.app, host="127.0.0.1", port=0, threads=4)
        thread = Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.effective_port}"
        finally:
            server.close()
            server.trigger.close()
            thread.join(timeout=10)


def with_settings(web: Web, **changed: Any) -> Web:
    """Return the same console under other ``[console]`` settings."""
    settings = web.loaded.settings
    loaded = replace(
        web.loaded, settings=replace(settings, console=replace(settings.console, **changed))
    )
    return Web(create_app(loaded, web.site.services), web.console, loaded, web.clock)


@pytest.fixture
def web(console: Console) -> Iterator[Web]:
    """A console with no list chosen and nobody signed in."""
    loaded = load(os.environ, directory=console.folder)
    loaded.settings.state_dir.mkdir(exist_ok=True)
    upgrade(loaded.settings.database_url)
    clock = Clock()
    services = replace(console.workers.employ(loaded), clock=clock)
    yield Web(create_app(loaded, services), console, loaded, clock)
    services.database.dispose()


@pytest.fixture
def admin(web: Web) -> Web:
    """The same, signed in as an admin, with the inclusion list chosen."""
    web.console.json("list", "use", web.console.inclusion)
    web.sign_in()
    return web
