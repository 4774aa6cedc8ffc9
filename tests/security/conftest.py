"""Rows S1 to S24 of docs/security.md; each test begins with the id of the row it proves."""

from tests.connectors.conftest import hubspot_at, limiter, salesforce_at
from tests.console.conftest import chosen, console, installation
from tests.engine.conftest import install, logged
from tests.web.conftest import admin, web

__all__ = [
    "admin",
    "chosen",
    "console",
    "hubspot_at",
    "install",
    "installation",
    "limiter",
    "logged",
    "salesforce_at",
    "web",
]
