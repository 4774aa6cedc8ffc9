"""Wrong things, put into every door."""

from tests.console.conftest import chosen, console, installation
from tests.web.conftest import admin, web
from tests.web.test_webhooks import hooked

__all__ = ["admin", "chosen", "console", "hooked", "installation", "web"]
