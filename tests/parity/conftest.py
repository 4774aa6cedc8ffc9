"""Installations, and ``guestlist explain`` as a person types it, in this process."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from console.cli import cli
from sandbox.crm import CRM
from tests.console.conftest import installation
from tests.engine.conftest import Install, install, logged
from tests.engine.world import ADDRESSES, Installation
from tests.producers.conftest import Followed, followed

__all__ = ["Followed", "Install", "followed", "install", "installation", "logged"]


class Explain:
    """What ``guestlist explain RECORD`` says of a record of an installation."""

    def __call__(self, here: Installation, record: str) -> dict[str, Any]:
        """Return the one object it prints for programs."""
        told: dict[str, Any] = orjson.loads(self.said(here, "explain", record, "--json"))
        return told

    def aloud(self, here: Installation, record: str) -> str:
        """Return what it prints for people."""
        return self.said(here, "explain", record)

    def said(self, here: Installation, *line: str) -> str:
        """Return what any line of the command prints."""
        done = CliRunner().invoke(cli, line, obj=lambda _: here.services)
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture
def explained(installation: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Explain:
    environ = {
        "DEVELOPMENT": "true",
        "BROKER_URL": "memory://",
        "DATABASE_URL": database_url,
        "HUBSPOT_BASE_URL": ADDRESSES[CRM.HUBSPOT],
        "HUBSPOT_TOKEN": "not-asked-for",
        "SALESFORCE_LOGIN_URL": ADDRESSES[CRM.SALESFORCE],
        "SALESFORCE_CLIENT_ID": "not-asked-for",
        "SALESFORCE_CLIENT_SECRET": "not-asked-for",
    }
    for name, value in environ.items():
        monkeypatch.setenv(f"GUESTLIST_{name}", value)
    return Explain()
