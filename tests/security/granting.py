"""An app of HubSpot's sandbox, a person in a browser, and the database's every byte."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from sandbox.hubspot.oauth import OAuthApp
from tests.console.conftest import Console
from tests.services.processes import free_port, wait_until

SCOPES = [
    "oauth",
    "crm.lists.read",
    "crm.lists.write",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.owners.read",
    "crm.schemas.contacts.read",
]


class App:
    """A public app of the sandbox, and an installation that is to be connected by it."""

    def __init__(self, console: Console, monkeypatch: Any, *, scopes: list[str] = SCOPES) -> None:
        self.console = console
        self.port = free_port()
        self.app = OAuthApp(
            "client-1",
            "app-secret-of-ours",
            "guestlist",
            redirect_uri=f"http://localhost:{self.port}/callback",
            scopes=scopes,
        )
        console.world.portal.oauth_apps["client-1"] = self.app
        monkeypatch.delenv("GUESTLIST_HUBSPOT_TOKEN")
        monkeypatch.setenv("GUESTLIST_HUBSPOT_CLIENT_ID", "client-1")
        monkeypatch.setenv("GUESTLIST_HUBSPOT_CLIENT_SECRET", "app-secret-of-ours")

    def connect(self, *more: str, visit: Any = None) -> Any:
        """Connect by the command, with somebody who approves in the browser meanwhile."""
        came: list[requests.Response] = []
        seen = threading.Event()

        def browse() -> None:
            state = wait_for_state(self)
            came.append((visit or self.approve)(state))
            seen.set()

        person = threading.Thread(target=browse, daemon=True)
        person.start()
        done = self.console("connect", "hubspot", "--oauth", "--port", str(self.port), *more)
        person.join(30)
        return done

    def approve(self, address: str) -> requests.Response:
        return requests.get(address, timeout=30)

    def tokens(self) -> list[str]:
        """Every token that HubSpot ever gave."""
        return [*self.app.refresh_tokens, *self.console.world.portal.access_tokens]


SHOWN: list[str] = []
"""Addresses that were shown to people."""


def wait_for_state(app: App) -> str:
    """Return the address that is shown to the person, as soon as somebody listens."""
    wait_until(lambda: bool(SHOWN) and _listens(app.port), what="the address to approve at")
    return SHOWN.pop()


def _listens(port: int) -> bool:
    try:
        return requests.get(f"http://localhost:{port}/elsewhere", timeout=5).status_code == 404
    except requests.ConnectionError:
        return False


@contextmanager
def watching(monkeypatch: Any) -> Iterator[None]:
    """Remember the addresses that ``connect --oauth`` shows, as a person would read them."""
    from console.printer import Printer

    say = Printer.say

    def listening(printer: Printer, words: str) -> None:
        SHOWN.extend(re.findall(r"http\S+/oauth/authorize\S+", words))
        say(printer, words)

    SHOWN.clear()
    monkeypatch.setattr(Printer, "say", listening)
    yield
    SHOWN.clear()


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def every_byte(folder: Path) -> bytes:
    """Return all that is in the database's files, the write-ahead log included."""
    files = [path for path in (folder / "state").glob("guestlist.db*") if path.is_file()]
    assert files
    return b"".join(path.read_bytes() for path in files)
